/** What the visitor agrees to: a quiet line in text mode, a question with a button before a call. */

import { linkAddress } from "../address";
import type { PublicProfile } from "../contract";
import type { LiveMode } from "../state";
import { Icon } from "./Icon";

type Consent = PublicProfile["consent"];

export function ConsentLine({ consent }: { consent: Consent }) {
  return (
    <p class="consent-line" dir="auto">
      {consent.text} <Privacy consent={consent} />
    </p>
  );
}

interface Props {
  mode: LiveMode;
  consent: Consent;
  name: string;
  onStart(): void;
  onText(): void;
}

export function CallConsent({ mode, consent, name, onStart, onText }: Props) {
  return (
    <div class="ask-consent">
      <span class="medal">
        <Icon name={mode === "video" ? "video" : "microphone"} />
      </span>
      <h3>{mode === "video" ? `Talk with ${name} face to face` : `Talk with ${name}`}</h3>
      <ul>
        <li>
          <Icon name="microphone" />
          {mode === "video" ? "Your microphone is used. Your camera stays off." : "Your microphone is used."}
        </li>
        <li>
          <Icon name="text" />
          You can type instead of speaking, and end at any time.
        </li>
        <li>
          <Icon name="shield" />
          <span>
            {consent.text} <Privacy consent={consent} />
          </span>
        </li>
      </ul>
      <button type="button" class="button primary" onClick={onStart}>
        Agree and start the call
      </button>
      <button type="button" class="button quiet" onClick={onText}>
        Continue in text
      </button>
    </div>
  );
}

function Privacy({ consent }: { consent: Consent }) {
  const address = linkAddress(consent.privacyUrl);
  return address ? (
    <a href={address} target="_blank" rel="noopener noreferrer">
      Privacy
    </a>
  ) : null;
}

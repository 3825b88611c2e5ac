/** What the visitor agrees to: a quiet line in text mode, a question with a button before a call. */

import { linkAddress } from "../address";
import type { PublicProfile } from "../contract";
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
  consent: Consent;
  name: string;
  onStart(): void;
  onText(): void;
}

export function CallConsent({ consent, name, onStart, onText }: Props) {
  return (
    <div class="ask-consent">
      <span class="medal">
        <Icon name="video" />
      </span>
      <h3>Talk with {name} face to face</h3>
      <ul>
        <li>
          <Icon name="microphone" />
          Your microphone is used. Your camera stays off.
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

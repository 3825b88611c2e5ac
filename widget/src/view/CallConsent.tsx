/** What the visitor agrees to before a call: a question with a button. */

import type { PublicProfile } from "../contract";
import { fill } from "../locale";
import type { LiveMode } from "../state";
import { Privacy } from "./Consent";
import { Icon } from "./Icon";
import { useWords } from "./locale";

interface Props {
  mode: LiveMode;
  consent: PublicProfile["consent"];
  name: string;
  /** The language of `consent.text`, where it is not the interface's. */
  lang: string | undefined;
  onStart(): void;
  onText(): void;
}

export function CallConsent({ mode, consent, name, lang, onStart, onText }: Props) {
  const words = useWords();
  return (
    <div class="ask-consent">
      <span class="medal">
        <Icon name={mode === "video" ? "video" : "microphone"} />
      </span>
      <h3>{fill(mode === "video" ? words.faceToFace : words.talkWith, { name })}</h3>
      <ul>
        <li>
          <Icon name="microphone" />
          {mode === "video" ? words.usesMicrophoneOnly : words.usesMicrophone}
        </li>
        <li>
          <Icon name="text" />
          {words.mayType}
        </li>
        <li>
          <Icon name="shield" />
          <span dir="auto">
            <span lang={lang}>{consent.text}</span> <Privacy consent={consent} />
          </span>
        </li>
      </ul>
      <button type="button" class="button primary" onClick={onStart}>
        {words.agree}
      </button>
      <button type="button" class="button quiet" onClick={onText}>
        {words.continueInText}
      </button>
    </div>
  );
}

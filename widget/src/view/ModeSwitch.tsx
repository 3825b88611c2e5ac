/** The modes that the company offers, in any direction and at any time. */

import type { Mode } from "../contract";
import { Icon, type IconName } from "./Icon";
import { useWords } from "./locale";

const ICONS: Record<Mode, IconName> = { text: "text", tts: "sound", voice: "microphone", video: "video" };

interface Props {
  modes: Mode[];
  mode: Mode;
  onChoose(mode: Mode): void;
}

export function ModeSwitch({ modes, mode, onChoose }: Props) {
  const words = useWords();
  return (
    <div class="modes" part="modes" role="group" aria-label={words.mode}>
      {modes.map((each) => (
        <button key={each} type="button" class="mode" aria-pressed={each === mode} onClick={() => onChoose(each)}>
          <Icon name={ICONS[each]} />
          <span>{words[each]}</span>
        </button>
      ))}
    </div>
  );
}

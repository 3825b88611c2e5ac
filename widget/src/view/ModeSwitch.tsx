/** Text or video: only what the company offers and this widget can play. */

import type { PlayableMode } from "../state";
import { Icon } from "./Icon";

const WORDS: Record<PlayableMode, string> = { text: "Text", video: "Video" };

interface Props {
  modes: PlayableMode[];
  mode: PlayableMode;
  onChoose(mode: PlayableMode): void;
}

export function ModeSwitch({ modes, mode, onChoose }: Props) {
  return (
    <div class="modes" role="group" aria-label="Mode">
      {modes.map((each) => (
        <button key={each} type="button" class="mode" aria-pressed={each === mode} onClick={() => onChoose(each)}>
          <Icon name={each} />
          {WORDS[each]}
        </button>
      ))}
    </div>
  );
}

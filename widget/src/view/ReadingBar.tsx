/** In the mode that reads answers aloud: what it does, stop or once more, how fast, and quiet for a while. */

import type { Conversation } from "../conversation";
import { type Reading, SPEEDS } from "../state";
import { Icon } from "./Icon";
import { useWords } from "./locale";

interface Props {
  reading: Reading;
  /** Whether there is an answer to be read again. */
  answered: boolean;
  conversation: Conversation;
}

export function ReadingBar({ reading, answered, conversation }: Props) {
  const words = useWords();
  const { turn, muted, speed } = reading;
  return (
    <div class="reading" data-reading={turn !== null}>
      <span class="waves" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <p>{muted ? words.answersQuiet : turn ? words.reading : words.answersRead}</p>
      {turn ? (
        <button type="button" class="tool small" aria-label={words.stopReading} title={words.stopReading} onClick={() => conversation.reading.hush()}>
          <Icon name="stop" filled />
        </button>
      ) : (
        answered && (
          <button type="button" class="tool small" aria-label={words.readAgain} title={words.readAgain} onClick={() => conversation.reading.readLast()}>
            <Icon name="restart" />
          </button>
        )
      )}
      <select
        aria-label={words.speed}
        title={words.speed}
        value={speed}
        onChange={(event) => conversation.reading.setSpeed(Number(event.currentTarget.value))}
      >
        {SPEEDS.map((each) => (
          <option key={each} value={each}>
            {each.toLocaleString(conversation.state.locale.tag)}×
          </option>
        ))}
      </select>
      <button
        type="button"
        class="tool small"
        aria-pressed={muted}
        aria-label={words.mute}
        title={muted ? words.unmute : words.mute}
        onClick={() => conversation.reading.toggle()}
      >
        <Icon name={muted ? "silent" : "sound"} />
      </button>
    </div>
  );
}

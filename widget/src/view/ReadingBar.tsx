/** In the mode that reads answers aloud: what it does, stop, and quiet for a while. */

import type { Conversation } from "../conversation";
import type { Reading } from "../state";
import { Icon } from "./Icon";

export function ReadingBar({ reading, conversation }: { reading: Reading; conversation: Conversation }) {
  const { turn, muted } = reading;
  return (
    <div class="reading" data-reading={turn !== null}>
      <span class="waves" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <p>{muted ? "Answers are not read aloud" : turn ? "Reading aloud" : "Answers are read aloud"}</p>
      {turn && (
        <button type="button" class="tool small" aria-label="Stop reading" title="Stop" onClick={() => conversation.stop()}>
          <Icon name="stop" filled />
        </button>
      )}
      <button
        type="button"
        class="tool small"
        aria-pressed={muted}
        aria-label="Mute"
        title={muted ? "Read aloud again" : "Mute"}
        onClick={() => conversation.toggleReading()}
      >
        <Icon name={muted ? "silent" : "sound"} />
      </button>
    </div>
  );
}

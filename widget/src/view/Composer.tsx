/** One box: Enter sends, Shift+Enter breaks the line, and while an answer comes the button stops it. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { LONGEST_QUESTION } from "../conversation";
import { Icon } from "./Icon";

/** So many characters before the limit the visitor is told about it. */
const COUNTED_FROM = 200;

interface Props {
  placeholder: string;
  answering: boolean;
  onTyping(): void;
  onSend(text: string): void;
  onStop(): void;
}

export function Composer({ placeholder, answering, onTyping, onSend, onStop }: Props) {
  const [text, setText] = useState("");
  const box = useRef<HTMLTextAreaElement>(null);

  useLayoutEffect(() => {
    const area = box.current;
    if (!area || CSS.supports("field-sizing", "content")) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  }, [text]);

  const left = LONGEST_QUESTION - text.trim().length;
  const sendable = text.trim() !== "" && left >= 0;

  const send = () => {
    if (!sendable || answering) return;
    onSend(text);
    setText("");
    box.current?.focus();
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={box}
        rows={1}
        aria-invalid={left < 0}
        dir="auto"
        enterkeyhint="send"
        aria-label={placeholder}
        placeholder={placeholder}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          onTyping();
        }}
        onKeyDown={(event) => {
          // An input method uses Enter to choose a word.
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      {left <= COUNTED_FROM && (
        <span class={left < 0 ? "count over" : "count"} role="status">
          {left} <span class="unseen">characters left</span>
        </span>
      )}
      {answering ? (
        <button type="button" class="send" aria-label="Stop answering" onClick={onStop}>
          <Icon name="stop" filled />
        </button>
      ) : (
        <button type="submit" class="send" aria-label="Send" aria-disabled={!sendable}>
          <Icon name="send" />
        </button>
      )}
    </form>
  );
}

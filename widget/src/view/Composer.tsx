/** One box: Enter sends, Shift+Enter breaks the line, and while an answer comes the button stops it. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { LONGEST_QUESTION } from "../conversation";
import { Icon } from "./Icon";

interface Props {
  placeholder: string;
  answering: boolean;
  onSend(text: string): void;
  onStop(): void;
}

export function Composer({ placeholder, answering, onSend, onStop }: Props) {
  const [text, setText] = useState("");
  const box = useRef<HTMLTextAreaElement>(null);

  useLayoutEffect(() => {
    const area = box.current;
    if (!area || CSS.supports("field-sizing", "content")) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  }, [text]);

  const send = () => {
    if (!text.trim() || answering) return;
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
        maxLength={LONGEST_QUESTION}
        dir="auto"
        enterkeyhint="send"
        aria-label={placeholder}
        placeholder={placeholder}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          // An input method uses Enter to choose a word.
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      {answering ? (
        <button type="button" class="send" aria-label="Stop answering" onClick={onStop}>
          <Icon name="stop" filled />
        </button>
      ) : (
        <button type="submit" class="send" aria-label="Send" aria-disabled={!text.trim()}>
          <Icon name="send" />
        </button>
      )}
    </form>
  );
}

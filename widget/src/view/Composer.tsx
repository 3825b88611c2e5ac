/** One box: Enter sends, Shift+Enter breaks the line, and while an answer comes the button stops it. */

import { useContext, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { LONGEST_QUESTION } from "../conversation";
import { counted } from "../locale";
import { Icon } from "./Icon";
import { LocaleContext, useWords } from "./locale";

/** So many characters before the limit the visitor is told about it. */
const COUNTED_FROM = 200;
/** A screen reader says how many are left when one of these is passed, not at each key. */
const TOLD_AT = [0, 10, 20, 50, 100, COUNTED_FROM];

interface Props {
  placeholder: string;
  answering: boolean;
  onTyping(): void;
  onSend(text: string): void;
  onStop(): void;
}

export function Composer({ placeholder, answering, onTyping, onSend, onStop }: Props) {
  const words = useWords();
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
    const area = box.current;
    // What stands in the box, which may be newer than what was drawn: dictation and scripts are faster than a frame.
    const typed = area?.value.trim() ?? "";
    if (answering || typed === "" || typed.length > LONGEST_QUESTION) return;
    onSend(typed);
    setText("");
    if (area) area.value = "";
    area?.focus();
  };

  return (
    <form
      class="composer"
      part="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={box}
        rows={1}
        aria-invalid={left < 0}
        dir={text ? "auto" : undefined} // the placeholder runs as the interface does
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
      {left <= COUNTED_FROM && <Count left={left} />}
      {answering ? (
        <button type="button" class="send" aria-label={words.stopAnswering} onClick={onStop}>
          <Icon name="stop" filled />
        </button>
      ) : (
        <button type="submit" class="send" aria-label={words.send} aria-disabled={!sendable}>
          <Icon name="send" />
        </button>
      )}
    </form>
  );
}

function Count({ left }: { left: number }) {
  const locale = useContext(LocaleContext);
  const { charactersLeft, charactersOver } = locale.words;
  const over = left < 0;
  const passed = over ? "over" : TOLD_AT.find((mark) => left <= mark);
  const told = useMemo(() => counted(over ? charactersOver : charactersLeft, Math.abs(left), locale), [passed, locale]);
  return (
    <>
      <span class={over ? "count over" : "count"} aria-hidden="true">
        {left.toLocaleString(locale.tag)}
      </span>
      <span class="unseen" role="status">
        {told}
      </span>
    </>
  );
}

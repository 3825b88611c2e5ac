/** The visitor's own words. A long text is cut after some lines until one asks for the rest. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { useWords } from "./locale";

export function Visitor({ text }: { text: string }) {
  const words = useWords();
  const said = useRef<HTMLParagraphElement>(null);
  const [long, setLong] = useState(false);
  const [whole, setWhole] = useState(false);

  useLayoutEffect(() => {
    const shown = said.current;
    if (shown && !whole) setLong(shown.scrollHeight > shown.clientHeight + 1);
  }, [text]);

  if (!text) {
    return (
      <div class="visitor speaking" role="img" aria-label={words.speakingNow}>
        <i />
        <i />
        <i />
      </div>
    );
  }
  return (
    <div class="visitor" part="question">
      <p ref={said} class={whole ? undefined : "clamped"} dir="auto">
        {text}
      </p>
      {long && (
        <button type="button" class="more" aria-expanded={whole} onClick={() => setWhole(!whole)}>
          {whole ? words.showLess : words.showMore}
        </button>
      )}
    </div>
  );
}

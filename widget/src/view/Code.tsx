/** Code of an answer: as wide as it is, with its language and a way to take it along. */

import { useCopy } from "./copy";
import { Icon } from "./Icon";
import { useWords } from "./locale";

export function Code({ text, language }: { text: string; language: string }) {
  const words = useWords();
  const { possible, copied, copy } = useCopy();
  return (
    <figure class="code" dir="ltr">
      <figcaption>
        <span>{language || words.code}</span>
        {possible && (
          <button type="button" class="tool small" aria-label={copied ? words.copied : words.copyCode} title={words.copyCode} onClick={() => copy(text)}>
            <Icon name={copied ? "check" : "copy"} />
          </button>
        )}
      </figcaption>
      <pre tabIndex={0} role="region" aria-label={words.code}>
        <code>{text}</code>
      </pre>
    </figure>
  );
}

/** First questions, one press each, while nothing has been said. */

import { useWords } from "./locale";

export function Starters({ starters, onChoose }: { starters: readonly string[]; onChoose(starter: string): void }) {
  const words = useWords();
  return (
    <ul class="starters" aria-label={words.suggestions}>
      {starters.map((starter) => (
        <li key={starter}>
          <button type="button" class="starter" dir="auto" onClick={() => onChoose(starter)}>
            {starter}
          </button>
        </li>
      ))}
    </ul>
  );
}

/** First questions, one press each, while nothing has been said. */

export function Starters({ starters, onChoose }: { starters: readonly string[]; onChoose(starter: string): void }) {
  return (
    <ul class="starters" aria-label="Suggested questions">
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

/** First questions, one press each, while nothing has been said. */

import type { PublicProfile } from "../contract";
import { useForeign, useWords } from "./locale";

export function Starters({ profile, onChoose }: { profile: PublicProfile; onChoose(starter: string): void }) {
  const words = useWords();
  const foreign = useForeign(profile);
  return (
    <ul class="starters" aria-label={words.suggestions}>
      {profile.starters.map((starter) => (
        <li key={starter} lang={foreign}>
          <button type="button" class="starter" dir="auto" onClick={() => onChoose(starter)}>
            {starter}
          </button>
        </li>
      ))}
    </ul>
  );
}

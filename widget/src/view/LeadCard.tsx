/** The visitor's contact data exactly as it was stored. */

import type { LeadCard } from "../contract";
import { Icon } from "./Icon";
import { useWords } from "./locale";

export function LeadCardView({ card }: { card: LeadCard }) {
  const words = useWords();
  return (
    <div class="card action">
      <span class="medal small good">
        <Icon name="check" />
      </span>
      <p>
        <b>{words.saved}</b>
        <span dir="auto">{[card.name, card.company, card.email].filter(Boolean).join(" · ")}</span>
      </p>
    </div>
  );
}

/** The visitor's contact data exactly as it was stored. */

import type { LeadCard } from "../contract";
import { Icon } from "./Icon";

export function LeadCardView({ card }: { card: LeadCard }) {
  return (
    <div class="card action">
      <span class="medal small good">
        <Icon name="check" />
      </span>
      <p>
        <b>Your details are saved</b>
        <span dir="auto">{[card.name, card.company, card.email].filter(Boolean).join(" · ")}</span>
      </p>
    </div>
  );
}

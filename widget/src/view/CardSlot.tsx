/** Where a card stands: a quiet box until the code that draws cards is here. */

import type { Card } from "../contract";
import type { Conversation } from "../conversation";
import { usePart } from "./lazy";

export const loadCards = () => import("./Card");

export function CardSlot({ card, conversation }: { card: Card; conversation: Conversation }) {
  const cards = usePart(loadCards, true);
  return cards ? <cards.CardView card={card} conversation={conversation} /> : <div class="coming" />;
}

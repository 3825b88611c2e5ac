/** One card of any kind. */

import type { Card, MeetingCard } from "../contract";
import { ClipCardView } from "./ClipCard";
import { ImageCardView } from "./ImageCard";
import { LeadCardView } from "./LeadCard";
import { MeetingCardView } from "./MeetingCard";
import { SourceRows } from "./SourceChips";

export function CardView({ card, onMeeting }: { card: Card; onMeeting(card: MeetingCard): void }) {
  switch (card.kind) {
    case "image":
      return <ImageCardView card={card} />;
    case "clip":
      return <ClipCardView card={card} />;
    case "sources":
      return <SourceRows citations={card.citations} />;
    case "meeting":
      return <MeetingCardView card={card} onOpen={() => onMeeting(card)} />;
    case "lead":
      return <LeadCardView card={card} />;
  }
}

/** One card of any kind, and the letter. They come with the first one that is shown. */

import type { Card } from "../contract";
import type { Conversation } from "../conversation";
import { ClipCardView } from "./ClipCard";
import { ConfirmCardView } from "./ConfirmCard";
import { ContactCardView } from "./ContactCard";
import { ImageCardView } from "./ImageCard";
import { LeadCardView } from "./LeadCard";
import { MeetingCardView } from "./MeetingCard";
import { sheetOf } from "./lazy";
import { SourceRows } from "./SourceChips";
import adapt from "./style/adapt.css";
import cards from "./style/cards.css";
import forms from "./style/forms.css";

export { LetterForm } from "./LetterForm";

/** Adopted after the panel's own sheet, so what adapts must come once more to have the last word. */
export const sheet = sheetOf(cards + forms + adapt);

export function CardView({ card, conversation }: { card: Card; conversation: Conversation }) {
  switch (card.kind) {
    case "image":
      return <ImageCardView card={card} />;
    case "clip":
      return <ClipCardView card={card} />;
    case "sources":
      return <SourceRows citations={card.citations} />;
    case "meeting":
      return <MeetingCardView card={card} company={conversation.state.profile?.displayName ?? ""} onOpen={() => conversation.meetingOpened(card)} />;
    case "lead":
      return <LeadCardView card={card} />;
    case "confirm":
      return <ConfirmCardView card={card} conversation={conversation} />;
    case "contact":
      return <ContactCardView card={card} />;
  }
}

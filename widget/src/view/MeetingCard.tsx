/** A booking page with the visitor's data filled in, one press away. */

import { hostOf } from "../address";
import type { MeetingCard } from "../contract";
import { fill } from "../locale";
import { Icon } from "./Icon";
import { useWords } from "./locale";

export function MeetingCardView({ card, company, onOpen }: { card: MeetingCard; company: string; onOpen(): void }) {
  const words = useWords();
  if (!card.url) return null;
  return (
    <div class="card action">
      <span class="medal small">
        <Icon name="calendar" />
      </span>
      <p>
        <b>{fill(words.bookMeeting, { name: company })}</b>
        <span>{hostOf(card.url)}</span>
      </p>
      <a class="button primary small" href={card.url} target="_blank" rel="noopener noreferrer" onClick={onOpen}>
        {words.chooseTime}
      </a>
    </div>
  );
}

/** Ways to reach a person of the company. */

import { hostOf } from "../address";
import type { ContactCard } from "../contract";
import { Icon } from "./Icon";

export function ContactCardView({ card }: { card: ContactCard }) {
  return (
    <div class="card contact">
      <div class="action">
        <span class="medal small">
          <Icon name="person" />
        </span>
        <p>
          <b dir="auto">{card.title}</b>
          {card.text && <span class="whole" dir="auto">{card.text}</span>}
        </p>
      </div>
      {(card.email || card.phone || card.url) && (
        <p class="ways">
          {card.email && (
            <a class="button small" href={`mailto:${encodeURIComponent(card.email)}`}>
              {card.email}
            </a>
          )}
          {card.phone && (
            <a class="button small" href={`tel:${card.phone.replace(/[^+\d]/g, "")}`}>
              {card.phone}
            </a>
          )}
          {card.url && (
            <a class="button small" href={card.url} target="_blank" rel="noopener noreferrer">
              {hostOf(card.url)}
            </a>
          )}
        </p>
      )}
    </div>
  );
}

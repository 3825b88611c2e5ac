/** Cards as they come to the visitor's eyes, and what the page is told of them. */

import type { CallControl } from "./call";
import type { Card } from "./contract";
import { newId } from "./identity";
import { fill } from "./locale";
import * as log from "./log";
import type { Store } from "./store";
import { worded } from "./worded";

export class Shown {
  constructor(
    private readonly store: Store,
    private readonly call: () => CallControl | null,
  ) {}

  show(card: Card): void {
    const { store } = this;
    this.call()?.show(card);
    if (log.shows(store.state.items, card)) return; // replayed after a reload
    store.add({ kind: "card", id: newId(), card });
    if (card.kind === "confirm") {
      const { title } = worded(card, store.words, store.state.profile?.displayName ?? "");
      store.announce(fill(store.words.pleaseConfirm, { title }));
    }
    this.arranged(card);
  }

  /** The company has what the visitor left. */
  arranged(card: Card): void {
    if (card.kind === "lead") this.store.emit("lead-captured", { name: card.name, email: card.email, company: card.company });
  }
}

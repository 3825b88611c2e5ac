/** What the visitor is asked to check or to fill in: confirmations of writing tools, and the letter when nothing works. */

import { type Reach, safeCard } from "./address";
import { ApiError } from "./api";
import { type Confirmations, type Confirmed, wrongField } from "./confirmations";
import type { Card, ConfirmCard } from "./contract";
import { newId } from "./identity";
import { LetterSender, type LetterValues } from "./letter";
import * as log from "./log";
import type { Session } from "./session";
import { type Confirmation, EMPTY_ANSWER, type Letter, OPEN_CONFIRMATION } from "./state";
import type { Store } from "./store";
import { codeOf, sentence } from "./words";

export interface FormsListener {
  /** What the company now has, to be shown in a call. */
  show(card: Card): void;
  /** Something was arranged. */
  arranged(card: Card): void;
  /** What the representative says to it, in a mode where nobody speaks. */
  said(id: string, text: string): void;
}

export class Forms {
  #letters: LetterSender;

  constructor(
    private readonly store: Store,
    private readonly reach: Reach,
    private readonly line: () => { session: Session; confirmations: Confirmations },
    private readonly listener: FormsListener,
  ) {
    this.#letters = new LetterSender(() => line().session, {
      waiting: () => this.#letterBecame({ status: "waiting", wrong: null }),
      sent: (confirmed) => {
        this.#letterBecame({ status: "sent", wrong: null });
        for (const card of confirmed.cards) this.listener.arranged(card); // the letter itself says that it was sent
      },
      refused: (failure) => {
        this.#letterBecame({ status: "open", wrong: wrongField(failure, ["email", "name", "message"]) ?? "email" });
        store.report(failure);
      },
    });
  }

  async confirm(card: ConfirmCard, accept: boolean, values: Record<string, string>): Promise<void> {
    const id = card.confirmationId;
    if (this.#confirmation(id).status !== "open") return;
    this.#confirming(id, { status: "sending", error: null, wrong: null });
    try {
      this.confirmed(await this.line().confirmations.answer(id, accept, values));
    } catch (failure) {
      const wrong = wrongField(failure, card.fields.map(({ name }) => name));
      const gone = codeOf(failure) === "confirmation_not_found";
      const words = this.store.wordsFor(wrong ? new ApiError("wrong_value", "") : failure);
      const error = wrong ? words.happened : sentence(words);
      this.#confirming(id, { status: gone ? "expired" : "open", error, wrong });
      this.store.announce(error);
      this.store.report(failure);
    }
  }

  /** What became of confirmations before this page was loaded. */
  settled(became: Readonly<Record<string, "confirmed" | "declined" | "expired">>): void {
    for (const [id, status] of Object.entries(became)) this.#confirming(id, { status, error: null, wrong: null });
  }

  /** The outcome counts once, whichever way it came. */
  confirmed({ id, accepted, cards, message }: Confirmed): void {
    const { status } = this.#confirmation(id);
    if (status === "confirmed" || status === "declined") return;
    this.#confirming(id, { status: accepted ? "confirmed" : "declined", error: null, wrong: null });
    const safe = cards.map((card) => safeCard(card, this.reach));
    if (message) this.store.announce(message);
    // In a call the voice says it, and its words come into the log by themselves.
    if (this.store.state.call) {
      for (const card of safe) this.listener.show(card);
      return;
    }
    if (message && log.says(this.store.state.items, message)) return; // replayed after a reload
    const turn = newId();
    const answer = safe.reduce(log.shownIn, { ...EMPTY_ANSWER, text: message });
    this.store.add({ kind: "assistant", id: turn, status: "done", answer });
    for (const card of safe) this.listener.arranged(card);
    this.listener.said(turn, message);
  }

  /** One letter at a time lies open. */
  offerLetter(): void {
    if (this.store.state.items.some((item) => item.kind === "letter" && item.status !== "sent")) return;
    this.store.add({ kind: "letter", id: newId(), status: "open", wrong: null });
  }

  sendLetter(values: LetterValues): void {
    this.#letterBecame({ status: "sending", wrong: null });
    this.#letters.send(values);
  }

  backOnline(): void {
    this.#letters.hurry();
  }

  drop(): void {
    this.#letters.drop();
  }

  #confirmation(id: string): Confirmation {
    return this.store.state.confirmations[id] ?? OPEN_CONFIRMATION;
  }

  #confirming(id: string, confirmation: Confirmation): void {
    this.store.set({ confirmations: { ...this.store.state.confirmations, [id]: confirmation } });
  }

  #letterBecame(change: Pick<Letter, "status" | "wrong">): void {
    const letter = this.store.state.items.findLast((item) => item.kind === "letter" && item.status !== "sent");
    if (letter?.kind !== "letter") return;
    this.store.set({ items: log.replaced(this.store.state.items, letter.id, { ...letter, ...change }) });
  }
}

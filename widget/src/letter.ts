/** The last way to be heard: a message that becomes a lead as soon as the server can be reached. Kept in memory only. */

import { ApiError } from "./api";
import { type Confirmed, confirmedFrom } from "./confirmations";
import { newId } from "./identity";
import { isDown } from "./ladder";
import type { Session } from "./session";

export type LetterValues = Record<"name" | "email" | "message", string>;

export interface LetterOutcome {
  waiting(): void;
  sent(confirmed: Confirmed): void;
  refused(failure: unknown): void;
}

const RETRY_MS = [3_000, 10_000, 30_000, 60_000];

export class LetterSender {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #tries = 0;
  #values: LetterValues | null = null;
  #callId = "";
  #sending = false;

  constructor(
    private readonly session: () => Session,
    private readonly outcome: LetterOutcome,
  ) {}

  send(values: LetterValues): void {
    this.#values = values;
    this.#callId = newId(); // corrected values are another letter, repeated ones the same
    this.#tries = 0;
    void this.#try();
  }

  /** The network is back. */
  hurry(): void {
    if (this.#values && !this.#sending) void this.#try();
  }

  drop(): void {
    clearTimeout(this.#timer);
    this.#values = null;
  }

  async #try(): Promise<void> {
    const values = this.#values;
    if (!values || this.#sending) return;
    clearTimeout(this.#timer);
    this.#sending = true;
    try {
      const confirmed = await this.#deliver(values);
      if (this.#values !== values) return;
      this.drop();
      this.outcome.sent(confirmed);
    } catch (failure) {
      if (this.#values !== values) return;
      if (isDown(failure)) this.#later();
      else {
        this.drop();
        this.outcome.refused(failure);
      }
    } finally {
      this.#sending = false;
    }
  }

  #later(): void {
    this.outcome.waiting();
    const wait = RETRY_MS[Math.min(this.#tries, RETRY_MS.length - 1)];
    this.#tries += 1;
    this.#timer = setTimeout(() => void this.#try(), wait);
  }

  /** The visitor has written the values and pressed send: that is the confirmation. */
  async #deliver(values: LetterValues): Promise<Confirmed> {
    const filled = Object.fromEntries(Object.entries(values).filter(([, value]) => value));
    const session = this.session();
    const wished = await session.tool("log_lead", filled, this.#callId);
    const asked = wished.cards.find((card) => card.kind === "confirm");
    if (asked) return confirmedFrom(asked.confirmationId, await session.confirm(asked.confirmationId, true, filled));
    if (!wished.success) throw new ApiError("invalid_input", JSON.stringify(wished.result));
    return confirmedFrom(this.#callId, wished);
  }
}

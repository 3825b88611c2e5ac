/** The visitor's word on what would be written down: over the relay, which tells the brain of a call, or over HTTP. */

import { ApiError } from "./api";
import type { Card, ConfirmedFrame, ServerFrame, ToolOutcome } from "./contract";
import type { Session } from "./session";

export interface Confirmed {
  id: string;
  accepted: boolean;
  cards: readonly Card[];
  message: string;
}

interface Pending {
  done(confirmed: Confirmed): void;
  failed(failure: unknown): void;
}

/** The relay answers within a second or two; then the other door is tried, where the same word counts once. */
const RELAY_MS = 6_000;

export class Confirmations {
  #pending = new Map<string, Pending>();

  constructor(private readonly session: Session) {}

  async answer(id: string, accept: boolean, values: Record<string, string>): Promise<Confirmed> {
    const { relay } = this.session;
    if (relay.state === "ready" && relay.send({ action: "confirm", id, accept, ...(accept && { values }) })) {
      const confirmed = await this.#heard(id);
      if (confirmed) return confirmed;
    }
    return confirmedFrom(id, await this.session.confirm(id, accept, accept ? values : {}));
  }

  /** Takes the frames that answer a word of the visitor; says whether this one did. */
  receive(frame: ServerFrame): boolean {
    const pending = "id" in frame && frame.id ? this.#pending.get(frame.id) : undefined;
    if (!pending) return false;
    if (frame.type === "confirmed") pending.done(confirmedBy(frame));
    else if (frame.type === "error") pending.failed(new ApiError(frame.error.code, frame.error.message));
    else return false;
    return true;
  }

  /** Null when the relay stays silent. */
  #heard(id: string): Promise<Confirmed | null> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        this.#pending.delete(id);
        act();
      };
      const timer = setTimeout(() => settle(() => resolve(null)), RELAY_MS);
      this.#pending.set(id, {
        done: (confirmed) => settle(() => resolve(confirmed)),
        failed: (failure) => settle(() => reject(failure)),
      });
    });
  }
}

export function confirmedBy({ id, accepted, cards, message }: ConfirmedFrame): Confirmed {
  return { id, accepted, cards, message };
}

export function confirmedFrom(id: string, { success, result, cards }: ToolOutcome): Confirmed {
  return { id, accepted: success, cards, message: typeof result.say === "string" ? result.say : "" };
}

/** The field that a refusal names in quotes, as our server does. */
export function wrongField(failure: unknown, names: readonly string[]): string | null {
  const message = failure instanceof Error ? failure.message : "";
  return names.find((name) => message.includes(`'${name}'`)) ?? null;
}

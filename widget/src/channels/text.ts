/** Asks over the relay and streams the answer; without a relay the same question goes over HTTP. */

import { ApiError } from "../api";
import type { Answer, Card, ServerFrame } from "../contract";
import { OrderedText } from "../ordered";
import type { RelayState } from "../relay";
import type { Session } from "../session";
import { codeOf } from "../words";

export interface Hearing {
  text(text: string): void;
  show(card: Card): void;
  /** The answer will come in one piece, over HTTP. */
  unstreamed(): void;
}

interface Pending {
  text: OrderedText;
  hearing: Hearing;
  done(answer: Answer): void;
  failed(failure: unknown): void;
  alive(): void;
}

/** The relay went away before the answer was complete. */
class RelayLost extends Error {}

/** What the relay cannot do just now and the other door may: there the same id is the same question, asked once. */
const RELAY_ONLY: ReadonlySet<string> = new Set(["store_busy", "rate_limited"]);

const READY_MS = 4_000;
const SILENCE_MS = 30_000;
const RELAY_TRIES = 2;

export class TextChannel {
  #pending = new Map<string, Pending>();

  constructor(private readonly session: Session) {}

  /** Whether an answer is on its way. */
  get busy(): boolean {
    return this.#pending.size > 0;
  }

  async ask(id: string, question: string, mode: "text" | "tts", hearing: Hearing, signal: AbortSignal): Promise<Answer> {
    await this.session.open();
    for (let tries = 0; tries < RELAY_TRIES; tries += 1) {
      signal.throwIfAborted(); // the conversation may be over, and its relay with it
      const ready = await this.session.relay.ready(READY_MS);
      signal.throwIfAborted();
      if (!ready) break;
      try {
        // The same id again is the same question: an answer that is on its way comes to the new socket.
        return await this.#stream(id, question, mode, hearing, signal);
      } catch (failure) {
        signal.throwIfAborted();
        if (RELAY_ONLY.has(codeOf(failure))) return this.session.answer(id, question, signal);
        if (!(failure instanceof RelayLost)) throw failure;
      }
    }
    hearing.unstreamed();
    return this.session.answer(id, question, signal);
  }

  /** Takes the frames that belong to a question; answers whether this one did. */
  receive(frame: ServerFrame): boolean {
    const pending = "id" in frame && frame.id ? this.#pending.get(frame.id) : undefined;
    if (!pending) return false;
    pending.alive();
    switch (frame.type) {
      case "delta":
        if (pending.text.accept(frame.index, frame.text)) pending.hearing.text(pending.text.text);
        return true;
      case "show":
        pending.hearing.show(frame.card);
        return true;
      case "done":
        pending.done(frame.answer);
        return true;
      case "error":
        pending.failed(new ApiError(frame.error.code, frame.error.message));
        return true;
      default:
        return false;
    }
  }

  relayBecame(state: RelayState): void {
    if (state === "ready") return;
    for (const pending of [...this.#pending.values()]) pending.failed(new RelayLost());
  }

  #stream(id: string, question: string, mode: "text" | "tts", hearing: Hearing, signal: AbortSignal): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      let silence: ReturnType<typeof setTimeout>;
      const alive = () => {
        clearTimeout(silence);
        silence = setTimeout(() => {
          finish(() => reject(new RelayLost()));
          this.session.relay.distrust();
        }, SILENCE_MS);
      };
      const stop = () => {
        this.session.relay.send({ action: "stop", id }); // what was said so far is the turn, for the server too
        finish(() => reject(signal.reason));
      };
      const finish = (settle: () => void) => {
        clearTimeout(silence);
        signal.removeEventListener("abort", stop);
        this.#pending.delete(id);
        settle();
      };
      this.#pending.set(id, {
        text: new OrderedText(),
        hearing,
        done: (answer) => finish(() => resolve(answer)),
        failed: (failure) => finish(() => reject(failure)),
        alive,
      });
      signal.addEventListener("abort", stop);
      alive();
      if (!this.session.relay.send({ action: "ask", id, text: question, mode })) finish(() => reject(new RelayLost()));
    });
  }
}

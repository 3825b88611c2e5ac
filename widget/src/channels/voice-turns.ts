/** One reply of the vendor at a time: a wish for another one waits for the end of the one that is being made. */

import type { VoiceEvent } from "./voice-events";

interface Wish {
  type?: unknown;
  response?: unknown;
}

export class VoiceTurns {
  #active = false;
  #waiting: Wish[] = [];
  #last: Wish | null = null;

  constructor(private readonly send: (message: object) => void) {}

  pass(message: Wish): void {
    if (message.type !== "response.create") this.send(message);
    else if (this.#active) this.#wait(message);
    else this.#ask(message);
  }

  read(event: VoiceEvent): void {
    switch (event.type) {
      case "response.created":
        this.#active = true;
        this.#last = null;
        break;
      case "response.done":
        this.#goOn();
        break;
      case "error":
        if (event.error?.code === "conversation_already_has_active_response") {
          // The vendor's own reply was quicker than our wish; its end will come.
          this.#active = true;
          if (this.#last) this.#wait(this.#last);
        } else if (this.#last) this.#goOn(); // it may have been our wish, and nothing was begun
        break;
      default:
    }
  }

  #ask(wish: Wish): void {
    this.#active = true;
    this.#last = wish;
    this.send(wish);
  }

  /** A plain wish for a reply is fulfilled by any later one. */
  #wait(wish: Wish): void {
    this.#last = null;
    const plain = wish.response === undefined;
    if (!plain || !this.#waiting.some((other) => other.response === undefined)) this.#waiting.push(wish);
  }

  #goOn(): void {
    this.#active = false;
    this.#last = null;
    const next = this.#waiting.shift();
    if (next) this.#ask(next);
  }
}

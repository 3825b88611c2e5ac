/** Raw call events on their way to the relay: numbered 1, 2, 3 …, kept until the server says that it has them. */

import type { RawEvent } from "./contract";
import { traceparent } from "./trace";

/** A call makes some events a second and a lost socket is back in seconds. */
const KEPT = 400;

/** As it travels: a letter outside of ASCII takes two to four. */
export function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

export class EventOutbox {
  #last = 0;
  #kept: { seq: number; frame: string }[] = [];
  #unnumbered: object[] = [];
  #doubted = false;

  /** A frame of more than `limit` bytes is left out before it has a number, for the server waits for what is missing. */
  constructor(private readonly limit: number) {}

  /** The frame to send now; null while there is no socket, whose greeting first says how far the server has counted. */
  add(event: object, connected: boolean): string | null {
    if (connected) return this.#number(event);
    this.#unnumbered.push(event);
    if (this.#unnumbered.length > KEPT) this.#unnumbered.shift();
    return null;
  }

  /** One of those that were sent may have had no effect, although later ones had: all come again, and count once. */
  doubt(): void {
    this.#doubted = true;
  }

  /** What the server has not received, in order. A page that was loaded again goes on with the server's count. */
  unreceived(received: number): string[] {
    if (!this.#doubted) this.#kept = this.#kept.filter(({ seq }) => seq > received);
    this.#doubted = false;
    this.#last = Math.max(this.#last, received);
    for (const event of this.#unnumbered.splice(0)) this.#number(event);
    return this.#kept.map(({ frame }) => frame);
  }

  #number(event: object): string | null {
    const seq = this.#last + 1;
    const raw = { action: "event", seq, event: { ...event }, traceparent: traceparent() } satisfies RawEvent;
    const frame = JSON.stringify(raw);
    if (bytes(frame) > this.limit) return null;
    this.#last = seq;
    this.#kept.push({ seq, frame });
    if (this.#kept.length > KEPT) this.#kept.shift();
    return frame;
  }
}

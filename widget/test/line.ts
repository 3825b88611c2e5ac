/** A relay whose sockets and clock are in the test's hand. */
import { afterEach, beforeEach, mock } from "node:test";
import type { ServerFrame } from "../src/contract";
import { Relay, type RelayState } from "../src/relay";

/** The browser's socket, held by the test's hand. */
export class HandSocket {
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  sent: unknown[] = [];
  closed = false;
  /** Nothing comes any more, and nobody says so. */
  dead = false;
  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {}
  send(frame: string) {
    const { traceparent, ...request } = JSON.parse(frame);
    this.sent.push(request);
    if (request.action === "ping" && !this.dead) this.say({ type: "pong" });
  }
  close() {
    this.closed = true;
  }
  greet() {
    this.onopen?.();
    this.say({ type: "ready", received: 0, seq: 1 });
  }
  say(frame: ServerFrame) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

export let sockets: HandSocket[];
export let frames: ServerFrame[];
export let states: RelayState[];
let renewals: number;
/** Whether an answer is being drawn. */
export const drawing = { busy: false };

export function relay(): Relay {
  return new Relay(
    async () => {
      renewals += 1;
      return { websocketUrl: "wss://relay.example", ticket: `renewed-${renewals}` };
    },
    { frame: (frame) => frames.push(frame), state: (state) => states.push(state), busy: () => drawing.busy },
    (url, protocols) => {
      const socket = new HandSocket(url, protocols);
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
  );
}

export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
}

beforeEach(() => {
  [sockets, frames, states, renewals] = [[], [], [], 0];
  drawing.busy = false;
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
});
afterEach(() => mock.timers.reset());

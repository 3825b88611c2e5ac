/** The WebSocket to our relay: opened by a single-use ticket, kept alive, reopened with a fresh ticket. */

import type { ServerFrame, ClientFrame } from "./contract";

export interface Entry {
  websocketUrl: string;
  ticket: string;
}

export type RelayState = "connecting" | "ready" | "reconnecting" | "closed";

export interface RelayListener {
  frame(frame: ServerFrame): void;
  state(state: RelayState): void;
}

export type OpenSocket = (url: string, protocols: string[]) => WebSocket;

/** API Gateway drops a connection after 10 idle minutes and refuses frames above 32 kB. */
const PING_MS = 4 * 60_000;
const FRAME_LIMIT = 32_000;
const BACKOFF_BASE_MS = 500;
const BACKOFF_CAP_MS = 30_000;
const ATTEMPTS = 6;

export class Relay {
  #socket: WebSocket | null = null;
  #state: RelayState = "closed";
  #queue: string[] = [];
  #failures = 0;
  #paused = false;
  #ping: ReturnType<typeof setInterval> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #waiting = new Set<(ready: boolean) => void>();

  /** `renew` fetches the entry for every connection after the first. */
  constructor(
    private readonly renew: () => Promise<Entry>,
    private readonly listener: RelayListener,
    private readonly openSocket: OpenSocket = (url, protocols) => new WebSocket(url, protocols),
  ) {}

  get state(): RelayState {
    return this.#state;
  }

  connect(entry: Entry): void {
    this.#drop();
    this.#failures = 0;
    this.#become("connecting");
    this.#open(entry);
  }

  /** Resolves to whether the relay is usable, at the latest after `patience` milliseconds. */
  ready(patience: number): Promise<boolean> {
    if (this.#state === "ready") return Promise.resolve(true);
    if (this.#paused) return Promise.resolve(false);
    if (this.#state === "closed") this.#reopen();
    else if (this.#failures > 1) return Promise.resolve(false); // it may come back; nobody should wait for it
    return new Promise((resolve) => {
      const settle = (ready: boolean) => {
        clearTimeout(timer);
        this.#waiting.delete(settle);
        resolve(ready);
      };
      const timer = setTimeout(() => settle(false), patience);
      this.#waiting.add(settle);
    });
  }

  /** Sends now, or as soon as the relay is ready. Answers false for a frame the gateway would refuse. */
  send(request: ClientFrame): boolean {
    const frame = JSON.stringify(request);
    if (frame.length > FRAME_LIMIT) return false;
    if (this.#state === "ready") this.#socket?.send(frame);
    else this.#queue.push(frame);
    return true;
  }

  /** The network is gone: no attempt is worth making, and no socket worth trusting, until it is back. */
  pause(): void {
    this.#paused = true;
    if (this.#state === "closed") return;
    this.#drop();
    this.#become("reconnecting");
    this.#settle(false);
  }

  resume(): void {
    this.#paused = false;
    if (this.#state !== "reconnecting" || this.#socket) return;
    clearTimeout(this.#retry);
    this.#failures = 0;
    this.#reopen();
  }

  close(): void {
    this.#drop();
    this.#queue = [];
    this.#become("closed");
  }

  #open({ websocketUrl, ticket }: Entry): void {
    let socket: WebSocket;
    try {
      socket = this.openSocket(websocketUrl, ["aisdr", ticket]);
    } catch {
      this.#lost(); // a page's CSP or a malformed address refuses synchronously
      return;
    }
    this.#socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ action: "hello" } satisfies ClientFrame));
    socket.onmessage = (message) => this.#receive(message.data);
    socket.onclose = () => {
      if (socket === this.#socket) this.#lost();
    };
  }

  #receive(data: unknown): void {
    const frame = readFrame(data);
    if (!frame) return;
    if (frame.type === "ready") this.#greeted();
    else if (frame.type !== "pong") this.listener.frame(frame);
  }

  #greeted(): void {
    this.#failures = 0;
    this.#become("ready");
    for (const frame of this.#queue.splice(0)) this.#socket?.send(frame);
    clearInterval(this.#ping);
    this.#ping = setInterval(() => this.send({ action: "ping" }), PING_MS);
  }

  #lost(): void {
    this.#drop();
    this.#failures += 1;
    if (this.#failures >= ATTEMPTS) {
      this.#queue = [];
      this.#become("closed");
      return;
    }
    if (this.#failures > 1) this.#settle(false);
    this.#become("reconnecting");
    if (this.#paused) return;
    this.#retry = setTimeout(() => this.#reopen(), fullJitter(this.#failures));
  }

  #reopen(): void {
    if (this.#state === "closed") this.#failures = 0;
    this.#become("reconnecting");
    this.renew().then(
      (entry) => {
        if (this.#state === "reconnecting" && !this.#socket) this.#open(entry);
      },
      () => {
        if (this.#state === "reconnecting" && !this.#socket) this.#lost();
      },
    );
  }

  #drop(): void {
    clearInterval(this.#ping);
    clearTimeout(this.#retry);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #become(state: RelayState): void {
    if (state === this.#state) return;
    this.#state = state;
    if (state === "ready" || state === "closed") this.#settle(state === "ready");
    this.listener.state(state);
  }

  #settle(ready: boolean): void {
    for (const settle of [...this.#waiting]) settle(ready);
  }
}

/** Spreads the return of many browsers after one outage over the whole window. */
export function fullJitter(failures: number, random: () => number = Math.random): number {
  return random() * Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** failures);
}

/** Puts the deltas of one answer in order: the network may swap and repeat them. */
export class OrderedText {
  #next = 0;
  #early = new Map<number, string>();
  #text = "";

  get text(): string {
    return this.#text;
  }

  /** Answers whether the text has grown. */
  accept(index: number, text: string): boolean {
    if (index < this.#next || this.#early.has(index)) return false;
    this.#early.set(index, text);
    const before = this.#next;
    for (let piece = this.#early.get(this.#next); piece !== undefined; piece = this.#early.get(this.#next)) {
      this.#text += piece;
      this.#early.delete(this.#next);
      this.#next += 1;
    }
    return this.#next > before;
  }
}

function readFrame(data: unknown): ServerFrame | null {
  try {
    const frame = JSON.parse(String(data)) as ServerFrame | null;
    return typeof frame?.type === "string" ? frame : null;
  } catch {
    return null; // API Gateway's own notices are not always JSON
  }
}

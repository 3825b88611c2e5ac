/** The WebSocket to our relay: opened by a single-use ticket, kept alive, reopened with a fresh ticket. */

import type { ServerFrame, ClientFrame } from "./contract";
import { bytes, EventOutbox } from "./outbox";
import { traceparent } from "./trace";

export interface Entry {
  websocketUrl: string;
  ticket: string;
}

export type RelayState = "connecting" | "ready" | "reconnecting" | "closed";

export interface RelayListener {
  frame(frame: ServerFrame): void;
  state(state: RelayState): void;
  /** Whether an answer is on its way, which a planned reconnect would cut. */
  busy(): boolean;
}

export type OpenSocket = (url: string, protocols: string[]) => WebSocket;

/** API Gateway drops a connection after 10 idle minutes. */
const PING_MS = 4 * 60_000;
/** A socket that says nothing for so long after a greeting or a ping is dead, although nobody told the browser. */
const SILENCE_MS = 10_000;
/** It cuts every connection after two hours: we are earlier, at a moment when nobody notices. */
const RENEW_MS = 110 * 60_000;
const RENEW_RETRY_MS = 20_000;
/** The relay reads 16 KB of a frame; API Gateway closes the socket at 32. */
const FRAME_BYTES = 16 * 1024;
/** Five hundred browsers that lose their sockets at once come back within 3.5 s, and fewer than 200 in any second. */
const BACKOFF_BASE_MS = 1_750;
const BACKOFF_CAP_MS = 30_000;
const ATTEMPTS = 6;
/** API Gateway's own words, in a notice that is none of our frames. */
const FAILURE = "Internal server error";
/** Refusals that pass by themselves: what they are about is brought again on another socket. */
const PASSING: ReadonlySet<string> = new Set(["store_busy", "rate_limited"]);
/** So long after it was sent a frame may have got lost with its socket. */
const DOUBT_MS = 30_000;

interface Outgoing {
  frame: string;
  /** Of a frame whose effect nobody waits for, as for an answer's or a confirmation's: it is brought again, and counts once. */
  id: string | null;
  sentAt: number;
}

export class Relay {
  #socket: WebSocket | null = null;
  #state: RelayState = "closed";
  #queue: Outgoing[] = [];
  /** What was sent on this socket and may have had no effect. */
  #doubted: Outgoing[] = [];
  #failures = 0;
  #paused = false;
  #ping: ReturnType<typeof setInterval> | undefined;
  #planned: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #waiting = new Set<(ready: boolean) => void>();
  #events = new EventOutbox(FRAME_BYTES);
  /** The newest durable frame that was seen; null before the first greeting, when there is nothing to catch up with. */
  #newest: number | null = null;
  #seen = new Set<number>();

  /** `renew` fetches the entry for every connection after the first. */
  constructor(
    private readonly renew: () => Promise<Entry>,
    private readonly listener: RelayListener,
    private readonly openSocket: OpenSocket = (url, protocols) => new WebSocket(url, protocols),
  ) {}

  get state(): RelayState {
    return this.#state;
  }

  /** The newest durable frame: a page that is loaded again goes on after it. */
  get newest(): number {
    return this.#newest ?? 0;
  }

  /** `after` is where an earlier page of the same conversation stopped. */
  connect(entry: Entry, after?: number): void {
    if (after !== undefined) this.#newest = after;
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

  /** Sends now, or as soon as the relay is ready. Answers false for a frame the relay would refuse. */
  send(request: ClientFrame): boolean {
    const frame = JSON.stringify({ ...request, traceparent: traceparent() });
    if (bytes(frame) > FRAME_BYTES) return false;
    const id = request.action === "say" || request.action === "stop" ? request.id : null;
    const outgoing = { frame, id, sentAt: 0 };
    if (this.#state !== "ready") {
      this.#queue.push(outgoing);
      return true;
    }
    this.#put(outgoing);
    if (request.action === "say") this.#expect(); // what the call is to be told comes back at once
    return true;
  }

  /** A raw event of the live call: numbered, and sent again until the server has it. */
  forward(event: object): void {
    const frame = this.#events.add(event, this.#state === "ready");
    if (frame) this.#socket?.send(frame);
  }

  /** What was asked of this socket has had no answer: another one is opened. */
  distrust(): void {
    if (this.#state === "ready") this.#lost();
  }

  /** Another conversation begins on this relay. */
  forget(): void {
    this.#newest = null;
    this.#seen.clear();
    this.#doubted = [];
    this.#events = new EventOutbox(FRAME_BYTES);
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
    this.#expect();
    socket.onopen = () => socket.send(JSON.stringify(this.#greeting()));
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket) this.#receive(data); // what an older one still holds comes again on this one
    };
    socket.onclose = () => {
      if (socket === this.#socket) this.#lost();
    };
  }

  #receive(data: unknown): void {
    clearTimeout(this.#silence);
    const frame = readFrame(data);
    if (!frame) {
      // The function died with something that we sent, and the next one does not know with what.
      if (String(data).includes(FAILURE)) this.#failed();
      return;
    }
    if (frame.type === "error" && PASSING.has(frame.error.code) && (!frame.id || this.#isDoubted(frame.id))) {
      this.#failed(); // it had no effect; mostly the relay closes this socket, too
      return;
    }
    if (frame.type === "ready") this.#greeted(frame.received, frame.seq);
    else if (frame.type !== "pong" && this.#isNews(frame)) this.listener.frame(frame);
  }

  #greeting(): ClientFrame {
    return this.#newest === null ? { action: "hello" } : { action: "resume", after: this.#newest };
  }

  /** What is replayed after a reconnect may have been seen already. */
  #isNews(frame: ServerFrame): boolean {
    const seq = "seq" in frame ? frame.seq : undefined;
    if (typeof seq !== "number") return true;
    if (this.#seen.has(seq)) return false;
    this.#seen.add(seq);
    this.#newest = Math.max(this.#newest ?? 0, seq);
    return true;
  }

  #greeted(received: number, newest: number): void {
    this.#failures = 0;
    this.#newest ??= newest;
    this.#become("ready");
    for (const frame of this.#events.unreceived(received)) this.#socket?.send(frame);
    for (const outgoing of this.#queue.splice(0)) this.#put(outgoing);
    clearInterval(this.#ping);
    this.#ping = setInterval(() => {
      this.#expect();
      this.send({ action: "ping" });
    }, PING_MS);
    clearTimeout(this.#planned);
    this.#planned = setTimeout(() => this.#replace(), RENEW_MS);
  }

  #put({ frame, id }: Outgoing): void {
    const sentAt = Date.now();
    this.#socket?.send(frame);
    if (id === null) return;
    this.#doubted = [...this.#inDoubt(), { frame, id, sentAt }];
  }

  #inDoubt(): Outgoing[] {
    const oldest = Date.now() - DOUBT_MS;
    return this.#doubted.filter(({ sentAt }) => sentAt > oldest);
  }

  #isDoubted(id: string): boolean {
    return this.#doubted.some((each) => each.id === id);
  }

  #failed(): void {
    this.#events.doubt();
    this.#lost();
  }

  /** Something has to come on this socket soon. */
  #expect(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#lost(), SILENCE_MS);
  }

  #replace(): void {
    if (this.listener.busy()) {
      this.#planned = setTimeout(() => this.#replace(), RENEW_RETRY_MS);
      return;
    }
    this.#drop();
    this.#reopen();
  }

  #lost(): void {
    this.#drop();
    this.#failures += 1;
    if (this.#failures >= ATTEMPTS) {
      this.#giveUp();
      return;
    }
    if (this.#failures > 1) this.#settle(false);
    this.#become("reconnecting");
    if (this.#paused) return;
    this.#retry = setTimeout(() => this.#reopen(), fullJitter(this.#failures));
  }

  #giveUp(): void {
    const unsent = this.#queue.splice(0);
    this.#become("closed");
    const error = { code: "websocket", message: "The relay does not come back; this was not delivered" };
    for (const { id } of unsent) if (id !== null) this.listener.frame({ type: "error", id, error });
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
    clearTimeout(this.#planned);
    clearTimeout(this.#retry);
    clearTimeout(this.#silence);
    this.#queue = [...this.#inDoubt(), ...this.#queue];
    this.#doubted = [];
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

function readFrame(data: unknown): ServerFrame | null {
  try {
    const frame = JSON.parse(String(data)) as ServerFrame | null;
    return typeof frame?.type === "string" ? frame : null;
  } catch {
    return null; // API Gateway's own notices are not always JSON
  }
}

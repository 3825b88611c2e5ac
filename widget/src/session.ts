/** One conversation as the server knows it: its token, kept fresh, and its relay. Opened by the first question. */

import { type Api, ApiError } from "./api";
import type { Answer, ConsentGiven, TavusSessionGrant } from "./contract";
import { newId } from "./identity";
import { type Entry, Relay, type RelayListener } from "./relay";

interface Credentials {
  sessionId: string;
  token: string;
  /** Epoch seconds. */
  expiresAt: number;
}

const RENEW_BEFORE_MS = 60_000;
const SOONEST_RENEWAL_MS = 5_000;
/** A first create that is still running is waited for. */
const PENDING_MS = 2_000;
const PENDING_TRIES = 3;

export class Session {
  readonly relay: Relay;
  #held: Credentials | null = null;
  #opening: Promise<Credentials> | null = null;
  #renewal: ReturnType<typeof setTimeout> | undefined;
  /** The wish for a call whose outcome is not known: asked again under the same key, it is not paid twice. */
  #callKey: string | null = null;

  constructor(
    private readonly api: Api,
    private readonly companyId: string,
    /** What the visitor agrees to by starting a call. */
    private readonly consent: ConsentGiven,
    listener: RelayListener,
  ) {
    this.relay = new Relay(() => this.#renewedEntry(), listener);
  }

  /** Opens the session once, however often and however early it is called. */
  async open(): Promise<Credentials> {
    if (this.#held && !endsSoon(this.#held)) return this.#held;
    if (this.#held) await this.#renewedEntry().catch(() => undefined);
    if (this.#held) return this.#held;
    this.#opening ??= this.#create().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  /** The way without a socket. */
  async answer(question: string, signal: AbortSignal): Promise<Answer> {
    const held = await this.open();
    try {
      return await this.api.answer(question, held.token, signal);
    } catch (failure) {
      this.#forget(held, failure);
      throw failure;
    }
  }

  /** A paid call. The conversation so far goes on in it when there is one. */
  async openVideo(): Promise<TavusSessionGrant> {
    const repeated = this.#callKey !== null;
    const key = (this.#callKey ??= newId());
    for (let tries = 0; ; tries += 1) {
      const held = this.#held;
      try {
        const grant = await this.api.openVideo(this.companyId, this.consent, key, held?.token);
        this.#callKey = null;
        this.#hold(grant);
        this.relay.connect(grant);
        return grant;
      } catch (failure) {
        if (held) this.#forget(held, failure);
        if (isDecided(failure)) this.#callKey = null;
        const code = failure instanceof ApiError && failure.code;
        // The earlier wish has come to its end; the visitor wants a call now.
        if (code === "call_over" && repeated) return this.openVideo();
        if (code !== "call_pending" || tries === PENDING_TRIES) throw failure;
        await new Promise((resolve) => setTimeout(resolve, PENDING_MS));
      }
    }
  }

  async endCall(): Promise<void> {
    if (this.#held) await this.api.endCall(this.#held.sessionId, this.#held.token);
  }

  async end(): Promise<void> {
    const held = this.#held;
    this.close();
    if (held) await this.api.endSession(held.sessionId, held.token);
  }

  /** Lets go without a word to the server, which forgets the session by itself. */
  close(): void {
    clearTimeout(this.#renewal);
    this.#held = null;
    this.relay.close();
  }

  /** A token lives for minutes, a call or a reading visitor for longer: it is renewed before it dies. */
  #hold(held: Credentials): void {
    this.#held = held;
    clearTimeout(this.#renewal);
    const wait = Math.max(SOONEST_RENEWAL_MS, held.expiresAt * 1000 - Date.now() - RENEW_BEFORE_MS);
    this.#renewal = setTimeout(() => void this.#renewedEntry().catch(() => undefined), wait);
  }

  async #create(): Promise<Credentials> {
    const grant = await this.api.openSession(this.companyId);
    this.#callKey = null; // it belongs to the conversation that its create would have begun
    this.#hold(grant);
    this.relay.connect(grant);
    return grant;
  }

  /** A session that the server no longer knows cannot go on: the next question opens a new one. */
  #forget(held: Credentials, failure: unknown): void {
    const gone = failure instanceof ApiError && ["unauthorized", "session_not_found"].includes(failure.code);
    if (gone && this.#held === held) this.#held = null;
  }

  async #renewedEntry(): Promise<Entry> {
    const held = this.#held;
    if (!held) throw new ApiError("no_session", "The conversation has not begun.");
    try {
      const renewed = await this.api.renew(held.sessionId, held.token);
      if (this.#held === held) this.#hold({ ...held, token: renewed.token, expiresAt: renewed.expiresAt });
      return renewed;
    } catch (failure) {
      this.#forget(held, failure);
      throw failure;
    }
  }
}

/** The server has said no, and will not have bought anything. A 5xx or silence leaves that open. */
function isDecided(failure: unknown): boolean {
  if (!(failure instanceof ApiError) || failure.code === "call_pending") return false;
  return failure.status >= 400 && failure.status < 500;
}

function endsSoon({ expiresAt }: Credentials): boolean {
  return expiresAt * 1000 - Date.now() < RENEW_BEFORE_MS;
}

/** One conversation as the server knows it: its token, kept fresh, and its relay. Opened by the first question. */

import { type Api, ApiError } from "./api";
import type { Answer, ConsentGiven, TavusSessionGrant } from "./contract";
import { type Entry, Relay, type RelayListener } from "./relay";

interface Credentials {
  sessionId: string;
  token: string;
  /** Epoch seconds. */
  expiresAt: number;
}

const RENEW_BEFORE_MS = 60_000;
const SOONEST_RENEWAL_MS = 5_000;

export class Session {
  readonly relay: Relay;
  #held: Credentials | null = null;
  #opening: Promise<Credentials> | null = null;
  #renewal: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly api: Api,
    private readonly companyId: string,
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
    const { token } = await this.open();
    return this.api.answer(question, token, signal);
  }

  /** A paid call. The conversation so far goes on in it when there is one. */
  async openVideo(key: string): Promise<TavusSessionGrant> {
    const grant = await this.api.openVideo(this.companyId, this.consent, key, this.#held?.token);
    this.#hold(grant);
    this.relay.connect(grant);
    return grant;
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
    const grant = await this.api.openSession(this.companyId, this.consent);
    this.#hold(grant);
    this.relay.connect(grant);
    return grant;
  }

  async #renewedEntry(): Promise<Entry> {
    const held = this.#held;
    if (!held) throw new ApiError("no_session", "The conversation has not begun.");
    try {
      const renewed = await this.api.renew(held.sessionId, held.token);
      if (this.#held === held) this.#hold({ ...held, token: renewed.token, expiresAt: renewed.expiresAt });
      return renewed;
    } catch (failure) {
      // A session that the server no longer knows cannot be renewed: the next question opens a new one.
      const gone = failure instanceof ApiError && [401, 403, 404].includes(failure.status);
      if (gone && this.#held === held) this.#held = null;
      throw failure;
    }
  }
}

function endsSoon({ expiresAt }: Credentials): boolean {
  return expiresAt * 1000 - Date.now() < RENEW_BEFORE_MS;
}

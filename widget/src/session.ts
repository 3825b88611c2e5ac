/** One conversation as the server knows it: its token, kept fresh, and its relay. Opened by the first question or call. */

import { type Api, ApiError } from "./api";
import type {
  Answer,
  ConsentGiven,
  Introduction,
  Mode,
  SessionGrant,
  Conversation as SessionView,
  TavusSessionGrant,
  ToolOutcome,
  VoiceGrant,
} from "./contract";
import { newId } from "./identity";
import type { Kept } from "./kept";
import { type Entry, Relay, type RelayListener } from "./relay";

export interface Credentials {
  sessionId: string;
  token: string;
  /** Epoch seconds. */
  expiresAt: number;
}

export interface SessionListener extends RelayListener {
  /** The server did not take what the website tells; the conversation goes on without. */
  untold(failure: unknown): void;
}

const RENEW_BEFORE_MS = 60_000;
const SOONEST_RENEWAL_MS = 5_000;
/** Of a token's ten minutes, however long they seem by a clock of the visitor's that is slow. */
const LATEST_RENEWAL_MS = 8 * 60_000;
/** A first create that is still running is waited for. */
const PENDING_MS = 2_000;
const PENDING_TRIES = 3;

export class Session {
  readonly relay: Relay;
  #held: Credentials | null = null;
  #opening: Promise<Credentials> | null = null;
  #renewal: ReturnType<typeof setTimeout> | undefined;
  /** A second tab of the same conversation, or a page that was loaded again, sits in no call. */
  #inCall = false;
  /** The wish for a call whose outcome is not known: asked again under the same key, it is not paid twice. */
  #callKey: string | null = null;
  #told: Introduction = {};
  /** What the website tells still has to be told to the server. */
  #untold = false;
  #introduction: Promise<void> | undefined;
  /** The server did not know it any more, and another one may have taken its place. */
  #lost = false;
  /** What is still on its way when it is closed opens nothing any more. */
  #closed = false;

  constructor(
    private readonly api: Api,
    readonly companyId: string,
    /** The mode in which it is opened; null where the company writes with nobody. */
    private readonly written: Mode | null,
    /** What the visitor has agreed to so far. */
    private readonly consent: () => ConsentGiven | null,
    private readonly kept: Kept,
    private readonly listener: SessionListener,
  ) {
    this.relay = new Relay(() => this.#renewedEntry(), {
      ...listener,
      frame: (frame) => {
        listener.frame(frame);
        this.#keep();
      },
      state: (state) => {
        if (state === "ready") this.#keep();
        listener.state(state);
      },
    });
  }

  /** Opens the session once, however often and however early it is called. */
  async open(): Promise<Credentials> {
    const held = await this.#entered();
    await this.#introduce(held);
    return held;
  }

  /**
   * A call could open the conversation by itself, and does where nothing else may: null. Elsewhere, what is typed while it
   * is on its way would then open another.
   */
  async openForCall(): Promise<Credentials | null> {
    return this.written || this.#held ? this.open() : null;
  }

  /** What the website says of its visitor and page: the server has it before the next question or call. */
  tell(told: Introduction): void {
    this.#told = told;
    this.#untold = Object.keys(told).length > 0;
    if (this.#held) void this.#introduce(this.#held);
  }

  /** Goes on with the conversation of an earlier page. Null when there is none, or when the server has forgotten it. */
  async restore(): Promise<SessionView | null> {
    const earlier = this.kept.read();
    if (!earlier) return null;
    try {
      const entry = await this.api.renew(earlier.sessionId, earlier.token, false);
      const said = await this.api.recall(earlier.sessionId, entry.token);
      if (this.#held || this.#opening || this.#closed) return null; // the visitor was quicker and begins anew, or is gone
      this.#hold(entry);
      void this.#introduce(entry);
      this.relay.connect(entry, earlier.seq || undefined);
      return said;
    } catch (failure) {
      if (isDecided(failure)) this.kept.clear();
      return null;
    }
  }

  /** The way without a socket. */
  answer(id: string, question: string, signal: AbortSignal): Promise<Answer> {
    return this.#asVisitor(({ token }) => this.api.answer(id, question, token, signal));
  }

  speech(text: string, language: string, signal: AbortSignal): Promise<Blob> {
    return this.#asVisitor(({ token }) => this.api.speech(text, language, token, signal));
  }

  tool(name: string, args: object, callId: string): Promise<ToolOutcome> {
    return this.#asVisitor(({ token }) => this.api.tool(this.companyId, name, args, callId, token));
  }

  confirm(id: string, accept: boolean, values: Record<string, string>): Promise<ToolOutcome> {
    return this.#asVisitor(({ token }) => this.api.confirm(id, accept, values, token));
  }

  /** A paid call, in which the conversation goes on. */
  async openVideo(): Promise<TavusSessionGrant> {
    const repeated = this.#callKey !== null;
    try {
      const grant = await this.#createCall((token) => {
        const key = (this.#callKey ??= newId()); // now: with an earlier conversation its wish is forgotten
        return this.api.openVideo(this.companyId, this.consent(), key, token);
      });
      this.#callKey = null;
      return grant;
    } catch (failure) {
      if (isDecided(failure)) this.#callKey = null;
      // The earlier wish has come to its end; the visitor wants a call now.
      if (repeated && failure instanceof ApiError && failure.code === "call_over") return this.openVideo();
      throw failure;
    }
  }

  /** Each offer is a wish of its own: the answer to another one would fit no peer of ours. */
  async openVoice(sdpOffer: string, signal: AbortSignal): Promise<VoiceGrant> {
    const key = newId();
    const grant = await this.#createCall((token) =>
      this.api.openVoice(this.companyId, this.consent(), sdpOffer, key, token, signal),
    );
    if (!grant.voice) throw new ApiError("voice_failed", "The grant holds no answer to the offer");
    return grant.voice;
  }

  async endCall(): Promise<void> {
    this.#inCall = false;
    if (this.#held) await this.api.endCall(this.#held.sessionId, this.#held.token);
  }

  async end(): Promise<void> {
    const held = this.#held;
    this.close();
    this.kept.clear();
    if (held) await this.api.endSession(held.sessionId, held.token);
  }

  /** Everything that was said is erased, and nothing of it is kept here. Opens nothing: what was said is not in a new one. */
  async erase(): Promise<void> {
    const held = await this.#lasting();
    if (!held && this.#lost) throw new ApiError("session_not_found", "The server does not know the conversation any more");
    if (held) await this.api.erase(held.sessionId, held.token);
    this.close();
    this.kept.clear();
  }

  rate(answerId: string, rating: "good" | "bad" | null): Promise<void> {
    return this.#asVisitor(({ sessionId, token }) => this.api.rate(sessionId, answerId, rating, token));
  }

  /** Lets go without a word to the server, which forgets the session by itself. */
  close(): void {
    clearTimeout(this.#renewal);
    this.#closed = true;
    this.#held = null;
    this.relay.close();
  }

  async #createCall<G extends Entry & Credentials>(create: (token: string | undefined) => Promise<G>): Promise<G> {
    for (let tries = 0; ; tries += 1) {
      const held = await this.openForCall();
      try {
        const grant = await create(held?.token);
        // Who closed it meanwhile had no call to end. The server ends it later in any case.
        if (this.#closed) void this.api.endCall(grant.sessionId, grant.token).catch(() => undefined);
        this.#enter(grant);
        this.#inCall = true;
        return grant;
      } catch (failure) {
        if (held) this.#forget(held, failure);
        const pending = failure instanceof ApiError && failure.code === "call_pending";
        if (!pending || tries === PENDING_TRIES) throw failure;
        await new Promise((resolve) => setTimeout(resolve, PENDING_MS));
      }
    }
  }

  async #entered(): Promise<Credentials> {
    const held = await this.#lasting();
    if (held) return held;
    if (this.#closed) throw over();
    this.#opening ??= this.#create().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  /** What is held, with a token that lives on; null when there is nothing, or nothing any more. */
  async #lasting(): Promise<Credentials | null> {
    if (this.#held && endsSoon(this.#held)) await this.#renewedEntry().catch(() => undefined);
    return this.#held;
  }

  async #introduce({ sessionId, token }: Credentials): Promise<void> {
    if (this.#untold) {
      this.#untold = false;
      this.#introduction = this.api.introduce(sessionId, token, this.#told).catch(this.listener.untold);
    }
    await this.#introduction;
  }

  async #asVisitor<T>(act: (held: Credentials) => Promise<T>): Promise<T> {
    const held = await this.open();
    try {
      return await act(held);
    } catch (failure) {
      this.#forget(held, failure);
      throw failure;
    }
  }

  #enter(grant: Entry & Credentials): void {
    if (this.#closed) throw over();
    if (this.#held?.sessionId !== grant.sessionId) this.relay.forget();
    this.#hold(grant);
    this.relay.connect(grant);
  }

  /** A token lives for minutes, a call or a reading visitor for longer: it is renewed before it dies. */
  #hold({ sessionId, token, expiresAt }: Credentials): void {
    this.#held = { sessionId, token, expiresAt };
    this.#keep();
    const left = expiresAt * 1000 - Date.now() - RENEW_BEFORE_MS;
    this.#renewIn(Math.min(LATEST_RENEWAL_MS, Math.max(SOONEST_RENEWAL_MS, left)));
  }

  /** And again, when it fails for a moment: a token that dies takes the conversation with it. */
  #renewIn(wait: number): void {
    clearTimeout(this.#renewal);
    this.#renewal = setTimeout(() => {
      this.#renewedEntry().catch(() => {
        if (this.#held && this.#held.expiresAt * 1000 > Date.now()) this.#renewIn(SOONEST_RENEWAL_MS);
      });
    }, wait);
  }

  #keep(): void {
    if (this.#held) this.kept.write({ ...this.#held, seq: this.relay.newest });
  }

  async #create(): Promise<Credentials> {
    const grant = await this.api.openSession(this.companyId, this.written ?? "text", this.consent());
    this.#untold = Object.keys(this.#told).length > 0;
    this.#enter(grant);
    return grant;
  }

  /** A session that the server no longer knows cannot go on: the next question opens a new one. */
  #forget(held: Credentials, failure: unknown): void {
    const gone = failure instanceof ApiError && ["unauthorized", "session_not_found"].includes(failure.code);
    if (!gone || this.#held !== held) return;
    this.#held = null;
    this.#lost = true;
    this.#callKey = null; // of a wish in that conversation
  }

  async #renewedEntry(): Promise<SessionGrant> {
    const held = this.#held;
    if (!held) throw new ApiError("no_session", "The conversation has not begun.");
    try {
      const renewed = await this.api.renew(held.sessionId, held.token, this.#inCall);
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

function over(): ApiError {
  return new ApiError("no_session", "The conversation is over");
}

function endsSoon({ expiresAt }: Credentials): boolean {
  return expiresAt * 1000 - Date.now() < RENEW_BEFORE_MS;
}

/** The life of one live call: consent, microphone, the paid create, the connection, and its end, whoever brings it. */

import { ApiError } from "./api";
import type { CallListener, Line, LiveChannel } from "./channels/live";
import type { Card } from "./contract";
import { Devices } from "./devices";
import { Forgotten } from "./forgotten";
import type { Session } from "./session";
import { type Call, type LiveMode, NEW_CALL } from "./state";
import type { Store } from "./store";

export interface CallOutcome {
  /** `seconds` is null when nobody was connected yet. `why` is a failure, or null for a proper end. */
  ended(seconds: number | null, why: { failure: unknown } | null): void;
  failed(failure: unknown): void;
  line(line: Line): void;
  tool(name: string): void;
}

const FIRST_FRAME_MS = 20_000;
/** So long the server's word is waited for, why the other side is gone. */
const WORD_MS = 1_500;
/** The vendor's clock and ours may differ so much about the end of the time. */
const TIME_UP_MS = 15_000;
/** The server's words for an end that nobody wanted. */
const BROKEN: ReadonlySet<string> = new Set(["vendor_failed", "not_joined", "room_gone"]);
const NOTE_STAYS_MS = 8_000;
const CAPTION_STAYS_MS = 5_000;

/** So long the next call waits for the end of the last one to arrive; the server ends it anyway. */
const FAREWELL_MS = 2_000;

/** A create that was cancelled, or an end, is still on its way: the next create waits, so that no end hits it. */
let settled: Promise<unknown> = Promise.resolve();

export class CallControl {
  readonly devices: Devices;
  #call: Call;
  /** Which of the conversation's calls this is; null while it is being created. */
  #id: string | null = null;
  #channel: LiveChannel | null = null;
  #over = false;
  #paid = false;
  #forgotten: Forgotten | undefined;
  #timers = new Set<ReturnType<typeof setTimeout>>();
  #timeUp: ReturnType<typeof setTimeout> | undefined;
  #captionTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly mode: LiveMode,
    private readonly session: Session,
    store: Pick<Store, "words" | "wordsFor">,
    private readonly write: (call: Call | null) => void,
    private readonly outcome: CallOutcome,
  ) {
    this.#call = { ...NEW_CALL, mode };
    this.devices = new Devices(mode, store, {
      over: () => this.#over,
      now: () => this.#call,
      channel: () => this.#channel,
      set: (change) => this.#set(change),
      note: (text) => this.#note(text),
      failed: (failure) => outcome.failed(failure),
    });
    write(this.#call);
  }

  get live(): boolean {
    return this.#call.phase === "live";
  }

  /** Whether the visitor has given the microphone. */
  get heard(): boolean {
    return this.#call.microphone !== null;
  }

  /** The visitor has agreed and pressed start. */
  async start(): Promise<void> {
    if (this.#call.phase !== "consent") return;
    this.#set({ phase: "permission" });
    await settled;
    if (this.#over) return;
    settled = this.#connect().catch((failure: unknown) => this.#finish(true, { failure }));
    await settled;
  }

  end(): void {
    this.#finish(true, null);
  }

  /** The end of an earlier call may come late. */
  endedByServer({ callId, reason }: { callId: string; reason: string }): void {
    if (callId === this.#id) this.#finish(false, BROKEN.has(reason) ? { failure: broken(this.mode) } : null);
  }

  typed(text: string, id: string): void {
    this.#forgotten?.heard();
    this.#channel?.typed(id, text);
  }

  pass(message: object): void {
    this.#channel?.pass(message);
    this.#set({ working: false });
  }

  show(card: Card): void {
    this.#set({ cards: [card, ...this.#call.cards], working: false });
  }

  toggleTranscript(): void {
    this.#set({ transcript: !this.#call.transcript });
  }

  pictureSeen(): void {
    if (!this.#call.picture) this.#set({ picture: true });
  }

  soundBlocked(soundBlocked: boolean): void {
    if (this.#call.soundBlocked !== soundBlocked) this.#set({ soundBlocked });
  }

  async #connect(): Promise<void> {
    await this.devices.open();
    if (this.#over) return;
    const channel = await this.#prepare();
    this.#channel = channel;
    if (this.#over) return this.#hangUp();
    this.#set({ phase: "creating" });
    await this.session.openForCall();
    if (this.#over) return; // nothing is bought yet
    await channel.create();
    if (this.#over) {
      await this.session.endCall().catch(this.outcome.failed);
      return;
    }
    this.#set({ phase: "joining" });
    await channel.join();
    if (this.#over) return;
    this.#set({ phase: "live", startedAt: Date.now() });
    const forgotten = new ApiError("call_forgotten", "Nobody spoke while the page was in the background");
    const speaking = () => this.#call.activity === "speaking";
    this.#forgotten = new Forgotten(speaking, () => this.#finish(true, { failure: forgotten }));
    if (this.mode === "video") this.#after(FIRST_FRAME_MS, () => this.#checkPicture());
  }

  #note(note: string): void {
    this.#set({ note });
    this.#after(NOTE_STAYS_MS, () => this.#call.note === note && this.#set({ note: null }));
  }

  async #prepare(): Promise<LiveChannel> {
    const { microphone } = this.#call;
    if (this.mode === "voice" && microphone) {
      const { VoiceCall } = await import("./channels/voice");
      return new VoiceCall(this.#listener(), microphone, (offer, signal) => this.session.openVoice(offer, signal));
    }
    const { VideoCall } = await import("./channels/video");
    return VideoCall.prepare(this.#listener(), microphone, () => this.session.openVideo());
  }

  #listener(): CallListener {
    return {
      track: (kind, track) => this.#set({ [kind]: track }),
      creating: () => (this.#id = null),
      granted: (callId, secondsLeft) => this.#granted(callId, secondsLeft),
      event: (event) => this.session.relay.forward(event),
      say: (id, text) => {
        this.session.relay.send({ action: "say", id, text });
      },
      line: (line) => {
        this.#forgotten?.heard();
        if (line.role === "assistant") this.#showCaption(line);
        this.outcome.line(line);
      },
      tool: (name) => {
        this.#set({ working: true });
        this.outcome.tool(name);
      },
      activity: (activity) => this.#set({ activity, ...(activity === "speaking" && { working: false }) }),
      interrupted: (interrupted) => this.#set({ interrupted }),
      weak: (weak) => this.#set({ weak }),
      silent: () => this.devices.silent(),
      gone: (failure) => this.#gone(failure),
      over: (failure) => this.#finish(true, { failure }),
      fault: (failure) => this.outcome.failed(failure),
    };
  }

  /** The time counts from the wish, wherever it was made: a call that took long to create, or one that was created by an
   * earlier press, has less of it. So what the server says is left, by no clock but the time that passes here. */
  #granted(callId: string, secondsLeft: number): void {
    if (this.#over) return; // cancelled while the create was on its way
    this.#id = callId;
    this.#paid = true;
    this.#set({ endsAt: Date.now() + secondsLeft * 1000 });
    clearTimeout(this.#timeUp);
    this.#timeUp = setTimeout(() => this.end(), secondsLeft * 1000);
  }

  #gone(failure: Error): void {
    this.#set({ interrupted: true });
    const { endsAt } = this.#call;
    const timeIsUp = endsAt !== null && endsAt - Date.now() < TIME_UP_MS;
    this.#after(WORD_MS, () => this.#finish(true, timeIsUp ? null : { failure }));
  }

  #checkPicture(): void {
    if (this.#call.picture) return;
    this.#finish(true, { failure: new ApiError("no_video", `No picture within ${FIRST_FRAME_MS / 1000} s`) });
  }

  #showCaption({ text, final }: Line): void {
    clearTimeout(this.#captionTimer);
    this.#set({ caption: text });
    if (final) this.#captionTimer = setTimeout(() => this.#set({ caption: "" }), CAPTION_STAYS_MS);
  }

  #finish(tellServer: boolean, why: { failure: unknown } | null): void {
    if (this.#over) return;
    const { startedAt } = this.#call;
    this.#release(tellServer);
    this.#over = true;
    this.write(null);
    this.outcome.ended(startedAt === null ? null : Math.round((Date.now() - startedAt) / 1000), why);
  }

  /** Frees everything the call holds, first of all the microphone. */
  #release(tellServer: boolean): void {
    this.devices.putAway();
    this.#hangUp(); // which may tell a last line
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    clearTimeout(this.#timeUp);
    clearTimeout(this.#captionTimer);
    this.#forgotten?.stop();
    if (!this.#paid || !tellServer) return;
    const told = this.session.endCall().catch(this.outcome.failed);
    settled = Promise.race([told, new Promise((resolve) => setTimeout(resolve, FAREWELL_MS))]);
  }

  #hangUp(): void {
    void this.#channel?.leave();
    this.#channel = null;
  }

  #after(ms: number, act: () => void): void {
    this.#timers.add(setTimeout(act, ms));
  }

  #set(change: Partial<Call>): void {
    if (this.#over) return;
    this.#call = { ...this.#call, ...change };
    this.write(this.#call);
  }
}

function broken(mode: LiveMode): ApiError {
  return new ApiError(mode === "video" ? "room" : "voice_failed", "The vendor ended the call");
}

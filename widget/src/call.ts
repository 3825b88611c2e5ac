/** The life of one live call: consent, microphone, the paid create, the connection, and its end, whoever brings it. */

import { ApiError } from "./api";
import { capture } from "./capture";
import type { CallListener, Line, LiveChannel } from "./channels/live";
import type { Card } from "./contract";
import { Forgotten } from "./forgotten";
import { fill } from "./locale";
import type { Session } from "./session";
import { type Call, type LiveMode, NEW_CALL } from "./state";
import type { Store } from "./store";
import { sentence } from "./words";

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
    private readonly store: Pick<Store, "words" | "wordsFor">,
    private readonly write: (call: Call | null) => void,
    private readonly outcome: CallOutcome,
  ) {
    this.#call = { ...NEW_CALL, mode };
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

  toggleMute(): void {
    if (this.#call.listenOnly) return;
    const muted = !this.#call.muted;
    this.#channel?.mute(muted);
    this.#set({ muted });
  }

  toggleTranscript(): void {
    this.#set({ transcript: !this.#call.transcript });
  }

  /** Another microphone for the call that runs; the old one goes on when it cannot be had. */
  async useMicrophone(device?: string): Promise<void> {
    try {
      const microphone = await capture("microphone", device);
      if (this.#over || !this.#channel) return microphone.stop();
      await this.#channel.use(microphone);
      microphone.enabled = !this.#call.muted;
      this.#call.microphone?.stop();
      this.#set({ microphone, listenOnly: null });
      this.#watchMicrophone(microphone);
    } catch (refusal) {
      this.outcome.failed(refusal);
      if (this.#call.microphone?.readyState !== "live") this.#set({ listenOnly: this.#listenOnly(this.store.wordsFor(refusal).happened) });
    }
  }

  /** Shows the visitor to the avatar, or not any more. Off until it is asked for. */
  async toggleCamera(): Promise<void> {
    if (this.#call.camera) return this.#showCamera(null);
    return this.useCamera();
  }

  async useCamera(device?: string): Promise<void> {
    try {
      const camera = await capture("camera", device);
      if (this.#over || !this.#channel?.show) return camera.stop();
      camera.addEventListener("ended", () => this.#call.camera === camera && void this.#showCamera(null));
      await this.#showCamera(camera);
    } catch (refusal) {
      this.outcome.failed(refusal);
      this.#note(sentence(this.store.wordsFor(refusal)));
    }
  }

  useSpeaker(speaker: string): void {
    this.#set({ speaker });
  }

  pictureSeen(): void {
    if (!this.#call.picture) this.#set({ picture: true });
  }

  soundBlocked(soundBlocked: boolean): void {
    if (this.#call.soundBlocked !== soundBlocked) this.#set({ soundBlocked });
  }

  async #connect(): Promise<void> {
    await this.#openMicrophone();
    if (this.#over) return;
    const channel = await this.#prepare();
    this.#channel = channel;
    if (this.#over) return this.#hangUp();
    this.#set({ phase: "creating" });
    await channel.create();
    if (this.#over) {
      await this.session.endCall().catch(this.outcome.failed); // cancelled while the create was on its way
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

  /** In the visitor's click, and before anything is paid for. Video goes on without one, voice cannot. */
  async #openMicrophone(): Promise<void> {
    try {
      const microphone = await capture("microphone");
      if (this.#over) microphone.stop();
      else {
        this.#set({ microphone });
        this.#watchMicrophone(microphone);
      }
    } catch (refusal) {
      if (this.mode === "voice") throw refusal;
      this.#set({ listenOnly: this.#listenOnly(this.store.wordsFor(refusal).happened) });
    }
  }

  /** Unplugged: the browser has another one, or the visitor goes on listening and typing. */
  #watchMicrophone(microphone: MediaStreamTrack): void {
    microphone.addEventListener("ended", () => {
      if (this.#over || this.#call.microphone !== microphone) return; // put away by us
      this.#set({ listenOnly: this.#listenOnly(this.store.words.microphoneGone) });
      void this.useMicrophone().then(() => {
        const { microphone: other } = this.#call;
        if (other && other !== microphone) this.#note(fill(this.store.words.microphoneChanged, { name: other.label }));
      });
    });
  }

  async #showCamera(camera: MediaStreamTrack | null): Promise<void> {
    await this.#channel?.show?.(camera);
    this.#call.camera?.stop();
    this.#set({ camera });
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
      silent: () => this.#set({ listenOnly: this.#listenOnly(this.store.words.microphoneGone) }),
      gone: (failure) => this.#gone(failure),
      over: (failure) => this.#finish(true, { failure }),
      fault: (failure) => this.outcome.failed(failure),
    };
  }

  #listenOnly(why: string): string {
    return `${why} ${this.store.words.listenAndType}`;
  }

  /** The time counts from the wish, wherever it was made: a call that took long to create, or one that was created by an
   * earlier press, has less of it. So what the server says is left, by no clock but the time that passes here. */
  #granted(callId: string, secondsLeft: number): void {
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
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    clearTimeout(this.#timeUp);
    clearTimeout(this.#captionTimer);
    this.#forgotten?.stop();
    this.#call.microphone?.stop();
    this.#call.camera?.stop();
    this.#hangUp();
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

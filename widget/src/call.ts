/** The life of one video call: consent, microphone, the paid create, the room, and its end, whoever brings it. */

import { ApiError } from "./api";
import type { CallListener, VideoCall } from "./channels/video";
import type { Line } from "./channels/utterances";
import type { Card } from "./contract";
import type { Session } from "./session";
import { type Call, NEW_CALL } from "./state";
import { wordsFor } from "./words";

export interface CallOutcome {
  /** `seconds` is null when nobody was connected yet. */
  ended(seconds: number | null): void;
  failed(failure: unknown): void;
  line(line: Line): void;
  tool(name: string): void;
}

const FIRST_FRAME_MS = 20_000;
const CAPTION_STAYS_MS = 5_000;

/** A create that was cancelled is still on its way: the next one waits, so that its end cannot hit the wrong call. */
let settled: Promise<unknown> = Promise.resolve();

export class CallControl {
  #call: Call = NEW_CALL;
  #video: VideoCall | null = null;
  #over = false;
  #paid = false;
  #attempt = 0;
  #timers = new Set<ReturnType<typeof setTimeout>>();
  #captionTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly session: Session,
    private readonly write: (call: Call | null) => void,
    private readonly outcome: CallOutcome,
  ) {
    write(this.#call);
  }

  get live(): boolean {
    return this.#call.phase === "live";
  }

  /** The visitor has agreed and pressed start. */
  async start(): Promise<void> {
    if (this.#call.phase !== "consent" && this.#call.phase !== "failed") return;
    this.#attempt += 1;
    const attempt = this.#attempt;
    this.#set({ ...NEW_CALL, phase: "permission", captions: this.#call.captions });
    await settled;
    if (!this.#isCurrent(attempt)) return;
    settled = this.#connect(attempt).catch((failure: unknown) => {
      if (this.#isCurrent(attempt)) this.#fail(failure);
    });
    await settled;
  }

  end(): void {
    this.#finish(true);
  }

  endedByServer(): void {
    this.#finish(false);
  }

  say(text: string, key: string): void {
    this.#video?.say(text, key);
  }

  pass(message: object): void {
    this.#video?.pass(message);
    this.#set({ working: false });
  }

  show(card: Card): void {
    this.#set({ cards: [card, ...this.#call.cards], working: false });
  }

  toggleMute(): void {
    if (this.#call.listenOnly) return;
    const muted = !this.#call.muted;
    this.#video?.mute(muted);
    this.#set({ muted });
  }

  toggleCaptions(): void {
    this.#set({ captions: !this.#call.captions });
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

  async #connect(attempt: number): Promise<void> {
    const { VideoCall } = await import("./channels/video");
    const video = await VideoCall.prepare(this.#listener());
    if (!this.#isCurrent(attempt)) return;
    this.#video = video;
    const listenOnly = await video.openMicrophone();
    if (!this.#isCurrent(attempt)) return;
    this.#set({ listenOnly, phase: "creating" });

    const grant = await this.session.openVideo();
    if (!this.#isCurrent(attempt)) {
      await this.session.endCall().catch(this.outcome.failed); // cancelled while the create was on its way
      return;
    }
    this.#paid = true;
    this.#set({ phase: "joining", endsAt: Date.now() + grant.maxSeconds * 1000 });
    this.#after(grant.maxSeconds * 1000, () => this.end());

    await video.join(grant);
    if (!this.#isCurrent(attempt)) return;
    this.#set({ phase: "live", startedAt: Date.now() });
    this.#after(FIRST_FRAME_MS, () => {
      if (!this.#call.picture) this.#fail(new ApiError("no_video", `No picture within ${FIRST_FRAME_MS / 1000} s`));
    });
  }

  #listener(): CallListener {
    return {
      track: (kind, track) => this.#set({ [kind]: track }),
      event: (event) => {
        this.session.relay.send({ action: "event", event: { ...event } });
      },
      line: (line) => {
        if (line.role === "assistant") this.#showCaption(line);
        this.outcome.line(line);
      },
      tool: (name) => {
        this.#set({ working: true });
        this.outcome.tool(name);
      },
      interrupted: (interrupted) => this.#set({ interrupted }),
      silent: () => this.#set({ listenOnly: "The microphone does not work. You can listen and type." }),
      over: (failure) => (failure ? this.#fail(failure) : this.end()),
      fault: (failure) => this.outcome.failed(failure),
    };
  }

  #showCaption({ text, final }: Line): void {
    clearTimeout(this.#captionTimer);
    this.#set({ caption: text });
    if (final) this.#captionTimer = setTimeout(() => this.#set({ caption: "" }), CAPTION_STAYS_MS);
  }

  #fail(failure: unknown): void {
    this.#release(true);
    this.#set({ ...NEW_CALL, captions: this.#call.captions, phase: "failed", error: wordsFor(failure) });
    this.outcome.failed(failure);
  }

  #finish(tellServer: boolean): void {
    if (this.#over) return;
    const { startedAt } = this.#call;
    this.#release(tellServer);
    this.#over = true;
    this.write(null);
    this.outcome.ended(startedAt === null ? null : Math.round((Date.now() - startedAt) / 1000));
  }

  /** Frees everything the call holds, first of all the microphone. */
  #release(tellServer: boolean): void {
    this.#attempt += 1;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    clearTimeout(this.#captionTimer);
    void this.#video?.leave();
    this.#video = null;
    if (this.#paid && tellServer) this.session.endCall().catch(this.outcome.failed);
    this.#paid = false;
  }

  #isCurrent(attempt: number): boolean {
    return !this.#over && attempt === this.#attempt;
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

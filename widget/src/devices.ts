/** The visitor's microphone and camera in a call: opened, changed, unplugged, and put away. */

import { capture } from "./capture";
import type { LiveChannel } from "./channels/live";
import { fill } from "./locale";
import type { Call, LiveMode } from "./state";
import type { Store } from "./store";
import { sentence } from "./words";

/** The call that they belong to. */
export interface InCall {
  over(): boolean;
  now(): Call;
  channel(): LiveChannel | null;
  set(change: Partial<Call>): void;
  /** Tells the visitor something that passes. */
  note(text: string): void;
  failed(failure: unknown): void;
}

export class Devices {
  constructor(
    private readonly mode: LiveMode,
    private readonly store: Pick<Store, "words" | "wordsFor">,
    private readonly call: InCall,
  ) {}

  /** In the visitor's click, and before anything is paid for. Video goes on without one, voice cannot. */
  async open(): Promise<void> {
    const { call } = this;
    try {
      const microphone = await capture("microphone");
      if (call.over()) microphone.stop();
      else {
        call.set({ microphone });
        this.#watch(microphone);
      }
    } catch (refusal) {
      if (this.mode === "voice") throw refusal;
      this.#listenOnly(this.store.wordsFor(refusal).happened);
    }
  }

  toggleMute(): void {
    const { call } = this;
    if (call.now().listenOnly) return;
    const muted = !call.now().muted;
    call.channel()?.mute(muted);
    call.set({ muted });
  }

  /** Another microphone for the call that runs; the old one goes on when it cannot be had. */
  async useMicrophone(device?: string): Promise<void> {
    const { call } = this;
    let microphone: MediaStreamTrack | undefined;
    try {
      microphone = await capture("microphone", device);
      const channel = call.channel();
      if (call.over() || !channel) return microphone.stop();
      await channel.use(microphone);
      if (call.over()) return microphone.stop(); // nobody puts it away any more
      microphone.enabled = !call.now().muted;
      call.now().microphone?.stop();
      call.set({ microphone, listenOnly: null });
      this.#watch(microphone);
    } catch (refusal) {
      microphone?.stop();
      call.failed(refusal);
      if (call.now().microphone?.readyState !== "live") this.#listenOnly(this.store.wordsFor(refusal).happened);
    }
  }

  /** Shows the visitor to the avatar, or not any more. Off until it is asked for. */
  async toggleCamera(): Promise<void> {
    if (this.call.now().camera) return this.#show(null);
    return this.useCamera();
  }

  async useCamera(device?: string): Promise<void> {
    const { call } = this;
    let camera: MediaStreamTrack | undefined;
    try {
      camera = await capture("camera", device);
      if (call.over() || !call.channel()?.show) return camera.stop();
      camera.addEventListener("ended", () => call.now().camera === camera && void this.#show(null));
      await this.#show(camera);
    } catch (refusal) {
      camera?.stop();
      call.failed(refusal);
      call.note(sentence(this.store.wordsFor(refusal)));
    }
  }

  useSpeaker(speaker: string): void {
    this.call.set({ speaker });
  }

  /** The microphone gives nothing any more. */
  silent(): void {
    this.#listenOnly(this.store.words.microphoneGone);
  }

  putAway(): void {
    this.call.now().microphone?.stop();
    this.call.now().camera?.stop();
  }

  /** Unplugged: the browser has another one, or the visitor goes on listening and typing. */
  #watch(microphone: MediaStreamTrack): void {
    const { call } = this;
    microphone.addEventListener("ended", () => {
      if (call.over() || call.now().microphone !== microphone) return; // put away by us
      this.silent();
      void this.useMicrophone().then(() => {
        const { microphone: other } = call.now();
        if (other && other !== microphone) call.note(fill(this.store.words.microphoneChanged, { name: other.label }));
      });
    });
  }

  async #show(camera: MediaStreamTrack | null): Promise<void> {
    const { call } = this;
    await call.channel()?.show?.(camera);
    if (call.over()) return camera?.stop(); // nobody puts it away any more
    call.now().camera?.stop();
    call.set({ camera });
  }

  #listenOnly(why: string): void {
    this.call.set({ listenOnly: `${why} ${this.store.words.listenAndType}` });
  }
}

/**
 * A voice call: the browser's sound goes straight to the vendor, whose raw events go to the relay.
 *
 * A connection that breaks is followed by another one of the same call: the server tells the vendor what was said.
 */

import type { VoiceGrant } from "../contract";
import type { CallListener, LiveChannel } from "./live";
import { type Leg, openLeg } from "./voice-leg";
import { endOf, forServer, type VoiceEvent, VoiceReader } from "./voice-events";
import { VoiceTurns } from "./voice-turns";

/** From the offer to the vendor's first word. */
const SETUP_MS = 15_000;
/** A change of networks interrupts for a moment only. */
const GRACE_MS = 5_000;
/** A second connection may break as well; a third one would not be better. */
const RECONNECTS = 2;

export class VoiceError extends Error {
  constructor(
    /** What a visitor reads of it stands in `words.ts`. */
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export type OpenVoice = (sdpOffer: string, signal: AbortSignal) => Promise<VoiceGrant>;

export class VoiceCall implements LiveChannel {
  #leg: Leg | null = null;
  #turns: VoiceTurns | null = null;
  #reader: VoiceReader;
  #muted = false;
  #ended = false;
  #reconnects = 0;
  #grace: ReturnType<typeof setTimeout> | undefined;
  #deadline = new AbortController();

  constructor(
    private readonly listener: CallListener,
    private microphone: MediaStreamTrack,
    private readonly open: OpenVoice,
  ) {
    this.#reader = new VoiceReader(listener);
  }

  /** Sends our offer and has the vendor's answer. */
  async create(): Promise<void> {
    const deadline = (this.#deadline = new AbortController());
    // Who leaves does not abort the create: it comes back, and what it has bought can be ended.
    const late = new AbortController();
    const timer = setTimeout(() => {
      const slow = new VoiceError("voice_timeout", "The voice did not answer in time");
      late.abort(slow);
      deadline.abort(slow);
    }, SETUP_MS);
    deadline.signal.addEventListener("abort", () => clearTimeout(timer));
    try {
      const leg = await openLeg(this.microphone, {
        event: (event) => this.#hear(event),
        sound: (track) => this.listener.track("audio", track),
        connection: (state) => this.#connectionBecame(state),
        closed: () => void this.#reconnect(new VoiceError("voice_lost", "The event channel was closed")),
      });
      if (this.#ended) return leg.close();
      this.#leg = leg;
      this.#turns = new VoiceTurns((message) => leg.send(message));
      this.listener.creating();
      const grant = await this.open(leg.offer, late.signal);
      this.listener.granted(grant.callId, grant.secondsLeft);
      if (this.#ended) return;
      await leg.accept(grant.sdpAnswer);
      deadline.signal.throwIfAborted();
    } catch (failure) {
      clearTimeout(timer);
      this.#leg?.close();
      throw deadline.signal.aborted ? deadline.signal.reason : failure;
    }
  }

  /** Until the vendor has told its session, what the visitor says would reach one that knows nothing yet. */
  async join(): Promise<void> {
    const { signal } = this.#deadline;
    await this.#leg?.ready(signal);
    this.#deadline.abort();
    this.#hearMicrophone();
  }

  typed(id: string, text: string): void {
    this.listener.say(id, text);
  }

  pass(message: object): void {
    this.#turns?.pass(message);
  }

  mute(muted: boolean): void {
    this.#muted = muted;
    this.#hearMicrophone();
  }

  async use(microphone: MediaStreamTrack): Promise<void> {
    await this.#leg?.use(microphone);
    this.microphone = microphone;
    this.#hearMicrophone();
  }

  async leave(): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#grace);
    this.#reader.hangUp();
    const leg = this.#leg;
    this.#leg = null;
    leg?.close();
    this.#deadline.abort();
  }

  /** Set up, so that nobody waits for it any more. */
  get #stands(): boolean {
    return this.#deadline.signal.aborted;
  }

  #hearMicrophone(): void {
    this.microphone.enabled = !this.#muted;
  }

  #hear(event: VoiceEvent): void {
    try {
      const told = forServer(event);
      if (told) this.listener.event(told);
      this.#turns?.read(event);
      this.#reader.read(event);
    } catch (failure) {
      this.listener.fault(failure);
    }
    switch (endOf(event)) {
      case "fatal":
        this.listener.over(new VoiceError("voice_failed", String(event.error?.message ?? event.response?.status_details?.error?.message)));
        break;
      case "expired":
        void this.#reconnect(new VoiceError("voice_lost", "The vendor's session has expired"));
        break;
      case null:
    }
  }

  #connectionBecame(state: RTCPeerConnectionState): void {
    clearTimeout(this.#grace);
    switch (state) {
      case "connected":
        if (this.#stands) this.listener.interrupted(false);
        break;
      case "disconnected":
        this.listener.interrupted(true);
        this.#grace = setTimeout(() => void this.#reconnect(new VoiceError("voice_lost", "Disconnected")), GRACE_MS);
        break;
      case "failed":
        void this.#reconnect(new VoiceError("voice_lost", "The connection failed"));
        break;
      default:
    }
  }

  async #reconnect(reason: VoiceError): Promise<void> {
    const broken = this.#leg;
    if (this.#ended || !broken) return;
    if (!this.#stands) {
      this.#deadline.abort(reason); // who waits for it is told
      return;
    }
    this.#leg = null;
    clearTimeout(this.#grace);
    this.#reader.hangUp();
    broken.close();
    this.#reconnects += 1;
    if (this.#reconnects > RECONNECTS) {
      this.listener.over(reason);
      return;
    }
    this.listener.interrupted(true);
    try {
      this.microphone.enabled = false;
      await this.create();
      await this.join();
      if (!this.#ended) this.listener.interrupted(false);
    } catch (failure) {
      if (!this.#ended) this.listener.over(failure as Error);
    }
  }
}

/** A video call: the room, whose raw events go to the relay and whose lines go to the log. */

import type { TavusSessionGrant } from "../contract";
import { loadRoomSdk, Room } from "../room";
import type { CallListener, LiveChannel } from "./live";
import { calledTool, speaking, Utterances } from "./utterances";

/** A greeting is over by then, whether its end was told or not. */
const GREETING_MS = 12_000;

export class VideoCall implements LiveChannel {
  #grant: TavusSessionGrant | null = null;
  #utterances: Utterances | null = null;
  /** The vendor drops what a visitor says during the greeting, so typed words wait for its end. */
  #waiting: { id: string; text: string }[] | null = [];
  #greeting: ReturnType<typeof setTimeout> | undefined;
  #avatarSpeaks = false;

  private constructor(
    private readonly room: Room,
    private readonly listener: CallListener,
    /** Without one the visitor listens and types. */
    private microphone: MediaStreamTrack | null,
    private readonly open: () => Promise<TavusSessionGrant>,
  ) {}

  /** Loads the room SDK before anything is paid for. */
  static async prepare(
    listener: CallListener,
    microphone: MediaStreamTrack | null,
    open: () => Promise<TavusSessionGrant>,
  ): Promise<VideoCall> {
    const sdk = await loadRoomSdk();
    const room: Room = new Room(sdk, { ...listener, message: (event) => call.#hear(event) });
    const call: VideoCall = new VideoCall(room, listener, microphone, open);
    return call;
  }

  async create(): Promise<void> {
    this.listener.creating();
    this.#grant = await this.open();
    this.listener.granted(this.#grant.conversationId, this.#grant.secondsLeft);
  }

  async join(): Promise<void> {
    if (!this.#grant) return;
    const { conversationId, conversationUrl, meetingToken } = this.#grant;
    this.#utterances = new Utterances(conversationId);
    await this.room.join(conversationUrl, meetingToken, this.microphone);
    this.#greeting = setTimeout(() => this.#greeted(), GREETING_MS);
  }

  typed(id: string, text: string): void {
    this.#utterances?.typed(id, text);
    if (this.#waiting) this.#waiting.push({ id, text });
    else this.listener.say(id, text);
  }

  pass(message: object): void {
    this.room.send(message);
  }

  mute(muted: boolean): void {
    this.room.setMicrophone(!muted);
  }

  async use(microphone: MediaStreamTrack): Promise<void> {
    this.microphone = microphone;
    await this.room.useMicrophone(microphone);
  }

  async show(camera: MediaStreamTrack | null): Promise<void> {
    await this.room.useCamera(camera);
  }

  leave(): Promise<unknown> {
    clearTimeout(this.#greeting);
    return this.room.leave();
  }

  #hear(event: object): void {
    this.listener.event(event);
    this.#follow(speaking(event));
    const line = this.#utterances?.read(event);
    if (line) this.listener.line(line);
    const tool = calledTool(event);
    if (tool) this.listener.tool(tool);
  }

  /** Whose turn it is. Twins of one event may come late: a visitor's end says nothing while the avatar speaks. */
  #follow(told: ReturnType<typeof speaking>): void {
    if (told?.role === "assistant") {
      this.#avatarSpeaks = told.speaks;
      this.listener.activity(told.speaks ? "speaking" : "listening");
      if (!told.speaks) this.#greeted();
    } else if (told && !this.#avatarSpeaks) this.listener.activity(told.speaks ? "listening" : "thinking");
  }

  #greeted(): void {
    clearTimeout(this.#greeting);
    const said = this.#waiting ?? [];
    this.#waiting = null;
    for (const { id, text } of said) this.listener.say(id, text);
  }
}

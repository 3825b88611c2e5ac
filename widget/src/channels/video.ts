/** A video call: microphone first, then the room, whose raw events go to the relay and whose lines go to the log. */

import type { TavusSessionGrant } from "../contract";
import { loadRoomSdk, Room, type RoomListener } from "../room";
import { calledTool, type Line, stoppedSpeaking, Utterances } from "./utterances";

export interface CallListener extends Omit<RoomListener, "message"> {
  /** A raw event for the relay, as the room sent it. */
  event(event: object): void;
  line(line: Line): void;
  tool(name: string): void;
}

/** A greeting is over by then, whether its end was told or not. */
const GREETING_MS = 12_000;

export class VideoCall {
  #utterances: Utterances | null = null;
  #conversationId = "";
  #microphone: MediaStreamTrack | null = null;
  #ended = false;
  /** The vendor drops what a visitor says during the greeting, so typed words wait for its end. */
  #waiting: string[] | null = [];
  #greeting: ReturnType<typeof setTimeout> | undefined;

  private constructor(private readonly room: Room) {}

  /** Loads the player before anything is paid for. */
  static async prepare(listener: CallListener): Promise<VideoCall> {
    const sdk = await loadRoomSdk();
    const call: VideoCall = new VideoCall(
      new Room(sdk, {
        ...listener,
        message: (event) => {
          listener.event(event);
          if (stoppedSpeaking(event)) call.#greeted();
          const line = call.#utterances?.read(event);
          if (line) listener.line(line);
          const tool = calledTool(event);
          if (tool) listener.tool(tool);
        },
      }),
    );
    return call;
  }

  /** Asks for the microphone; answers why there is none, or null when the visitor can be heard. */
  async openMicrophone(): Promise<string | null> {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
      });
      this.#microphone = stream.getAudioTracks()[0] ?? null;
      if (this.#ended) this.#releaseMicrophone();
      return null;
    } catch (refusal) {
      return (refusal as Error).name === "NotFoundError"
        ? "No microphone was found. You can listen and type."
        : "The microphone is blocked. You can listen and type, or allow it in the browser and start again.";
    }
  }

  async join(grant: TavusSessionGrant): Promise<void> {
    this.#conversationId = grant.conversationId;
    this.#utterances = new Utterances(grant.conversationId);
    await this.room.join(grant.conversationUrl, grant.meetingToken, this.#microphone);
    this.#greeting = setTimeout(() => this.#greeted(), GREETING_MS);
  }

  /** Typed words enter the call as if they had been spoken. `key` is the line that shows them already. */
  say(text: string, key: string): void {
    this.#utterances?.typed(key, text);
    if (this.#waiting) this.#waiting.push(text);
    else this.#respond(text);
  }

  #greeted(): void {
    clearTimeout(this.#greeting);
    const said = this.#waiting ?? [];
    this.#waiting = null;
    for (const text of said) this.#respond(text);
  }

  #respond(text: string): void {
    this.room.send({
      message_type: "conversation",
      event_type: "conversation.respond",
      conversation_id: this.#conversationId,
      properties: { text },
    });
  }

  pass(message: object): void {
    this.room.send(message);
  }

  mute(muted: boolean): void {
    this.room.setMicrophone(!muted);
  }

  leave(): Promise<unknown> {
    this.#ended = true;
    clearTimeout(this.#greeting);
    this.#releaseMicrophone();
    return this.room.leave();
  }

  #releaseMicrophone(): void {
    this.#microphone?.stop();
    this.#microphone = null;
  }
}

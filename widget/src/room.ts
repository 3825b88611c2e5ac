/** The video room: one call object at a time, created after the last one is gone, and joined against a deadline. */

import type { DailyCall, DailyEvent, DailyEventObject, DailyFactoryOptions } from "@daily-co/daily-js";

type Sdk = Pick<
  typeof import("@daily-co/daily-js").default,
  "supportedBrowser" | "getCallInstance" | "createCallObject"
>;

export interface RoomListener {
  track(kind: "audio" | "video", track: MediaStreamTrack | null): void;
  message(data: object): void;
  interrupted(interrupted: boolean): void;
  /** The microphone is missing although the call goes on. */
  silent(): void;
  /** The call is over: the avatar left, the server ended it, or it broke. */
  over(failure: string | null): void;
  /** A bug of ours inside a handler, which the SDK would otherwise swallow. */
  fault(failure: unknown): void;
}

export class RoomError extends Error {
  readonly code = "room";
}

const JOIN_MS = 15_000;

/** The SDK allows one call object per page and destroys asynchronously: every create waits for this. */
let vacated: Promise<unknown> = Promise.resolve();

export async function loadRoomSdk(): Promise<Sdk> {
  let sdk: Sdk;
  try {
    sdk = ((await import(new URL("./daily.js", import.meta.url).href)) as { default: Sdk }).default;
  } catch {
    throw new RoomError("The video player could not be loaded. Please check your connection and try again.");
  }
  if (!sdk.supportedBrowser().supported) {
    throw new RoomError("This browser cannot hold video calls. A current Chrome, Firefox, Edge or Safari can.");
  }
  return sdk;
}

export class Room {
  #call: DailyCall | null = null;
  #joined = false;
  #left = false;
  #queue: object[] = [];

  constructor(
    private readonly sdk: Sdk,
    private readonly listener: RoomListener,
  ) {}

  async join(url: string, token: string | null, microphone: MediaStreamTrack | null): Promise<void> {
    const call = await this.#create(microphone);
    const { promise: deadline, cancel } = timeout(JOIN_MS);
    try {
      await Promise.race([call.join({ url, ...(token && { token }) }), deadline]);
    } catch (failure) {
      if (this.#left) return;
      await this.leave();
      throw new RoomError(reasonOf(failure));
    } finally {
      cancel();
    }
    if (this.#left) return;
    this.#joined = true;
    for (const message of this.#queue.splice(0)) this.send(message);
  }

  /** Passed on unchanged. Messages wait until the room is joined; the SDK throws before that. */
  send(message: object): void {
    if (this.#left) return;
    if (!this.#joined || !this.#call) {
      this.#queue.push(message);
      return;
    }
    try {
      this.#call.sendAppMessage(message, "*");
    } catch (failure) {
      // Above 4096 characters (or the room's own cap, which only the SDK knows) it refuses.
      this.listener.fault(failure);
    }
  }

  setMicrophone(on: boolean): void {
    this.#call?.setLocalAudio(on);
  }

  leave(): Promise<unknown> {
    this.#left = true;
    const call = this.#call;
    this.#call = null;
    // destroy() leaves first. A join that is still pending never settles after this: its caller is already gone.
    if (call) vacated = call.destroy().catch(() => undefined);
    return vacated;
  }

  async #create(microphone: MediaStreamTrack | null): Promise<DailyCall> {
    await vacated;
    await this.sdk.getCallInstance()?.destroy();
    if (this.#left) throw new RoomError("The call was cancelled.");
    const options: DailyFactoryOptions = {
      audioSource: microphone ?? false,
      videoSource: false,
      dailyConfig: { avoidEval: true }, // a site's CSP need not allow 'unsafe-eval'
    };
    const call = this.sdk.createCallObject(options);
    this.#call = call;
    this.#listen(call);
    return call;
  }

  #listen(call: DailyCall): void {
    const on = <E extends DailyEvent>(name: E, handle: (event: DailyEventObject<E>) => void) =>
      call.on(name, (event) => {
        if (this.#left) return;
        try {
          handle(event);
        } catch (failure) {
          this.listener.fault(failure);
        }
      });

    on("track-started", ({ participant, track, type }) => {
      if (!participant || participant.local || (type !== "audio" && type !== "video")) return;
      // The persistent track survives interruptions, where the event's own track would freeze.
      this.listener.track(type, participant.tracks?.[type]?.persistentTrack ?? track);
    });
    on("track-stopped", ({ participant, type }) => {
      if (participant && !participant.local && type === "audio") this.listener.track(type, null);
    });
    on("app-message", ({ data, fromId }) => {
      if (fromId === call.participants().local?.session_id) return;
      const message = readMessage(data);
      if (message) this.listener.message(message);
    });
    on("network-connection", ({ event }) => this.listener.interrupted(event === "interrupted"));
    on("camera-error", () => this.listener.silent());
    on("participant-left", ({ participant }) => {
      const others = Object.values(call.participants()).filter((other) => !other.local);
      if (!participant.local && others.length === 0) this.listener.over(null);
    });
    on("error", ({ error, errorMsg }) => this.listener.over(wordsFor(error?.type) ?? errorMsg));
    on("left-meeting", () => this.listener.over(null));
  }
}

/** The vendor sends some events as JSON text. */
function readMessage(data: unknown): object | null {
  if (typeof data === "object") return data;
  try {
    const parsed: unknown = JSON.parse(String(data));
    return typeof parsed === "object" ? parsed : null;
  } catch {
    return null;
  }
}

/** join() rejects with an event object, a string or an Error, depending on what went wrong. */
function reasonOf(failure: unknown): string {
  if (failure instanceof Error || typeof failure === "string") return String((failure as Error).message ?? failure);
  const event = failure as { errorMsg?: string; error?: { type?: string } } | undefined;
  return wordsFor(event?.error?.type) ?? event?.errorMsg ?? "The video room could not be joined.";
}

function wordsFor(type: string | undefined): string | undefined {
  switch (type) {
    case "no-room":
    case "exp-room":
      return "This call has already ended.";
    case "exp-token":
    case "nbf-token":
    case "not-allowed":
      return "The video room did not accept the invitation.";
    case "meeting-full":
      return "This call is already open in another window.";
    case "ejected":
      return "The call was ended.";
    case "connection-error":
      return "The connection to the video room was lost.";
    default:
      return undefined;
  }
}

function timeout(ms: number): { promise: Promise<never>; cancel(): void } {
  let timer: ReturnType<typeof setTimeout>;
  const promise = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new RoomError("The video room did not answer in time.")), ms);
  });
  return { promise, cancel: () => clearTimeout(timer) };
}

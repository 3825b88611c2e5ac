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
  /** The network is hardly good enough, or good again. */
  weak(weak: boolean): void;
  /** The microphone is missing although the call goes on. */
  silent(): void;
  /** The avatar left, or everybody was sent out. */
  gone(failure: RoomError): void;
  /** The call broke. */
  over(failure: RoomError): void;
  /** A bug of ours inside a handler, which the SDK would otherwise swallow. */
  fault(failure: unknown): void;
}

export type RoomTrouble = "" | "_blocked" | "_not_loaded" | "_unsupported" | "_ended" | "_refused" | "_full" | "_ejected" | "_lost" | "_timeout";

/** The message is technical; `words.ts` says what a visitor reads of the code. */
export class RoomError extends Error {
  readonly code: string;

  constructor(trouble: RoomTrouble, message: string) {
    super(message);
    this.code = `room${trouble}`;
  }
}

const JOIN_MS = 15_000;
/** The browser tells a request's refusal before it tells that the page's policy refused it. */
const REASON_MS = 50;

/** The SDK allows one call object per page and destroys asynchronously: every create waits for this. */
let vacated: Promise<unknown> = Promise.resolve();

export async function loadRoomSdk(): Promise<Sdk> {
  let sdk: Sdk;
  try {
    sdk = (await import("./daily")).default;
  } catch (failure) {
    throw new RoomError("_not_loaded", String(failure));
  }
  if (!sdk.supportedBrowser().supported) throw new RoomError("_unsupported", "The room SDK refuses this browser");
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
    const gate = watchPolicy(url);
    let unloaded: string | null = null;
    call.on("load-attempt-failed", ({ errorMsg }) => (unloaded = errorMsg));
    call.on("loaded", () => (unloaded = null));
    try {
      await Promise.race([call.join({ url, ...(token && { token }) }), deadline, gate.engineBlocked]);
    } catch (failure) {
      if (this.#left) return;
      await this.leave();
      await new Promise((resolve) => setTimeout(resolve, REASON_MS));
      if (gate.blocked) throw new RoomError("_blocked", `The page's Content-Security-Policy blocks ${gate.blocked}`);
      throw unloaded === null ? reasonOf(failure) : new RoomError("_not_loaded", unloaded);
    } finally {
      cancel();
      gate.close();
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

  async useMicrophone(microphone: MediaStreamTrack): Promise<void> {
    await this.#call?.setInputDevicesAsync({ audioSource: microphone });
    this.#call?.setLocalAudio(true);
  }

  async useCamera(camera: MediaStreamTrack | null): Promise<void> {
    await this.#call?.setInputDevicesAsync({ videoSource: camera ?? false });
    this.#call?.setLocalVideo(camera !== null);
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
    if (this.#left) throw new RoomError("_ended", "The call was cancelled");
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
    on("network-quality-change", ({ networkState }) => this.listener.weak(networkState === "bad" || networkState === "warning"));
    on("camera-error", () => this.listener.silent());
    on("participant-left", ({ participant }) => {
      const others = Object.values(call.participants()).filter((other) => !other.local);
      if (!participant.local && others.length === 0) this.listener.gone(new RoomError("", "The avatar left the room"));
    });
    // Until the room is joined, join() tells how it failed, and knows more of why.
    on("error", ({ error, errorMsg }) => {
      if (!this.#joined) return;
      const trouble = troubleOf(error?.type);
      if (trouble === "_ejected" || trouble === "_ended") this.listener.gone(new RoomError(trouble, errorMsg));
      else this.listener.over(new RoomError(trouble, errorMsg));
    });
    on("left-meeting", () => {
      if (this.#joined) this.listener.gone(new RoomError("", "The room was left"));
    });
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
function reasonOf(failure: unknown): RoomError {
  if (failure instanceof RoomError) return failure;
  const event = failure as { errorMsg?: string; message?: string; error?: { type?: string } } | undefined;
  return new RoomError(troubleOf(event?.error?.type), event?.errorMsg ?? event?.message ?? String(failure));
}

function troubleOf(type: string | undefined): RoomTrouble {
  switch (type) {
    case "no-room":
    case "exp-room":
      return "_ended";
    case "exp-token":
    case "nbf-token":
    case "not-allowed":
      return "_refused";
    case "meeting-full":
      return "_full";
    case "ejected":
      return "_ejected";
    case "connection-error":
      return "_lost";
    default:
      return "";
  }
}

/**
 * Hears what the page's Content-Security-Policy refuses to the room's vendor.
 *
 * Without its engine the join cannot succeed and is given up at once; any other refusal only explains a failed join,
 * for it may as well have hit the vendor's statistics.
 */
function watchPolicy(room: string): { blocked: string | null; engineBlocked: Promise<never>; close(): void } {
  const vendor = new URL(room).hostname.split(".").slice(-2).join(".");
  let giveUp: (failure: RoomError) => void;
  const watch = {
    blocked: null as string | null,
    engineBlocked: new Promise<never>((_, reject) => (giveUp = reject)),
    close: () => globalThis.document?.removeEventListener("securitypolicyviolation", hear),
  };
  const hear = ({ blockedURI, effectiveDirective, disposition }: SecurityPolicyViolationEvent) => {
    const host = URL.canParse(blockedURI) ? new URL(blockedURI).hostname : "";
    if (disposition !== "enforce" || !`.${host}`.endsWith(`.${vendor}`)) return;
    watch.blocked = `${effectiveDirective} ${blockedURI}`;
    if (effectiveDirective.startsWith("script-src")) giveUp(new RoomError("_blocked", watch.blocked));
  };
  watch.engineBlocked.catch(() => undefined); // it may come when nobody waits for it any more
  globalThis.document?.addEventListener("securitypolicyviolation", hear);
  return watch;
}

function timeout(ms: number): { promise: Promise<never>; cancel(): void } {
  let timer: ReturnType<typeof setTimeout>;
  const promise = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new RoomError("_timeout", `Not joined within ${ms / 1000} s`)), ms);
  });
  return { promise, cancel: () => clearTimeout(timer) };
}

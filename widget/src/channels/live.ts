/** What a live call must do for the conversation, whoever the vendor is. */

export interface Line {
  key: string;
  role: "visitor" | "assistant";
  /** Empty while it is known only that somebody speaks. */
  text: string;
  final: boolean;
  /** The line that it was said after, when the vendor tells. */
  after?: string | undefined;
}

export interface CallListener {
  track(kind: "audio" | "video", track: MediaStreamTrack | null): void;
  /** Another paid call is wished for, and what is told of an earlier one is about the past. */
  creating(): void;
  /** A paid call exists from now on, and the server ends it in so many seconds. */
  granted(callId: string, secondsLeft: number): void;
  /** A raw event for the relay, as the vendor sent it. */
  event(event: object): void;
  /** Words that the visitor typed are ripe to enter the call. */
  say(id: string, text: string): void;
  line(line: Line): void;
  tool(name: string): void;
  activity(activity: "listening" | "thinking" | "speaking"): void;
  interrupted(interrupted: boolean): void;
  /** The network is hardly good enough, or good again. */
  weak(weak: boolean): void;
  /** The microphone stopped working although the call goes on. */
  silent(): void;
  /** The other side is gone without a word; why, the server may know. */
  gone(failure: Error): void;
  /** The call broke. */
  over(failure: Error): void;
  /** A bug of ours inside a handler, which would otherwise be swallowed. */
  fault(failure: unknown): void;
}

export interface LiveChannel {
  /** Buys the call. */
  create(): Promise<void>;
  join(): Promise<void>;
  /** Typed words take part in the call. `id` is the line that shows them already. */
  typed(id: string, text: string): void;
  /** Passes a message of the relay into the call, unchanged. */
  pass(message: object): void;
  mute(muted: boolean): void;
  /** Another microphone from now on. */
  use(microphone: MediaStreamTrack): Promise<void>;
  /** The visitor's picture from now on; null takes it away. */
  show?(camera: MediaStreamTrack | null): Promise<void>;
  leave(): Promise<unknown>;
}

/** Everything in the widget that changes, as types. Only the conversation and its parts write it, through `store.ts`. */

import type { Answer, Card, Mode, PublicProfile } from "./contract";
import { ENGLISH, type Locale } from "./locale";
import type { Theme } from "./preferences";
import type { RelayState } from "./relay";

/** The modes in which vendor and visitor speak with each other. */
export type LiveMode = Extract<Mode, "voice" | "video">;

export interface VisitorTurn {
  kind: "visitor";
  id: string;
  /** Empty while the visitor is still speaking. */
  text: string;
}

export interface AssistantTurn {
  kind: "assistant";
  id: string;
  /** `waiting`: there is no network; the question goes out when it is back. */
  status: "thinking" | "waiting" | "streaming" | "done" | "stopped" | "spoken";
  answer: Answer;
  /** Whether the server knows this answer by our id, so that a word about it can be stored. */
  rateable?: boolean;
  rating?: Rating | null;
}

export type Rating = "good" | "bad";

export interface ShownCard {
  kind: "card";
  id: string;
  card: Card;
}

export interface Notice {
  kind: "notice";
  id: string;
  text: string;
  /** The mode that could not go on and may be tried again, and what makes that worth a try. */
  again?: LiveMode;
  hint?: string;
  /** The mode that took over. */
  onward?: Mode;
}

/** The text of the consent has changed: here the visitor reads the new one. */
export interface ConsentAnew {
  kind: "consent";
  id: string;
}

/** A question that could not be answered; asking again is one press away. */
export interface Failure {
  kind: "failure";
  id: string;
  message: string;
  question: string;
  /** Whether asking again may help. */
  again: boolean;
}

export interface CallSummary {
  kind: "call";
  id: string;
  mode: LiveMode;
  seconds: number;
}

/** The last way to be heard, when no mode works: a message to the company's people. */
export interface Letter {
  kind: "letter";
  id: string;
  /** `waiting`: written, and sent as soon as the server can be reached. */
  status: "open" | "sending" | "waiting" | "sent";
  /** The field to correct, when the server refused one. */
  wrong: string | null;
}

export type Item = VisitorTurn | AssistantTurn | ShownCard | Notice | Failure | CallSummary | Letter | ConsentAnew;

/** How far the visitor has come with a form that asks before something is written down. */
export interface Confirmation {
  status: "open" | "sending" | "confirmed" | "declined" | "expired";
  /** Why it could not be sent, for the visitor. */
  error: string | null;
  /** The field to correct, when the server refused one. */
  wrong: string | null;
}

/** Answers read aloud. */
export interface Reading {
  /** The answer that is being read. */
  turn: string | null;
  muted: boolean;
  /** 1 is the voice's own. */
  speed: number;
}

export const SPEEDS: readonly number[] = [0.75, 1, 1.25, 1.5, 2];

export type CallPhase = "consent" | "permission" | "creating" | "joining" | "live";

/** Whose turn it is in a call. */
export type Activity = "listening" | "thinking" | "speaking";

export interface Call {
  mode: LiveMode;
  phase: CallPhase;
  activity: Activity;
  microphone: MediaStreamTrack | null;
  video: MediaStreamTrack | null;
  audio: MediaStreamTrack | null;
  /** Whether a first frame has been seen. */
  picture: boolean;
  muted: boolean;
  /** The visitor's picture; null while they do not show themselves. */
  camera: MediaStreamTrack | null;
  /** Why the visitor cannot be heard, when that is so. */
  listenOnly: string | null;
  /** What has just changed, for a moment. */
  note: string | null;
  soundBlocked: boolean;
  caption: string;
  transcript: boolean;
  interrupted: boolean;
  /** The network is hardly good enough. */
  weak: boolean;
  /** The loudspeaker's id; empty for the browser's own choice. */
  speaker: string;
  /** A tool is at work. */
  working: boolean;
  startedAt: number | null;
  endsAt: number | null;
  cards: readonly Card[];
}

export interface State {
  locale: Locale;
  theme: Theme;
  /** Whether what is said in a call is written on it. */
  captions: boolean;
  profile: PublicProfile | null;
  profileError: string | null;
  /** The assistant has no place here: there is no such company, or it does not allow this website. */
  refused: "company" | "site" | null;
  /** The browser has lost its network. */
  offline: boolean;
  mode: Mode;
  items: readonly Item[];
  /** By confirmation id; one that is not here is open. */
  confirmations: Readonly<Record<string, Confirmation>>;
  reading: Reading;
  /** The question being answered. */
  answering: string | null;
  relay: RelayState | "idle";
  call: Call | null;
  /** Read out once by screen readers. */
  announcement: string;
}

export type EventName =
  | "opened"
  | "closed"
  | "message"
  | "mode-changed"
  | "language-changed"
  | "tool-called"
  | "lead-captured"
  | "meeting-booked"
  | "error";
export type Emit = (name: EventName, detail: object) => void;

export const EMPTY_STATE: State = {
  locale: ENGLISH,
  theme: "auto",
  captions: true,
  profile: null,
  profileError: null,
  refused: null,
  offline: false,
  mode: "text",
  items: [],
  confirmations: {},
  reading: { turn: null, muted: false, speed: 1 },
  answering: null,
  relay: "idle",
  call: null,
  announcement: "",
};

export const NEW_CALL: Omit<Call, "mode"> = {
  phase: "consent",
  activity: "listening",
  microphone: null,
  video: null,
  audio: null,
  picture: false,
  muted: false,
  camera: null,
  listenOnly: null,
  note: null,
  soundBlocked: false,
  caption: "",
  transcript: false,
  interrupted: false,
  weak: false,
  speaker: "",
  working: false,
  startedAt: null,
  endsAt: null,
  cards: [],
};

export const OPEN_CONFIRMATION: Confirmation = { status: "open", error: null, wrong: null };

export const EMPTY_ANSWER: Answer = { text: "", citations: [], shown: [], actions: [], grounded: true };

const MODES: readonly Mode[] = ["text", "tts", "voice", "video"];

/** What the company offers and this browser can do, in the order of the mode switch. */
export function offeredModes(profile: PublicProfile | null): Mode[] {
  const calls = "RTCPeerConnection" in globalThis;
  return MODES.filter((mode) => profile?.modes.includes(mode) && (calls || !isLive(mode)));
}

/** The first of them in which one writes, if there is one. */
export function writtenMode(profile: PublicProfile | null): Mode | null {
  return offeredModes(profile).find((mode) => !isLive(mode)) ?? null;
}

export function isLive(mode: Mode): mode is LiveMode {
  return mode === "voice" || mode === "video";
}

/** Everything in the widget that changes, as types. Only `conversation.ts` writes it; views read it. */

import type { Answer, Card, PublicProfile } from "./contract";
import type { RelayState } from "./relay";
import type { Words } from "./words";

/** The modes this widget can play; others of a company are left out of the picker. */
export type PlayableMode = "text" | "video";

export interface VisitorTurn {
  kind: "visitor";
  id: string;
  text: string;
}

export interface AssistantTurn {
  kind: "assistant";
  id: string;
  /** `waiting`: there is no network; the question goes out when it is back. */
  status: "thinking" | "waiting" | "streaming" | "done" | "stopped" | "spoken";
  answer: Answer;
}

export interface ShownCard {
  kind: "card";
  id: string;
  card: Card;
}

export interface Notice {
  kind: "notice";
  id: string;
  text: string;
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
  seconds: number;
}

export type Item = VisitorTurn | AssistantTurn | ShownCard | Notice | Failure | CallSummary;

export type CallPhase = "consent" | "permission" | "creating" | "joining" | "live" | "failed";

export interface Call {
  phase: CallPhase;
  video: MediaStreamTrack | null;
  audio: MediaStreamTrack | null;
  /** Whether a first frame has been seen. */
  picture: boolean;
  muted: boolean;
  /** Why the visitor cannot be heard, when that is so. */
  listenOnly: string | null;
  soundBlocked: boolean;
  captions: boolean;
  caption: string;
  transcript: boolean;
  interrupted: boolean;
  /** A tool is at work. */
  working: boolean;
  startedAt: number | null;
  endsAt: number | null;
  cards: readonly Card[];
  error: Words | null;
}

export interface State {
  profile: PublicProfile | null;
  profileError: string | null;
  /** The assistant has no place here: there is no such company, or it does not allow this website. */
  refused: "company" | "site" | null;
  /** The browser has lost its network. */
  offline: boolean;
  mode: PlayableMode;
  items: readonly Item[];
  /** The question being answered. */
  answering: string | null;
  relay: RelayState | "idle";
  call: Call | null;
  /** Read out once by screen readers. */
  announcement: string;
}

export const EMPTY_STATE: State = {
  profile: null,
  profileError: null,
  refused: null,
  offline: false,
  mode: "text",
  items: [],
  answering: null,
  relay: "idle",
  call: null,
  announcement: "",
};

export const NEW_CALL: Call = {
  phase: "consent",
  video: null,
  audio: null,
  picture: false,
  muted: false,
  listenOnly: null,
  soundBlocked: false,
  captions: true,
  caption: "",
  transcript: false,
  interrupted: false,
  working: false,
  startedAt: null,
  endsAt: null,
  cards: [],
  error: null,
};

export const EMPTY_ANSWER: Answer = { text: "", citations: [], shown: [], actions: [], grounded: true };

export function playableModes(profile: PublicProfile | null): PlayableMode[] {
  return (["text", "video"] as const).filter((mode) => profile?.modes.includes(mode));
}

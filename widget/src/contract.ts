/** The words that browser and server exchange. Made from the Python models by `make contract`; change those. */

export type Mode = "text" | "tts" | "voice" | "video";
export type Visual = ImageCard | ClipCard;
export type Action = MeetingCard | LeadCard | ConfirmCard | ContactCard;
export type Card = ImageCard | ClipCard | SourcesCard | MeetingCard | LeadCard | ConfirmCard | ContactCard;
export type ClientFrame = Hello | Resume | Ping | Ask | Stop | RawEvent | Say | Confirm;
export type ServerFrame =
  ReadyFrame | PongFrame | DeltaFrame | ErrorFrame | ShowFrame | DoneFrame | SendFrame | EndFrame | ConfirmedFrame;

/**
 * A finished answer. Every number `[n]` in the text is the number of a citation.
 */
export interface Answer {
  text: string;
  citations: Citation[];
  shown: (ImageCard | ClipCard)[];
  actions: (MeetingCard | LeadCard | ConfirmCard | ContactCard)[];
  grounded: boolean;
}
/**
 * A source of one claim. `url` opens it at the right page, heading or second; `label` says where in words.
 */
export interface Citation {
  number: number;
  title: string;
  label: string;
  url: string;
  modality: "text" | "image" | "video" | "slide";
  snippet: string;
  chunkId: string;
}
/**
 * A picture from the company's material.
 */
export interface ImageCard {
  kind: "image";
  title: string;
  url: string;
  alt: string;
  caption: string;
  width: number | null;
  height: number | null;
  sourceUrl: string;
  chunkId: string;
}
/**
 * A video that starts at the second that answers. `start` and `end` are seconds.
 */
export interface ClipCard {
  kind: "clip";
  title: string;
  url: string;
  caption: string;
  start: number;
  end: number | null;
  poster: string | null;
  captionsUrl: string | null;
  chunkId: string;
}
/**
 * A booking page with the visitor's data filled in.
 */
export interface MeetingCard {
  kind: "meeting";
  title: string;
  url: string;
}
/**
 * The visitor's contact data as it was stored.
 */
export interface LeadCard {
  kind: "lead";
  name: string | null;
  email: string;
  company: string | null;
}
/**
 * What the representative would write down: nothing is written before the visitor confirms these very values.
 */
export interface ConfirmCard {
  kind: "confirm";
  confirmationId: string;
  tool: string;
  title: string;
  fields: FormField[];
  note: string;
}
/**
 * One value that a visitor sees, may correct, and confirms. `name` is the tool's own word for it.
 */
export interface FormField {
  name: string;
  label: string;
  value: string;
  kind: "text" | "email" | "tel" | "multiline";
  required: boolean;
}
/**
 * Ways to reach a person of the company.
 */
export interface ContactCard {
  kind: "contact";
  title: string;
  text: string;
  email: string | null;
  phone: string | null;
  url: string | null;
}
/**
 * A typed question. `id` is the browser's own and returns in every frame of the answer.
 */
export interface Ask {
  traceparent?: string | null;
  action: "ask";
  id: string;
  text: string;
  mode?: "text" | "tts";
}
/**
 * What a company may turn on the widget; everything else follows from the accent.
 */
export interface Branding {
  accent: string;
  radius: number;
  font: string | null;
  logoUrl: string | null;
  position: "right" | "left";
  theme: "auto" | "light" | "dark";
}
/**
 * The visitor's word on a confirm card, with the values as corrected.
 */
export interface Confirm {
  traceparent?: string | null;
  action: "confirm";
  id: string;
  accept: boolean;
  values?: {
    [k: string]: string;
  } | null;
}
/**
 * What became of confirmation `id`; its card closes, and `message` says so in a sentence.
 */
export interface ConfirmedFrame {
  type: "confirmed";
  seq: number;
  id: string;
  accepted: boolean;
  cards: (ImageCard | ClipCard | SourcesCard | MeetingCard | LeadCard | ConfirmCard | ContactCard)[];
  message: string;
}
/**
 * The sources of something that was said aloud.
 */
export interface SourcesCard {
  kind: "sources";
  citations: Citation[];
}
/**
 * What a visitor agrees to before microphone, camera or vendor is touched. The session keeps `version`.
 */
export interface Consent {
  version: string;
  text: string;
  privacyUrl: string | null;
}
/**
 * The consent text that the visitor saw and agreed to.
 */
export interface ConsentGiven {
  version: string;
}
/**
 * All that was said in a session, oldest first, and the live mode it is in, for a page that was loaded anew.
 *
 * `confirmations` tells of confirm cards in it, by their id, what became of them; the others are still open.
 */
export interface Conversation {
  turns: SpokenTurn[];
  mode: ("text" | "tts" | "voice" | "video") | null;
  confirmations: {
    [k: string]: "confirmed" | "declined" | "expired";
  };
}
/**
 * One thing that was said, or shown. `saidAt` is epoch seconds.
 */
export interface SpokenTurn {
  role: "visitor" | "assistant";
  text: string;
  channel: string;
  saidAt: number;
  answer: Answer | null;
  answerId: string | null;
  rating: ("good" | "bad") | null;
}
/**
 * Piece `index` (0, 1, 2 …) of answer `id`; API Gateway promises no order.
 */
export interface DeltaFrame {
  type: "delta";
  id: string;
  index: number;
  text: string;
}
/**
 * The whole answer; it replaces the deltas.
 */
export interface DoneFrame {
  type: "done";
  seq: number;
  id: string;
  answer: Answer;
}
/**
 * Leave the live call `call_id`; a page that has gone on to another one lets it pass.
 */
export interface EndFrame {
  type: "end";
  seq: number;
  reason: string;
  callId: string;
}
/**
 * Every error of every door.
 */
export interface ErrorBody {
  error: ErrorDetail;
}
/**
 * `code` is for programs, `message` for people: it names the field and the remedy.
 */
export interface ErrorDetail {
  code: string;
  message: string;
  requestId: string;
}
/**
 * A frame could not be served; `id` names the question, the saying or the confirmation if it was one.
 */
export interface ErrorFrame {
  type: "error";
  id: string | null;
  error: FrameError;
}
export interface FrameError {
  code: string;
  message: string;
}
/**
 * The browser is ready to read. Nothing is posted before: during `$connect` API Gateway answers 410.
 */
export interface Hello {
  traceparent?: string | null;
  action: "hello";
}
/**
 * All that the website says. `context` holds short facts about page, product or plan under names of its own.
 */
export interface Introduction {
  visitor?: KnownVisitor;
  context?: {
    /**
     * This interface was referenced by `undefined`'s JSON-Schema definition
     * via the `patternProperty` "^[A-Za-z][A-Za-z0-9_.-]{0,39}$".
     */
    [k: string]: boolean | number | string;
  };
}
/**
 * Who the visitor is, as far as the website knows.
 */
export interface KnownVisitor {
  name?: string | null;
  email?: string | null;
  phone?: string | null;
  company?: string | null;
}
/**
 * `resume` is the token of a conversation that goes on in another mode. `consent` is needed for every live mode.
 */
export interface OpenSession {
  companyId: string;
  mode?: "text" | "tts" | "voice" | "video";
  consent?: ConsentGiven | null;
  resume?: string | null;
  sdpOffer?: string | null;
}
/**
 * The body of the mission's own door to a video call.
 */
export interface OpenVideo {
  companyId: string;
  consent?: ConsentGiven | null;
}
/**
 * Keeps the socket from API Gateway's ten-minute idle cut.
 */
export interface Ping {
  traceparent?: string | null;
  action: "ping";
}
export interface PongFrame {
  type: "pong";
}
/**
 * All that a website's visitor may know about a company.
 */
export interface PublicProfile {
  companyId: string;
  slug: string;
  displayName: string;
  shortDescription: string;
  websiteUrl: string;
  modes: ("text" | "tts" | "voice" | "video")[];
  branding: Branding;
  greeting: string;
  starters: string[];
  languages: string[];
  disclosure: string;
  consent: Consent;
  linkHosts: string[];
  linkPages: string[];
  mediaHosts: string[];
  sample: boolean;
}
/**
 * An event of the live call exactly as the vendor sent it, with its number 1, 2, 3 … in this conversation.
 */
export interface RawEvent {
  traceparent?: string | null;
  action: "event";
  seq: number;
  event: {
    [k: string]: unknown;
  };
}
/**
 * `received`: send live events beyond this number again. `seq`: the number of the newest frame that is kept.
 */
export interface ReadyFrame {
  type: "ready";
  received: number;
  seq: number;
}
/**
 * Instead of `hello` on a reopened socket: send again what was kept after `after`, the newest `seq` it knows.
 */
export interface Resume {
  traceparent?: string | null;
  action: "resume";
  after: number;
}
/**
 * Typed during a live call: the one who speaks there answers it.
 */
export interface Say {
  traceparent?: string | null;
  action: "say";
  id: string;
  text: string;
}
/**
 * Pass this message into the live call, unchanged.
 */
export interface SendFrame {
  type: "send";
  seq: number;
  message: {
    [k: string]: unknown;
  };
}
/**
 * What a browser needs to talk: a token for HTTP, a ticket that opens `websocketUrl` once, its way into a call.
 */
export interface SessionGrant {
  sessionId: string;
  token: string;
  ticket: string;
  websocketUrl: string;
  expiresAt: number;
  mode: "text" | "tts" | "voice" | "video";
  modes: ("text" | "tts" | "voice" | "video")[];
  video: VideoGrant | null;
  voice: VoiceGrant | null;
}
/**
 * One browser's way into the avatar's room.
 */
export interface VideoGrant {
  conversationId: string;
  conversationUrl: string;
  meetingToken: string | null;
  replicaId: string | null;
  maxSeconds: number;
  secondsLeft: number;
}
/**
 * The answer to one browser's offer. What is said comes back over the peer connection itself.
 */
export interface VoiceGrant {
  callId: string;
  sdpAnswer: string;
  maxSeconds: number;
  secondsLeft: number;
}
/**
 * Put this before the visitor.
 */
export interface ShowFrame {
  type: "show";
  seq: number;
  id: string | null;
  card: ImageCard | ClipCard | SourcesCard | MeetingCard | LeadCard | ConfirmCard | ContactCard;
}
/**
 * The visitor has heard enough of answer `id`.
 */
export interface Stop {
  traceparent?: string | null;
  action: "stop";
  id: string;
}
/**
 * The mission's flat form of a video grant.
 */
export interface TavusSessionGrant {
  sessionId: string;
  websocketUrl: string;
  ticket: string;
  replicaId: string | null;
  conversationId: string;
  conversationUrl: string;
  meetingToken: string | null;
  token: string;
  expiresAt: number;
  maxSeconds: number;
  secondsLeft: number;
}
/**
 * `result` is for whoever called, `cards` are for the visitor's eyes.
 */
export interface ToolOutcome {
  success: boolean;
  result: {
    [k: string]: unknown;
  };
  cards: (ImageCard | ClipCard | SourcesCard | MeetingCard | LeadCard | ConfirmCard | ContactCard)[];
}

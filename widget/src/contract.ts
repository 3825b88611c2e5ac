/** The words that the widget and the server exchange: HTTP bodies and WebSocket frames, nothing else. */

export type Mode = "text" | "tts" | "voice" | "video";

export interface Branding {
  accent: string;
  radius?: number | null;
  font?: string | null;
  logoUrl?: string | null;
  position?: "right" | "left" | null;
  theme?: "light" | "dark" | "auto" | null;
}

export interface ConsentText {
  version: string;
  text: string;
  privacyUrl?: string | null;
}

/** What anybody may know about a company. */
export interface PublicProfile {
  companyId: string;
  slug: string;
  displayName: string;
  shortDescription: string;
  websiteUrl: string;
  modes: Mode[];
  branding: Branding;
  greeting: string;
  starters: string[];
  languages: string[];
  disclosure: string;
  consent: ConsentText;
  sample: boolean;
}

export interface ConsentGiven {
  version: string;
}

export interface SessionGrant {
  sessionId: string;
  token: string;
  ticket: string;
  websocketUrl: string;
  expiresAt: number;
  mode: Mode;
  modes: Mode[];
}

export interface VideoGrant {
  sessionId: string;
  token: string;
  ticket: string;
  websocketUrl: string;
  expiresAt: number;
  replicaId: string | null;
  conversationUrl: string;
  conversationId: string;
  meetingToken: string | null;
  maxSeconds: number;
}

export interface RenewedGrant {
  token: string;
  ticket: string;
  websocketUrl: string;
  expiresAt: number;
}

export interface Citation {
  number: number;
  title: string;
  label: string;
  url: string;
  modality: "text" | "image" | "video" | "slide";
  snippet: string;
  chunkId: string;
}

export interface ImageCard {
  kind: "image";
  title: string;
  url: string;
  alt: string;
  caption: string;
  width?: number | null;
  height?: number | null;
  sourceUrl: string;
  chunkId: string;
}

export interface ClipCard {
  kind: "clip";
  title: string;
  url: string;
  caption: string;
  start: number;
  end?: number | null;
  poster?: string | null;
  captionsUrl?: string | null;
  chunkId: string;
}

export interface SourcesCard {
  kind: "sources";
  citations: Citation[];
}

export interface MeetingCard {
  kind: "meeting";
  title: string;
  url: string;
}

export interface LeadCard {
  kind: "lead";
  name?: string | null;
  email: string;
  company?: string | null;
}

export type Visual = ImageCard | ClipCard;
export type Action = MeetingCard | LeadCard;
export type Card = Visual | Action | SourcesCard;

export interface Answer {
  text: string;
  citations: Citation[];
  shown: Visual[];
  actions: Action[];
  grounded: boolean;
}

export interface ErrorBody {
  code: string;
  message: string;
  requestId?: string;
}

/** browser → relay */
export type RelayRequest =
  | { action: "hello" }
  | { action: "ping" }
  | { action: "ask"; id: string; text: string }
  | { action: "event"; event: object };

/** relay → browser */
export type RelayFrame =
  | { type: "ready" }
  | { type: "pong" }
  | { type: "delta"; id: string; index: number; text: string }
  | { type: "show"; id?: string | null; card: Card }
  | { type: "done"; id: string; answer: Answer }
  | { type: "error"; id?: string | null; error: ErrorBody }
  | { type: "send"; message: object }
  | { type: "end"; reason: string };

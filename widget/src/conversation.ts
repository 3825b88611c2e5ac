/** The one place that holds what changes. Views read `state` and call the verbs; nobody else writes. */

import { safeAnswer, safeCard } from "./address";
import { Api, ApiError } from "./api";
import { CallControl } from "./call";
import { TextChannel } from "./channels/text";
import type { Line } from "./channels/utterances";
import type { Answer, Card, MeetingCard, ServerFrame } from "./contract";
import { newId } from "./identity";
import { plainText } from "./markdown";
import type { RelayState } from "./relay";
import { Session } from "./session";
import {
  type AssistantTurn,
  EMPTY_ANSWER,
  EMPTY_STATE,
  type Item,
  type PlayableMode,
  playableModes,
  type State,
} from "./state";
import { codeOf, sentence, wordsFor } from "./words";

export type EventName =
  | "opened"
  | "closed"
  | "message"
  | "mode-changed"
  | "tool-called"
  | "lead-captured"
  | "meeting-booked"
  | "error";
export type Emit = (name: EventName, detail: object) => void;

/** The relay takes no longer question; a room message has room for it too. */
export const LONGEST_QUESTION = 2000;
const ANNOUNCEMENT_MS = 1_000;

export class Conversation {
  #state: State = EMPTY_STATE;
  #watchers = new Set<() => void>();
  #api: Api;
  #session: Session | null = null;
  #text: TextChannel | null = null;
  #call: CallControl | null = null;
  #asking: AbortController | null = null;
  #waiting: string[] = [];
  #toldUnstreamed = false;
  #backOnline: (() => void)[] = [];

  constructor(
    private readonly slug: string,
    private readonly base: string,
    private readonly emit: Emit,
  ) {
    this.#api = new Api(base);
  }

  get state(): State {
    return this.#state;
  }

  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  // Verbs

  /** Reads the company's public profile: the only request before a first question. */
  async start(mode: PlayableMode = "text"): Promise<void> {
    if (this.#state.profile) return;
    this.#set({ profileError: null });
    try {
      const profile = await this.#api.profile(this.slug);
      this.#set({ profile });
      if (mode !== "text") this.setMode(mode);
      for (const question of this.#waiting.splice(0)) await this.ask(question);
    } catch (failure) {
      const unknown = failure instanceof ApiError && failure.status === 404;
      this.#set({ profileError: sentence(wordsFor(failure)), ...(unknown && { refused: "company" }) });
      this.#report(failure);
    }
  }

  /** The browser has lost its network, or has it back: what waits goes on at once. */
  setOnline(online: boolean): void {
    if (online !== this.#state.offline) return;
    this.#set({ offline: !online });
    if (!online) {
      this.#session?.relay.pause();
      return;
    }
    this.#session?.relay.resume();
    for (const goOn of this.#backOnline.splice(0)) goOn();
    if (this.#state.profileError && !this.#state.refused) void this.start();
  }

  async ask(question: string): Promise<void> {
    const text = question.trim();
    if (!text) return;
    if (text.length > LONGEST_QUESTION) {
      const failure = new ApiError("too_long", `A question has at most ${LONGEST_QUESTION} characters`);
      this.#add({ kind: "notice", id: newId(), text: sentence(wordsFor(failure)) });
      this.#report(failure);
      return;
    }
    if (!this.#state.profile) {
      this.#waiting.push(text);
      return;
    }
    if (this.#call?.live) {
      this.#say(text);
      return;
    }
    if (this.#state.answering) return;
    this.#add({ kind: "visitor", id: newId(), text });
    this.emit("message", { role: "visitor", text });
    await this.#answer(text);
  }

  async retry(failureId: string): Promise<void> {
    const failure = this.#state.items.find((item) => item.id === failureId);
    if (failure?.kind !== "failure" || this.#state.answering) return;
    this.#set({ items: this.#state.items.filter((item) => item !== failure) });
    await this.#answer(failure.question);
  }

  stop(): void {
    this.#asking?.abort();
  }

  setMode(mode: PlayableMode): void {
    if (mode === this.#state.mode || !playableModes(this.#state.profile).includes(mode)) return;
    if (mode === "text") {
      this.#call?.end(); // comes back as #callEnded, which turns the mode
      return;
    }
    this.stop();
    this.#call = new CallControl(this.#ensureSession(), (call) => this.#set({ call }), {
      ended: (seconds) => this.#callEnded(seconds),
      failed: (failure) => this.#report(failure),
      line: (line) => this.#spoken(line),
      tool: (name) => this.emit("tool-called", { name }),
    });
    this.#set({ mode });
    this.emit("mode-changed", { mode });
  }

  /** The verbs of a call; null while there is none. */
  get call(): CallControl | null {
    return this.#call;
  }

  meetingOpened(card: MeetingCard): void {
    this.emit("meeting-booked", { title: card.title, url: card.url });
  }

  async startOver(): Promise<void> {
    this.stop();
    this.setMode("text");
    const session = this.#session;
    this.#session = null;
    this.#text = null;
    this.#set({ items: [], answering: null, announcement: "", relay: "idle" });
    await session?.end().catch((failure: unknown) => this.#report(failure));
  }

  /** The page goes away: frees microphone and room at once and tells the server as a courtesy. */
  leavePage(): void {
    this.setMode("text");
  }

  destroy(): void {
    this.stop();
    this.setMode("text");
    this.#session?.close();
    this.#watchers.clear();
  }

  // Answering

  async #answer(question: string): Promise<void> {
    const id = newId();
    const asking = new AbortController();
    this.#asking = asking;
    this.#add({ kind: "assistant", id, status: "thinking", answer: EMPTY_ANSWER });
    this.#set({ answering: id });
    try {
      const answer = await this.#askPatiently(id, question, asking.signal);
      if (answer && !asking.signal.aborted) this.#finished(id, safeAnswer(answer, this.base));
    } catch (failure) {
      if (asking.signal.aborted) this.#stopped(id);
      else this.#unanswered(id, question, failure);
    } finally {
      if (this.#state.answering === id) this.#set({ answering: null });
    }
  }

  /** Without a network the question waits for it. It is tried first, because browsers err about being offline. */
  async #askPatiently(id: string, question: string, signal: AbortSignal): Promise<Answer | undefined> {
    for (;;) {
      try {
        this.#ensureSession();
        return await this.#text?.ask(id, question, this.#hearing(id), signal);
      } catch (failure) {
        if (signal.aborted || !this.#state.offline) throw failure;
      }
      this.#change(id, () => EMPTY_ANSWER, "waiting");
      await new Promise<void>((goOn) => {
        this.#backOnline.push(goOn);
        signal.addEventListener("abort", () => goOn());
      });
      signal.throwIfAborted();
      this.#change(id, (answer) => answer, "thinking");
    }
  }

  #hearing(id: string) {
    return {
      text: (text: string) => this.#change(id, (answer) => ({ ...answer, text }), "streaming"),
      show: (raw: Card) => {
        const card = safeCard(raw, this.base);
        if (card.kind === "image" || card.kind === "clip") {
          this.#change(id, (answer) => ({ ...answer, shown: [...answer.shown, card] }));
        } else if (card.kind === "sources") this.#change(id, (answer) => ({ ...answer, citations: card.citations }));
        else this.#change(id, (answer) => ({ ...answer, actions: [...answer.actions, card] }));
      },
      unstreamed: () => {
        if (this.#toldUnstreamed || this.#state.offline) return;
        this.#toldUnstreamed = true;
        const failure = new ApiError("websocket", "WebSocket connection error");
        this.#report(failure);
        const text = sentence(wordsFor(failure));
        const at = this.#state.items.findIndex((item) => item.id === id);
        this.#set({ items: this.#state.items.toSpliced(at, 0, { kind: "notice", id: newId(), text }) });
      },
    };
  }

  #finished(id: string, answer: Answer): void {
    this.#change(id, () => answer, "done");
    const text = plainText(answer.text);
    this.#announce(text);
    this.emit("message", { role: "assistant", text });
    for (const action of answer.actions) this.#celebrate(action);
  }

  #stopped(id: string): void {
    const turn = this.#state.items.find((item) => item.id === id);
    if (turn?.kind === "assistant" && turn.answer.text) this.#change(id, (answer) => answer, "stopped");
    else this.#set({ items: this.#state.items.filter((item) => item.id !== id) });
  }

  #unanswered(id: string, question: string, failure: unknown): void {
    const words = wordsFor(failure);
    const message = sentence(words);
    const failed: Item = { kind: "failure", id, message, question, again: words.again };
    if (codeOf(failure) === "origin_not_allowed") this.#set({ refused: "site" });
    this.#set({ items: this.#state.items.map((item) => (item.id === id ? failed : item)) });
    this.#announce(message);
    this.#report(failure);
  }

  // The relay

  #ensureSession(): Session {
    if (this.#session) return this.#session;
    const profile = this.#state.profile;
    if (!profile) throw new ApiError("no_profile", "The assistant is not loaded yet.");
    const session = new Session(this.#api, profile.companyId, { version: profile.consent.version }, {
      frame: (frame) => this.#receive(frame),
      state: (relay) => this.#relayBecame(relay),
    });
    this.#session = session;
    this.#text = new TextChannel(session);
    return session;
  }

  #receive(frame: ServerFrame): void {
    if (this.#text?.receive(frame)) return;
    switch (frame.type) {
      case "send":
        this.#call?.pass(frame.message);
        break;
      case "show":
        this.#show(safeCard(frame.card, this.base));
        break;
      case "end":
        this.#call?.endedByServer();
        break;
      case "error":
        this.#report(new ApiError(frame.error.code, frame.error.message));
        break;
      default: // late frames of a question that was stopped or already answered
    }
  }

  #relayBecame(relay: RelayState): void {
    this.#set({ relay });
    this.#text?.relayBecame(relay);
    if (relay === "closed" && this.#call?.live) {
      this.#report(new ApiError("websocket", "WebSocket connection error"));
    }
  }

  #show(card: Card): void {
    this.#add({ kind: "card", id: newId(), card });
    this.#call?.show(card);
    this.#celebrate(card);
  }

  #celebrate(card: Card): void {
    if (card.kind === "lead") this.emit("lead-captured", { name: card.name, email: card.email, company: card.company });
  }

  // The call

  #say(text: string): void {
    const key = `typed:${newId()}`;
    this.#call?.say(text, key);
    this.#add({ kind: "visitor", id: key, text });
    this.emit("message", { role: "visitor", text });
  }

  #spoken({ key, role, text, final }: Line): void {
    const turn: Item =
      role === "visitor"
        ? { kind: "visitor", id: key, text }
        : { kind: "assistant", id: key, status: "spoken", answer: { ...EMPTY_ANSWER, text } };
    const known = this.#state.items.some((item) => item.id === key);
    const items = this.#state.items;
    this.#set({ items: known ? items.map((item) => (item.id === key ? turn : item)) : [...items, turn] });
    if (final && !key.startsWith("typed:")) this.emit("message", { role, text });
  }

  #callEnded(seconds: number | null): void {
    this.#call = null;
    if (seconds !== null) {
      this.#add({ kind: "call", id: newId(), seconds });
      this.#announce("The video call has ended.");
    }
    this.#set({ mode: "text" });
    this.emit("mode-changed", { mode: "text" });
  }

  // Writing

  #set(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    for (const watcher of this.#watchers) watcher();
  }

  /** Read out once, then gone: who reads the page line by line should not meet it a second time. */
  #announce(announcement: string): void {
    this.#set({ announcement });
    setTimeout(() => {
      if (this.#state.announcement === announcement) this.#set({ announcement: "" });
    }, ANNOUNCEMENT_MS);
  }

  #add(item: Item): void {
    this.#set({ items: [...this.#state.items, item] });
  }

  #change(id: string, change: (answer: Answer) => Answer, status?: AssistantTurn["status"]): void {
    const items = this.#state.items.map((item) =>
      item.kind === "assistant" && item.id === id
        ? { ...item, status: status ?? item.status, answer: change(item.answer) }
        : item,
    );
    this.#set({ items });
  }

  /** The page gets what a visitor may read; the server's own words are for whoever runs the product. */
  #report(failure: unknown): void {
    const code = codeOf(failure);
    const request = failure instanceof ApiError && failure.requestId ? ` (request ${failure.requestId})` : "";
    console.warn(`ai-sdr: ${code}: ${failure instanceof Error ? failure.message : String(failure)}${request}`);
    this.emit("error", { code, message: sentence(wordsFor(failure)) });
  }
}

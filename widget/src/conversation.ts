/** The conversation as views see it: they read its state and call its verbs; its parts do the work and write. */

import { Reach, safeCard } from "./address";
import { Aloud } from "./aloud";
import { Answers } from "./answers";
import { Api, ApiError } from "./api";
import type { CallControl } from "./call";
import { TextChannel } from "./channels/text";
import { Confirmations, confirmedBy } from "./confirmations";
import type { Card, Citation, ConfirmCard, ConsentGiven, Introduction, MeetingCard, Mode, ServerFrame } from "./contract";
import { destinationsOf, type Judge, linksTo } from "./destination";
import { Forms } from "./forms";
import { newId } from "./identity";
import { Kept } from "./kept";
import type { LetterValues } from "./letter";
import { chooseTag } from "./languages/tags";
import { ENGLISH, expectLanguage, fill, loadLocale } from "./locale";
import * as log from "./log";
import { Modes } from "./modes";
import { prefer, type Preferences, readPreferences, type Theme } from "./preferences";
import type { RelayState } from "./relay";
import { Session } from "./session";
import { type Emit, offeredModes, type Rating, type State } from "./state";
import { Store } from "./store";
import { worded } from "./worded";
import { sentence } from "./words";

/** The relay takes no longer question; a room message has room for it too. */
export const LONGEST_QUESTION = 2000;

/** What a conversation has once it is open on the server. */
interface Line {
  session: Session;
  text: TextChannel;
  confirmations: Confirmations;
}

export class Conversation {
  #store: Store;
  #api: Api;
  #line: Line | null = null;
  #reach: Reach;
  #answers: Answers;
  #modes: Modes;
  #forms: Forms;
  #aloud: Aloud;
  /** Questions that came before the profile. */
  #early: string[] = [];
  /** Nothing was asked since an earlier page's conversation came back: its last answer may still be on its way. */
  #restored = false;
  /** What the visitor has agreed to in this conversation. */
  #consent: ConsentGiven | null = null;
  #told: Introduction = {};

  constructor(
    private readonly slug: string,
    base: string,
    emit: Emit,
    /** The language that the page asks for, by its tag. */
    private readonly language: string | null = null,
  ) {
    this.#api = new Api(base);
    this.#reach = new Reach(base);
    const store = (this.#store = new Store(emit));
    this.#answers = new Answers(store, this.#reach, () => this.#open().text, {
      heard: (id, text, complete) => this.#readAlong(id, text, complete),
      arranged: (card) => this.#celebrate(card),
      down: () => this.#forms.offerLetter(),
      outdated: () => this.#consentChanged(),
    });
    this.#modes = new Modes(
      store,
      () => this.#open().session,
      (mode) => {
        this.stop();
        if (mode === "tts") this.#aloud.unlock();
      },
      () => this.#consentChanged(),
    );
    this.#forms = new Forms(store, this.#reach, () => this.#open(), {
      show: (card) => this.#show(card),
      arranged: (card) => this.#celebrate(card),
      said: (id, text) => this.#readAlong(id, text, true),
    });
    this.#aloud = new Aloud(
      (text, language, signal) => this.#open().session.speech(text, language, signal),
      () => this.#store.state.profile?.languages ?? [],
      {
        reading: (turn) => this.#store.set({ reading: { ...this.#store.state.reading, turn } }),
        fault: (failure) => this.#store.report(failure),
        mute: (failure) => this.#modes.stepDown("tts", new ApiError("speech", String(failure))),
      },
      (failure) => this.partMissing(failure),
    );
  }

  get state(): State {
    return this.#store.state;
  }

  /** The verbs of a call; null while there is none. */
  get call(): CallControl | null {
    return this.#modes.call;
  }

  /** Where an answer's words may lead that cites these. */
  linksOf(cited: readonly Citation[]): Judge {
    return linksTo(destinationsOf(this.state.profile, cited, location.href, this.#reach.base));
  }

  watch(watcher: () => void): () => void {
    return this.#store.watch(watcher);
  }

  // Verbs

  /** Takes up what the visitor has chosen on an earlier page of this tab. */
  take({ theme, captions, speed }: Preferences): void {
    const { state } = this.#store;
    this.#store.set({
      theme: theme ?? state.theme,
      captions: captions ?? state.captions,
      reading: { ...state.reading, speed: speed ?? state.reading.speed },
    });
    if (speed) this.#aloud.setSpeed(speed);
  }

  /** Reads the company's public profile, and what an earlier page of this tab has said. */
  async start(wanted: Mode = "text"): Promise<void> {
    if (this.#store.state.profile) return;
    this.#store.set({ profileError: null });
    try {
      expectLanguage(navigator.languages);
      const wished = readPreferences().language ?? this.language;
      const early = wished ? this.speak(wished) : null; // so that a failure is told in it
      const profile = await this.#api.profile(this.slug);
      await (early ?? this.speak(chooseTag(null, profile.languages ?? [], navigator.languages)));
      this.#reach.learn(profile);
      this.#store.set({ profile });
      // At once: from now on the visitor may choose another one, which must stand when the earlier page's words are here.
      const [first = "text"] = offeredModes(profile);
      this.#modes.choose(offeredModes(profile).includes(wanted) ? wanted : first);
      await this.#restore();
      for (const question of this.#early.splice(0)) await this.ask(question);
    } catch (failure) {
      const unknown = failure instanceof ApiError && failure.status === 404;
      this.#store.set({ profileError: sentence(this.#store.wordsFor(failure)), ...(unknown && { refused: "company" }) });
      this.#store.report(failure);
    }
  }

  /** What the website says of its visitor and page; it goes with every session of this conversation. */
  tell(told: Introduction): void {
    this.#told = told;
    this.#line?.session.tell(told);
  }

  /** The browser has lost its network, or has it back: what waits goes on at once. */
  setOnline(online: boolean): void {
    if (online !== this.#store.state.offline) return;
    this.#store.set({ offline: !online });
    if (!online) return this.#line?.session.relay.pause();
    this.#line?.session.relay.resume();
    this.#answers.backOnline();
    this.#forms.backOnline();
    if (this.#store.state.profileError && !this.#store.state.refused) void this.start();
  }

  /** What the visitor writes, below the words that say what they agree to by that. */
  async write(text: string): Promise<void> {
    this.#agreed();
    await this.ask(text);
  }

  async ask(question: string): Promise<void> {
    const text = question.trim();
    if (!text) return;
    if (text.length > LONGEST_QUESTION) {
      this.#store.tell(new ApiError("too_long", `A question has at most ${LONGEST_QUESTION} characters`));
      return;
    }
    if (!this.#store.state.profile) {
      this.#early.push(text);
      return;
    }
    this.#aloud.stop();
    // Without a relay typed words cannot reach the call, but they can be answered beside it.
    if (this.call?.live && this.#store.state.relay !== "closed") {
      this.#modes.say(text);
      return;
    }
    if (this.#store.state.answering) return;
    this.#restored = false;
    this.#store.add({ kind: "visitor", id: newId(), text });
    this.#store.emit("message", { role: "visitor", text });
    await this.#answers.answer(text);
  }

  /** Asks once more what was not answered, or not to its end. */
  retry(id: string): Promise<void> {
    this.#aloud.stop();
    return this.#answers.retry(id);
  }

  /** Ends the answer and the voice that reads it. */
  stop(): void {
    this.#answers.stop();
    this.#aloud.stop();
  }

  /** Ends the voice alone; who begins to type wants quiet, too. */
  hush(): void {
    if (this.#store.state.reading.turn) this.#aloud.stop();
  }

  /** Reads one answer aloud from its beginning. */
  read(turn: string): void {
    const item = this.#store.state.items.find((each) => each.id === turn);
    if (item?.kind !== "assistant") return;
    this.#aloud.unlock();
    this.#store.set({ reading: { ...this.#store.state.reading, muted: false } });
    this.#aloud.read(turn, item.answer.text);
  }

  /** The last answer once more. */
  readLast(): void {
    const last = this.#store.state.items.findLast((item) => item.kind === "assistant" && item.status === "done");
    if (last) this.read(last.id);
  }

  setSpeed(speed: number): void {
    this.#store.set({ reading: { ...this.#store.state.reading, speed } });
    this.#aloud.setSpeed(speed);
    prefer({ speed });
  }

  toggleReading(): void {
    const muted = !this.#store.state.reading.muted;
    if (muted) this.#aloud.stop();
    this.#store.set({ reading: { ...this.#store.state.reading, turn: null, muted } });
  }

  setMode(mode: Mode): void {
    this.#modes.choose(mode);
  }

  /** The visitor has agreed to the company's consent and pressed start. */
  agree(): Promise<void> {
    this.#agreed();
    return this.#modes.agree();
  }

  /** What the visitor thinks of an answer; null takes it back. */
  async rate(id: string, rating: Rating | null): Promise<void> {
    const item = this.#store.state.items.find((each) => each.id === id);
    if (item?.kind !== "assistant") return;
    const show = (shown: Rating | null) =>
      this.#store.set({ items: log.rated(this.#store.state.items, id, shown) });
    show(rating);
    try {
      await this.#open().session.rate(id, rating);
    } catch (failure) {
      show(item.rating ?? null);
      this.#store.tell(failure);
    }
  }

  /** The interface in this language; English where it cannot be loaded. */
  async speak(tag: string): Promise<void> {
    const locale = await loadLocale(tag).catch((failure: unknown) => {
      this.#store.report(new ApiError("network", String(failure)));
      return ENGLISH;
    });
    this.#store.set({ locale });
  }

  async setLanguage(tag: string): Promise<void> {
    prefer({ language: tag });
    await this.speak(tag);
    this.#store.emit("language-changed", { language: tag });
  }

  setTheme(theme: Theme): void {
    this.#store.set({ theme });
    prefer({ theme });
  }

  toggleCaptions(): void {
    const captions = !this.#store.state.captions;
    this.#store.set({ captions });
    prefer({ captions });
  }

  /** A chunk of ours did not come: whatever needed it ends, and what is here goes on. */
  partMissing(failure: unknown): void {
    this.leave();
    this.#store.tell(new ApiError("network", `A part of the widget was not loaded: ${String(failure)}`));
  }

  confirm(card: ConfirmCard, accept: boolean, values: Record<string, string>): Promise<void> {
    return this.#forms.confirm(card, accept, values);
  }

  sendLetter(values: LetterValues): void {
    this.#agreed();
    this.#forms.sendLetter(values);
  }

  meetingOpened(card: MeetingCard): void {
    this.#store.emit("meeting-booked", { title: card.title, url: card.url });
  }

  async startOver(): Promise<void> {
    this.stop();
    this.leave();
    const line = this.#line;
    this.#forget();
    await line?.session.end().catch((failure: unknown) => this.#store.report(failure));
  }

  /** Erases what was said, on the server and here. */
  async erase(): Promise<void> {
    this.stop();
    this.leave();
    try {
      await this.#line?.session.erase();
    } catch (failure) {
      this.#store.tell(new ApiError("not_deleted", String(failure)));
      return;
    }
    this.#forget();
    const text = this.#store.words.deleted;
    this.#store.add({ kind: "notice", id: newId(), text });
    this.#store.announce(text);
  }

  /** Nobody looks any more: frees microphone and call, tells the server as a courtesy, and is quiet. */
  leave(): void {
    this.#aloud.stop();
    this.#modes.leave();
  }

  destroy(): void {
    this.stop();
    this.leave();
    this.#forms.drop();
    this.#line?.session.close();
    this.#store.close();
  }

  #agreed(): void {
    const { profile } = this.#store.state;
    if (profile) this.#consent = { version: profile.consent.version };
  }

  /** Reads the text that is valid now, and shows it: whoever goes on agrees to that one. */
  async #consentChanged(): Promise<void> {
    this.#modes.forgetConsent();
    this.#consent = null;
    const profile = await this.#api.profile(this.slug);
    this.#store.set({ profile });
    this.#store.add({ kind: "consent", id: newId() });
  }

  #forget(): void {
    this.#consent = null;
    this.#forms.drop();
    this.#modes.forgetConsent();
    this.#line = null;
    this.#store.set({ items: [], confirmations: {}, answering: null, announcement: "", relay: "idle" });
  }

  // The server

  #open(): Line {
    if (this.#line) return this.#line;
    const profile = this.#store.state.profile;
    if (!profile) throw new ApiError("no_profile", "The assistant is not loaded yet.");
    const session = new Session(this.#api, profile.companyId, () => this.#consent, new Kept(this.slug), {
      frame: (frame) => this.#receive(frame),
      state: (relay) => this.#relayBecame(relay),
      busy: () => this.#line?.text.busy ?? false,
      untold: (failure) => this.#store.report(failure),
    });
    session.tell(this.#told);
    this.#line = { session, text: new TextChannel(session), confirmations: new Confirmations(session) };
    return this.#line;
  }

  async #restore(): Promise<void> {
    if (!new Kept(this.slug).read()) return;
    const said = await this.#open().session.restore();
    if (!said || this.#store.state.items.length) return;
    this.#restored = true;
    this.#store.set({ items: log.remembered(said.turns, this.#reach) });
    this.#forms.settled(said.confirmations);
  }

  #receive(frame: ServerFrame): void {
    if (this.#line?.text.receive(frame) || this.#line?.confirmations.receive(frame)) return;
    switch (frame.type) {
      case "send":
        this.call?.pass(frame.message);
        break;
      case "show":
        this.#show(safeCard(frame.card, this.#reach));
        break;
      case "confirmed":
        this.#forms.confirmed(confirmedBy(frame));
        break;
      case "end":
        this.call?.endedByServer(frame);
        break;
      case "done":
        if (this.#restored) this.#answers.late(frame.answer);
        break; // or it belongs to a question that was stopped or already answered
      case "error":
        // What was typed into a call has no place of its own where its failure would show.
        this.#store[frame.id && this.call?.live ? "tell" : "report"](new ApiError(frame.error.code, frame.error.message));
        break;
      default: // late words
    }
  }

  #relayBecame(relay: RelayState): void {
    this.#store.set({ relay });
    this.#line?.text.relayBecame(relay);
    if (relay === "closed" && this.call?.live) this.#store.report(new ApiError("websocket", "WebSocket connection error"));
  }

  // What comes to the eye and the ear

  #readAlong(id: string, text: string, complete: boolean): void {
    if (this.#store.state.mode === "tts" && !this.#store.state.reading.muted) this.#aloud.feed(id, text, complete);
  }

  #show(card: Card): void {
    this.call?.show(card);
    if (log.shows(this.#store.state.items, card)) return; // replayed after a reload
    this.#store.add({ kind: "card", id: newId(), card });
    if (card.kind === "confirm") {
      const { title } = worded(card, this.#store.words, this.#store.state.profile?.displayName ?? "");
      this.#store.announce(fill(this.#store.words.pleaseConfirm, { title }));
    }
    this.#celebrate(card);
  }

  #celebrate(card: Card): void {
    if (card.kind === "lead") this.#store.emit("lead-captured", { name: card.name, email: card.email, company: card.company });
  }
}

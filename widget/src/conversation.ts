/** The conversation as views see it: they read its state and call its verbs; its parts do the work and write. */

import { Reach } from "./address";
import { Answers } from "./answers";
import { Api, ApiError } from "./api";
import type { CallControl } from "./call";
import { Connection } from "./connection";
import type { Citation, ConfirmCard, ConsentGiven, Introduction, MeetingCard, Mode } from "./contract";
import { destinationsOf, type Judge, linksTo } from "./destination";
import { Forms } from "./forms";
import { newId } from "./identity";
import { Kept } from "./kept";
import type { LetterValues } from "./letter";
import { chooseTag } from "./languages/tags";
import { expectLanguage } from "./locale";
import * as log from "./log";
import { Modes } from "./modes";
import { type Preferences, readPreferences } from "./preferences";
import { ReadingAloud } from "./reading-aloud";
import { Settings } from "./settings";
import { Shown } from "./shown";
import { type Emit, offeredModes, type Rating, type State } from "./state";
import { Store } from "./store";
import { sentence } from "./words";

/** The relay takes no longer question; a room message has room for it too. */
export const LONGEST_QUESTION = 2000;

export class Conversation {
  readonly reading: ReadingAloud;
  readonly settings: Settings;
  #store: Store;
  #api: Api;
  #connection: Connection | null = null;
  #reach: Reach;
  #answers: Answers;
  #modes: Modes;
  #forms: Forms;
  #shown: Shown;
  /** Questions that came before the profile. */
  #early: string[] = [];
  /** Nothing was asked since an earlier page's conversation came back: its last answer may still be on its way. */
  #restored = false;
  /** What the visitor has agreed to in this conversation. */
  #consent: ConsentGiven | null = null;
  #told: Introduction = {};
  /** The mode to begin in. */
  #wanted: Mode = "text";
  #starting: Promise<void> | null = null;
  #destroyed = false;

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
    this.settings = new Settings(store);
    this.reading = new ReadingAloud(store, (text, language, signal) => this.#open().session.speech(text, language, signal), {
      mute: (failure) => this.#modes.stepDown("tts", new ApiError("speech", String(failure))),
      missing: (failure) => this.partMissing(failure),
    });
    this.#shown = new Shown(store, () => this.call);
    this.#answers = new Answers(store, this.#reach, () => this.#open().text, {
      heard: (id, text, complete) => this.reading.along(id, text, complete),
      arranged: (card) => this.#shown.arranged(card),
      down: () => this.#forms.offerLetter(),
      outdated: () => this.#consentChanged(),
    });
    this.#modes = new Modes(
      store,
      () => this.#open().session,
      (mode) => {
        this.stop();
        if (mode === "tts") this.reading.unlock();
      },
      () => this.#consentChanged(),
    );
    this.#forms = new Forms(store, this.#reach, () => this.#open(), {
      show: (card) => this.#shown.show(card),
      arranged: (card) => this.#shown.arranged(card),
      said: (id, text) => this.reading.along(id, text, true),
    });
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
    this.#store.set({ theme: theme ?? state.theme, captions: captions ?? state.captions });
    if (speed) this.reading.takeSpeed(speed);
  }

  /** Reads the company's public profile, once however often it is called, and what an earlier page of this tab has said. */
  async start(wanted: Mode = this.#wanted): Promise<void> {
    this.#wanted = wanted;
    if (this.#store.state.profile) return;
    this.#starting ??= this.#start().finally(() => {
      this.#starting = null;
    });
    await this.#starting;
  }

  async #start(): Promise<void> {
    this.#store.set({ profileError: null });
    try {
      expectLanguage(navigator.languages);
      const wished = readPreferences().language ?? this.language;
      const early = wished ? this.settings.speak(wished) : null; // so that a failure is told in it
      const profile = await this.#api.profile(this.slug);
      if (this.#destroyed) return;
      await (early ?? this.settings.suggest(chooseTag(null, profile.languages ?? [], navigator.languages)));
      this.#reach.learn(profile);
      this.#store.set({ profile });
      // At once: from now on the visitor may choose another one, which must stand when the earlier page's words are here.
      const [first = "text"] = offeredModes(profile);
      this.#modes.choose(offeredModes(profile).includes(this.#wanted) ? this.#wanted : first);
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
    this.#connection?.session.tell(told);
  }

  /** The browser has lost its network, or has it back: what waits goes on at once. */
  setOnline(online: boolean): void {
    if (online !== this.#store.state.offline) return;
    this.#store.set({ offline: !online });
    if (!online) return this.#connection?.session.relay.pause();
    this.#connection?.session.relay.resume();
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
    this.reading.stop();
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
    this.reading.stop();
    return this.#answers.retry(id);
  }

  /** Ends the answer and the voice that reads it. */
  stop(): void {
    this.#answers.stop();
    this.reading.stop();
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
  rate(id: string, rating: Rating | null): Promise<void> {
    return this.#answers.rate(id, rating, () => this.#open().session);
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
    const ended = this.#connection?.session.end();
    this.#forget();
    await ended?.catch((failure: unknown) => this.#store.report(failure));
  }

  /** Erases what was said, on the server and here. */
  async erase(): Promise<void> {
    this.stop();
    this.leave();
    try {
      await this.#connection?.session.erase();
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
    this.reading.stop();
    this.#modes.leave();
  }

  destroy(): void {
    this.#destroyed = true;
    this.stop();
    this.leave();
    this.#forms.drop();
    this.#connection?.session.close();
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
    this.#connection = null;
    this.#store.set({ items: [], confirmations: {}, answering: null, announcement: "", relay: "idle" });
  }

  // The server

  #open(): Connection {
    if (this.#connection) return this.#connection;
    const profile = this.#store.state.profile;
    if (!profile) throw new ApiError("no_profile", "The assistant is not loaded yet.");
    const kept = new Kept(this.slug);
    const opened = new Connection(this.#api, profile, () => this.#consent, kept, this.#store, this.#reach, {
      call: () => this.call,
      show: (card) => this.#shown.show(card),
      confirmed: (confirmed) => this.#forms.confirmed(confirmed),
      late: (answer) => this.#restored && this.#answers.late(answer),
    });
    opened.session.tell(this.#told);
    return (this.#connection = opened);
  }

  async #restore(): Promise<void> {
    if (!new Kept(this.slug).read()) return;
    const said = await this.#open().session.restore();
    if (!said || this.#store.state.items.length) return;
    this.#restored = true;
    this.#store.set({ items: log.remembered(said.turns, this.#reach) });
    this.#forms.settled(said.confirmations);
  }
}

/** Typed questions, one at a time: asked, patient without a network, streamed into the log, stopped by the visitor. */

import { type Reach, safeAnswer, safeCard } from "./address";
import { ApiError } from "./api";
import type { Hearing, TextChannel } from "./channels/text";
import type { Answer, Card } from "./contract";
import { newId } from "./identity";
import { isDown } from "./ladder";
import * as log from "./log";
import { plainText } from "./markdown";
import type { Session } from "./session";
import { EMPTY_ANSWER, type Item, type Rating } from "./state";
import type { Store } from "./store";
import { codeOf, sentence } from "./words";

export interface AnswersListener {
  /** An answer as far as it is known. */
  heard(id: string, text: string, complete: boolean): void;
  /** Something was arranged. */
  arranged(card: Card): void;
  /** No question can be answered at the moment. */
  down(): void;
  /** The text that the visitor agreed to is not valid any more; resolves when the new one is shown. */
  outdated(): Promise<void>;
}

export class Answers {
  #asking: AbortController | null = null;
  #backOnline: (() => void)[] = [];
  #toldUnstreamed = false;

  constructor(
    private readonly store: Store,
    private readonly reach: Reach,
    /** Opens the conversation when this is its first question. */
    private readonly channel: () => TextChannel,
    private readonly listener: AnswersListener,
  ) {}

  async answer(question: string, id = newId()): Promise<void> {
    const { store } = this;
    const asking = (this.#asking = new AbortController());
    store.add({ kind: "assistant", id, status: "thinking", answer: EMPTY_ANSWER });
    store.set({ answering: id });
    try {
      const answer = await this.#patiently(id, question, asking.signal);
      if (!asking.signal.aborted) this.#finished(id, safeAnswer(answer, this.reach));
    } catch (failure) {
      if (asking.signal.aborted) this.#change(id, (answer) => answer, "stopped");
      else {
        if (codeOf(failure) === "consent_outdated") await this.listener.outdated().catch(() => undefined);
        this.#unanswered(id, question, failure);
      }
    } finally {
      if (store.state.answering === id) store.set({ answering: null });
    }
  }

  /** Asks the question once more whose answer failed or was stopped. One that failed keeps its id, for the server may
   * have heard it already: so it is written down once, and answered by whoever may still be at it. */
  async retry(id: string): Promise<void> {
    const { items, answering } = this.store.state;
    const question = log.questionOf(items, id);
    if (question === null || answering) return;
    const failed = items.some((item) => item.id === id && item.kind === "failure");
    this.store.set({ items: log.without(items, id) });
    await this.answer(question, failed ? id : newId());
  }

  /** Shown at once, and taken back when it is not kept. */
  async rate(id: string, rating: Rating | null, session: () => Session): Promise<void> {
    const item = this.store.state.items.find((each) => each.id === id);
    if (item?.kind !== "assistant") return;
    const show = (shown: Rating | null) => this.store.set({ items: log.rated(this.store.state.items, id, shown) });
    show(rating);
    try {
      await session().rate(id, rating);
    } catch (failure) {
      show(item.rating ?? null);
      this.store.tell(failure);
    }
  }

  stop(): void {
    this.#asking?.abort();
  }

  backOnline(): void {
    for (const goOn of this.#backOnline.splice(0)) goOn();
  }

  /** The answer to a question of an earlier page. */
  late(answer: Answer): void {
    const safe = safeAnswer(answer, this.reach);
    if (log.says(this.store.state.items, safe.text)) return;
    this.store.add({ kind: "assistant", id: newId(), status: "done", answer: safe });
  }

  /** The question is tried before it waits, because browsers err about being offline. */
  async #patiently(id: string, question: string, signal: AbortSignal): Promise<Answer> {
    for (;;) {
      try {
        const mode = this.store.state.mode === "tts" ? "tts" : "text";
        return await this.channel().ask(id, question, mode, this.#hearing(id), signal);
      } catch (failure) {
        if (signal.aborted || !this.store.state.offline) throw failure;
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

  #hearing(id: string): Hearing {
    return {
      text: (text) => {
        this.#change(id, (answer) => ({ ...answer, text }), "streaming");
        this.listener.heard(id, text, false);
      },
      show: (card) => this.#change(id, (answer) => log.shownIn(answer, safeCard(card, this.reach))),
      unstreamed: () => this.#tellUnstreamed(id),
    };
  }

  #tellUnstreamed(id: string): void {
    const { store } = this;
    if (this.#toldUnstreamed || store.state.offline) return;
    this.#toldUnstreamed = true;
    const failure = new ApiError("websocket", "WebSocket connection error");
    store.report(failure);
    const notice: Item = { kind: "notice", id: newId(), text: sentence(store.wordsFor(failure)) };
    store.set({ items: log.before(store.state.items, id, notice) });
  }

  #finished(id: string, answer: Answer): void {
    this.#change(id, () => answer, "done");
    this.store.set({ items: log.kept(this.store.state.items, id) });
    const text = plainText(answer.text);
    this.listener.heard(id, answer.text, true);
    // Who listens to the answer need not hear a screen reader say it too.
    if (this.store.state.reading.turn !== id) this.store.announce(text);
    this.store.emit("message", { role: "assistant", text });
    for (const action of answer.actions) this.listener.arranged(action);
  }

  #unanswered(id: string, question: string, failure: unknown): void {
    const words = this.store.wordsFor(failure);
    const message = sentence(words);
    const failed: Item = { kind: "failure", id, message, question, again: words.again };
    if (codeOf(failure) === "origin_not_allowed") this.store.set({ refused: "site" });
    this.store.set({ items: log.replaced(this.store.state.items, id, failed) });
    this.store.announce(message);
    this.store.report(failure);
    if (isDown(failure)) this.listener.down();
  }

  #change(id: string, change: (answer: Answer) => Answer, status?: Parameters<typeof log.changed>[3]): void {
    this.store.set({ items: log.changed(this.store.state.items, id, change, status) });
  }
}

/** Holds what changes, tells who watches, and speaks to the page. `conversation.ts` owns the one there is. */

import { ApiError } from "./api";
import { newId } from "./identity";
import type { Language } from "./languages/en";
import { type Emit, EMPTY_STATE, type Item, type State } from "./state";
import { codeOf, sentence, type Words, wordsFor } from "./words";

const ANNOUNCEMENT_MS = 1_000;

export class Store {
  #state: State = EMPTY_STATE;
  #watchers = new Set<() => void>();

  constructor(readonly emit: Emit) {}

  get state(): State {
    return this.#state;
  }

  /** What the interface says, in the visitor's language. */
  get words(): Language {
    return this.#state.locale.words;
  }

  wordsFor(failure: unknown): Words {
    return wordsFor(failure, this.words);
  }

  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  set(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    for (const watcher of this.#watchers) watcher();
  }

  add(item: Item): void {
    this.set({ items: [...this.#state.items, item] });
  }

  /** Says in the log what went wrong. */
  tell(failure: unknown): void {
    const text = sentence(this.wordsFor(failure));
    this.add({ kind: "notice", id: newId(), text });
    this.announce(text);
    this.report(failure);
  }

  /** Read out once, then gone: who reads the page line by line should not meet it a second time. */
  announce(announcement: string): void {
    this.set({ announcement });
    setTimeout(() => {
      if (this.#state.announcement === announcement) this.set({ announcement: "" });
    }, ANNOUNCEMENT_MS);
  }

  /** The page gets what a visitor may read; the server's own words are for whoever runs the product. */
  report(failure: unknown): void {
    const code = codeOf(failure);
    const request = failure instanceof ApiError && failure.requestId ? ` (request ${failure.requestId})` : "";
    console.warn(`ai-sdr: ${code}: ${failure instanceof Error ? failure.message : String(failure)}${request}`);
    this.emit("error", { code, message: sentence(this.wordsFor(failure)) });
  }

  close(): void {
    this.#watchers.clear();
  }
}

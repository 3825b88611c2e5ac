/** How the visitor wants it: language, colours, captions. What is chosen lasts as long as the tab. */

import { ApiError } from "./api";
import { ENGLISH, loadLocale } from "./locale";
import { prefer, type Theme } from "./preferences";
import type { Store } from "./store";

export class Settings {
  /** The language that was wished for last: an earlier one may take longer to come. */
  #wished = "";

  constructor(private readonly store: Store) {}

  /** The interface in this language; English where it cannot be loaded. */
  async speak(tag: string): Promise<void> {
    this.#wished = tag;
    const locale = await loadLocale(tag).catch((failure: unknown) => {
      this.store.report(new ApiError("network", String(failure)));
      return ENGLISH;
    });
    if (tag === this.#wished) this.store.set({ locale });
  }

  /** The same, unless somebody has wished for a language. */
  async suggest(tag: string): Promise<void> {
    if (!this.#wished) await this.speak(tag);
  }

  async setLanguage(tag: string): Promise<void> {
    prefer({ language: tag });
    await this.speak(tag);
    this.store.emit("language-changed", { language: tag });
  }

  setTheme(theme: Theme): void {
    this.store.set({ theme });
    prefer({ theme });
  }

  toggleCaptions(): void {
    const captions = !this.store.state.captions;
    this.store.set({ captions });
    prefer({ captions });
  }
}

/** Notices a call that nobody is in any more: its page is out of sight, and nobody speaks. Such minutes cost money. */

const PATIENCE_MS = 60_000;

export class Forgotten {
  #since = Date.now();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly speaking: () => boolean,
    private readonly act: () => void,
    private readonly page: Pick<Document, "visibilityState" | "addEventListener" | "removeEventListener"> | undefined = globalThis.document,
  ) {
    this.page?.addEventListener("visibilitychange", this.#look);
    this.#look();
  }

  /** Somebody has said or typed something. */
  heard(): void {
    this.#since = Date.now();
  }

  stop(): void {
    this.page?.removeEventListener("visibilitychange", this.#look);
    clearInterval(this.#timer);
  }

  #look = (): void => {
    clearInterval(this.#timer);
    // A tab that slept has had no timers: what it missed counts when it wakes, before it is looked at again.
    if (this.#timer !== undefined) this.#judge();
    this.#timer = undefined;
    if (this.page?.visibilityState !== "hidden") return;
    this.heard();
    this.#timer = setInterval(this.#judge, PATIENCE_MS / 6);
  };

  #judge = (): void => {
    if (this.speaking()) this.heard();
    else if (Date.now() - this.#since >= PATIENCE_MS) this.act();
  };
}

/** What a visitor asks of the voice that reads answers: which one, how fast, and that it be quiet. */

import { Aloud } from "./aloud";
import { prefer } from "./preferences";
import type { Synthesize } from "./speaker";
import type { Reading } from "./state";
import type { Store } from "./store";

export interface ReadingListener {
  /** Nothing can be heard, whichever voice tries. */
  mute(failure: unknown): void;
  /** The code did not come. */
  missing(failure: unknown): void;
}

export class ReadingAloud {
  #aloud: Aloud;

  constructor(
    private readonly store: Store,
    synthesize: Synthesize,
    listener: ReadingListener,
  ) {
    this.#aloud = new Aloud(
      synthesize,
      () => store.state.profile?.languages ?? [],
      {
        reading: (turn) => this.#set({ turn }),
        fault: (failure) => store.report(failure),
        mute: (failure) => listener.mute(failure),
      },
      (failure) => listener.missing(failure),
    );
  }

  /** Must run in the visitor's click, before the first answer is read. */
  unlock(): void {
    this.#aloud.unlock();
  }

  /** Reads one answer from its beginning. */
  read(turn: string): void {
    const item = this.store.state.items.find((each) => each.id === turn);
    if (item?.kind !== "assistant") return;
    this.#aloud.unlock();
    this.#set({ muted: false });
    this.#aloud.read(turn, item.answer.text);
  }

  /** The last answer once more. */
  readLast(): void {
    const last = this.store.state.items.findLast((item) => item.kind === "assistant" && item.status === "done");
    if (last) this.read(last.id);
  }

  /** Reads an answer while it grows, where answers are read by themselves. */
  along(id: string, text: string, complete: boolean): void {
    if (this.store.state.mode === "tts" && !this.store.state.reading.muted) this.#aloud.feed(id, text, complete);
  }

  /** Ends the voice alone; who begins to type wants quiet, too. */
  hush(): void {
    if (this.store.state.reading.turn) this.#aloud.stop();
  }

  /** Quiet at once, also if nothing is read yet. */
  stop(): void {
    this.#aloud.stop();
  }

  setSpeed(speed: number): void {
    this.takeSpeed(speed);
    prefer({ speed });
  }

  /** As the visitor has chosen it before. */
  takeSpeed(speed: number): void {
    this.#set({ speed });
    this.#aloud.setSpeed(speed);
  }

  toggle(): void {
    const muted = !this.store.state.reading.muted;
    if (muted) this.#aloud.stop();
    this.#set({ turn: null, muted });
  }

  #set(change: Partial<Reading>): void {
    this.store.set({ reading: { ...this.store.state.reading, ...change } });
  }
}

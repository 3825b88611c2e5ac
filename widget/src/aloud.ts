/** Reading aloud as the conversation knows it: unlocked in the visitor's click, while the code that speaks is on its way. */

import type { Speaker, SpeakerListener, Synthesize } from "./speaker";

export class Aloud {
  #player: HTMLAudioElement | null = null;
  /** Browsers collect an utterance that nobody holds. */
  #held: SpeechSynthesisUtterance | null = null;
  #speaker: Speaker | null = null;
  #coming: Promise<void> | null = null;
  /** What is wished for before the code is here; the last wish counts. */
  #wish: ((speaker: Speaker) => void) | null = null;
  #speed = 1;

  constructor(
    private readonly synthesize: Synthesize,
    private readonly languages: () => readonly string[],
    private readonly listener: SpeakerListener,
    /** The code did not come. */
    private readonly missing: (failure: unknown) => void,
  ) {}

  /** Must run in the visitor's click: a browser lets sound begin only there, and remembers it for this element. */
  unlock(): void {
    if (this.#player || typeof Audio === "undefined") return;
    this.#player = new Audio();
    this.#player.src = URL.createObjectURL(silence());
    this.#player.play().catch(() => undefined);
    if (typeof speechSynthesis !== "undefined") {
      // iOS speaks later only if it has spoken now.
      this.#held = new SpeechSynthesisUtterance("");
      speechSynthesis.speak(this.#held);
    }
    this.#bring();
  }

  /** Takes an answer as far as it is known. Another turn's id begins anew. */
  feed(turn: string, text: string, complete: boolean): void {
    this.#want((speaker) => speaker.feed(turn, text, complete));
  }

  /** Reads an answer that is complete, from its beginning. */
  read(turn: string, text: string): void {
    this.#want((speaker) => speaker.read(turn, text));
  }

  /** At once, and for all that follows. 1 is the voice's own speed. */
  setSpeed(speed: number): void {
    this.#speed = speed;
    this.#speaker?.setSpeed(speed);
  }

  /** Quiet at once, and for the rest of this answer. */
  stop(): void {
    this.#wish = null;
    this.#speaker?.stop();
  }

  #want(wish: (speaker: Speaker) => void): void {
    if (this.#speaker) return wish(this.#speaker);
    this.#wish = wish;
    this.#bring();
  }

  #bring(): void {
    this.#coming ??= import("./speaker").then(
      ({ Speaker }) => {
        this.#speaker = new Speaker((this.#player ??= new Audio()), this.synthesize, this.languages, this.listener);
        this.#speaker.setSpeed(this.#speed);
        this.#wish?.(this.#speaker);
        this.#wish = null;
      },
      (failure: unknown) => {
        this.#coming = null;
        this.missing(failure);
      },
    );
  }
}

/** A hundredth of a second of nothing, as a WAV file: something to play in the click. */
function silence(): Blob {
  const samples = 80;
  const view = new DataView(new ArrayBuffer(44 + samples));
  const word = (at: number, text: string) => [...text].forEach((letter, i) => view.setUint8(at + i, letter.charCodeAt(0)));
  word(0, "RIFF");
  view.setUint32(4, 36 + samples, true);
  word(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, 8000, true);
  view.setUint32(28, 8000, true);
  view.setUint16(32, 1, true);
  view.setUint16(34, 8, true);
  word(36, "data");
  view.setUint32(40, samples, true);
  for (let at = 44; at < 44 + samples; at += 1) view.setUint8(at, 128);
  return new Blob([view.buffer], { type: "audio/wav" });
}

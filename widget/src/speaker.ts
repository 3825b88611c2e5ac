/** Reads answers aloud, sentence by sentence, while they still stream: by our service, else by the browser's own voice. */

import { BrowserVoice } from "./browser-voice";
import { sentences, spokenLanguage } from "./spoken";
import { tagOf } from "./tongue";

export interface SpeakerListener {
  /** The answer that is being read; null when it is quiet. */
  reading(turn: string | null): void;
  /** Neither the service nor the browser has a voice. */
  mute(failure: unknown): void;
  /** The service failed; the browser's voice went on. */
  fault(failure: unknown): void;
}

export type Synthesize = (text: string, language: string, signal: AbortSignal) => Promise<Blob>;

interface Piece {
  text: string;
  language: string;
  sound: Promise<Blob | null> | null;
}

/** One is played, the next is fetched meanwhile. */
const AHEAD = 1;

export class Speaker {
  #own = new BrowserVoice();
  #turn: string | null = null;
  #stopping = new AbortController();
  #pieces: Piece[] = [];
  #at = 0;
  #playing = false;
  #complete = false;
  #served = true;
  /** Of what was read last. */
  #language: string | null = null;
  #speed = 1;

  constructor(
    /** Allowed to begin by itself, when the visitor's click has unlocked it. */
    private readonly player: HTMLAudioElement,
    private readonly synthesize: Synthesize,
    private readonly languages: () => readonly string[],
    private readonly listener: SpeakerListener,
  ) {}

  /** Takes an answer as far as it is known. Another turn's id begins anew. */
  feed(turn: string, text: string, complete: boolean): void {
    if (turn !== this.#turn) {
      this.stop();
      this.#begin(turn);
    }
    if (this.#stopping.signal.aborted) return; // the visitor wanted quiet for this answer
    const offered = this.languages();
    const preferred = spokenLanguage(offered);
    const known = sentences(text, !complete, preferred);
    const told = known.map((sentence) => tagOf(sentence, [preferred, ...offered]));
    // What one sentence is too short to tell (`Ja.`, `49 €`) its neighbours may, or the answer before.
    this.#language = told[0] ?? this.#pieces[0]?.language ?? told.find(Boolean) ?? this.#language ?? preferred;
    for (const [at, sentence] of known.entries()) {
      this.#language = this.#pieces[at]?.language ?? told[at] ?? this.#language;
      if (at === this.#pieces.length) this.#pieces.push({ text: sentence, language: this.#language, sound: null });
    }
    this.#complete = complete;
    if (this.#playing) this.#fetchAhead(this.#stopping.signal);
    else void this.#play();
  }

  /** Reads an answer that is complete, from its beginning. */
  read(turn: string, text: string): void {
    this.stop();
    this.#turn = null;
    this.feed(turn, text, true);
  }

  /** At once, and for all that follows. 1 is the voice's own speed. */
  setSpeed(speed: number): void {
    this.#speed = speed;
    this.player.playbackRate = speed;
  }

  /** Quiet at once, and for the rest of this answer. */
  stop(): void {
    this.#stopping.abort();
    this.player.pause();
    this.#own.stop();
    this.#tell(false);
  }

  #begin(turn: string): void {
    this.#turn = turn;
    this.#stopping = new AbortController();
    this.#pieces = [];
    this.#at = 0;
    this.#complete = false;
    this.#playing = false;
    this.#served = true; // it may have recovered since the last answer
  }

  async #play(): Promise<void> {
    this.#playing = true;
    const { signal } = this.#stopping;
    try {
      for (let piece = this.#pieces[this.#at]; piece && !signal.aborted; piece = this.#pieces[this.#at]) {
        this.#tell(true);
        this.#fetchAhead(signal);
        await this.#say(piece, signal);
        this.#at += 1;
      }
    } catch (failure) {
      if (signal.aborted) return;
      this.#stopping.abort();
      this.listener.mute(failure);
    } finally {
      if (signal === this.#stopping.signal) {
        this.#playing = false;
        if (this.#complete || signal.aborted) this.#tell(false);
      }
    }
  }

  async #say(piece: Piece, signal: AbortSignal): Promise<void> {
    const sound = this.#served ? await piece.sound : null;
    if (signal.aborted) return;
    if (sound && (await this.#sound(sound, signal))) return;
    if (!signal.aborted) await this.#own.say(piece.text, piece.language, this.#speed, signal);
  }

  #fetchAhead(signal: AbortSignal): void {
    for (const piece of this.#pieces.slice(this.#at, this.#at + 1 + AHEAD)) {
      if (!this.#served) return;
      piece.sound ??= this.synthesize(piece.text, piece.language, signal).catch((failure: unknown) => {
        if (!signal.aborted && this.#served) this.listener.fault(failure);
        if (!signal.aborted) this.#served = false;
        return null;
      });
    }
  }

  /** Answers whether it could be played: a page's policy may forbid sound. */
  #sound(sound: Blob, signal: AbortSignal): Promise<boolean> {
    const { player } = this;
    const address = URL.createObjectURL(sound);
    return new Promise<boolean>((resolve) => {
      const settle = (played: boolean) => {
        player.onended = player.onerror = null;
        signal.removeEventListener("abort", stopped);
        URL.revokeObjectURL(address);
        if (!played && !signal.aborted) this.#served = false;
        resolve(played);
      };
      const stopped = () => settle(true);
      signal.addEventListener("abort", stopped);
      player.onended = () => settle(true);
      player.onerror = () => settle(false);
      player.src = address;
      player.playbackRate = this.#speed; // a new source begins at the default
      player.play().catch(() => settle(signal.aborted));
    });
  }

  #tell(reading: boolean): void {
    this.listener.reading(reading ? this.#turn : null);
  }
}

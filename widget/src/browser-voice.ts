/** The browser's own voice, with a watch on it: some of them fall silent without a word, and never say that they ended. */

/** A slow voice says eleven characters a second. */
const MS_PER_CHARACTER = 90;
const PATIENCE_MS = 4_000;

export class BrowserVoice {
  /** Browsers collect an utterance that nobody holds, and its end is then never told. */
  held: SpeechSynthesisUtterance | null = null;

  /** Resolves when it was said, or when the voice hangs; rejects when there is no voice. */
  say(text: string, language: string, speed: number, signal: AbortSignal): Promise<void> {
    if (!available()) return Promise.reject(new Error("This browser has no voice"));
    return new Promise<void>((resolve, reject) => {
      const utterance = new SpeechSynthesisUtterance(text);
      utterance.lang = language;
      utterance.rate = speed;
      let begun = false;
      const settle = (failure?: Error) => {
        clearTimeout(watchdog);
        signal.removeEventListener("abort", stopped);
        this.held = null;
        if (failure) reject(failure);
        else resolve();
      };
      const stopped = () => settle();
      const watchdog = setTimeout(() => {
        speechSynthesis.cancel();
        settle(begun ? undefined : new Error("The browser's voice does not speak"));
      }, PATIENCE_MS + (text.length * MS_PER_CHARACTER) / speed);
      signal.addEventListener("abort", stopped);
      utterance.onstart = () => (begun = true);
      utterance.onend = () => settle();
      utterance.onerror = ({ error }) => {
        if (error !== "canceled" && error !== "interrupted") settle(new Error(`The browser's voice failed: ${error}`));
      };
      this.held = utterance;
      speechSynthesis.speak(utterance);
    });
  }

  stop(): void {
    // Between the wish and the first sound some browsers say `pending` alone.
    if (available() && (speechSynthesis.speaking || speechSynthesis.pending)) speechSynthesis.cancel();
  }
}

function available(): boolean {
  return typeof speechSynthesis !== "undefined" && typeof SpeechSynthesisUtterance !== "undefined";
}

/** Where a conversation goes on when a mode fails: video, voice, read aloud, text, a letter. Only ever downward. */

import type { Mode, PublicProfile } from "./contract";
import type { Language } from "./languages/en";
import { isLive } from "./state";
import { codeOf, wordsFor } from "./words";

const LADDER: readonly Mode[] = ["video", "voice", "tts", "text"];

/** What every mode would meet: the visitor's connection, a conversation that is over, nobody there. */
const EVERYWHERE = new Set(["network", "timeout", "store_busy", "unauthorized", "session_not_found", "call_forgotten"]);

export interface Standing {
  profile: PublicProfile | null;
  offline: boolean;
  /** Whether the visitor has given the microphone. */
  heard: boolean;
}

/** The next mode below; text when nothing between works. */
export function below(mode: Mode, failure: unknown, { profile, offline, heard }: Standing): Mode {
  if (offline || EVERYWHERE.has(codeOf(failure))) return "text";
  const rungs = LADDER.slice(LADDER.indexOf(mode) + 1);
  return rungs.find((rung) => profile?.modes.includes(rung) && (heard || !isLive(rung))) ?? "text";
}

const ONWARD = { video: "onwardVideo", voice: "onwardVoice", tts: "onwardTts", text: "onwardText" } as const;

/** One sentence of what happened and one of how it goes on. */
export function announcement(failure: unknown, next: Mode, language: Language): string {
  return `${wordsFor(failure, language).happened} ${language[ONWARD[next]]}`;
}

/** Not a refusal of this question, but no way to have any answered. */
export function isDown(failure: unknown): boolean {
  const status = (failure as { status?: unknown }).status;
  if (typeof status === "number" && status >= 500) return true;
  return ["network", "timeout", "internal_error", "vendor_failed", "not_configured"].includes(codeOf(failure));
}

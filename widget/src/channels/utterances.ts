/**
 * Reads who said what out of a call's raw events, for captions and transcript.
 *
 * The vendor streams the avatar's words under one inference id, and a visitor's words under ids that change within a
 * turn; typed text comes back as if it had been spoken. One key per line is what the log needs.
 */

import type { Line } from "./live";

interface RawEvent {
  event_type?: unknown;
  conversation_id?: unknown;
  seq?: unknown;
  turn_idx?: unknown;
  inference_id?: unknown;
  properties?: Record<string, unknown>;
}

interface Known {
  seq: number;
  locked: boolean;
  streamed: boolean;
}

export class Utterances {
  #known = new Map<string, Known>();
  #adopted = new Map<string, string>();
  #typed: { key: string; words: Set<string> }[] = [];
  #unnamed = 0;

  constructor(private readonly conversationId: string) {}

  /** What the visitor typed is shown at once; its echo from the room must not become a second line. */
  typed(key: string, text: string): void {
    this.#typed.push({ key, words: words(text) });
  }

  /** Null for everything that is not something said, or is nothing new. */
  read(raw: object): Line | null {
    const event = raw as RawEvent;
    const streaming = event.event_type === "conversation.utterance.streaming";
    if (!streaming && event.event_type !== "conversation.utterance") return null;
    if (event.conversation_id && event.conversation_id !== this.conversationId) return null;
    const said = event.properties ?? {};
    const text = firstText(said.speech, said.text, said.content, said.transcript);
    if (!text) return null;
    return said.role === "user" ? this.#visitor(event, text, streaming) : this.#assistant(event, text, streaming);
  }

  #assistant(event: RawEvent, text: string, streaming: boolean): Line | null {
    const key = `assistant:${event.inference_id ?? event.turn_idx ?? this.#nextUnnamed()}`;
    const known = this.#known.get(key);
    // The one-shot twin carries the whole intended text even if it was cut off: what was streamed is what was said.
    if (known && !streaming && known.streamed) return null;
    if (!this.#isNews(key, event, { locked: false, streamed: streaming || (known?.streamed ?? false) })) return null;
    return { key, role: "assistant", text, final: !streaming || event.properties?.final === true };
  }

  #visitor(event: RawEvent, text: string, streaming: boolean): Line | null {
    const turn = `visitor:${event.turn_idx ?? event.inference_id ?? this.#nextUnnamed()}`;
    if (this.#known.get(turn)?.locked) return null;
    if (!this.#isNews(turn, event, { locked: !streaming, streamed: streaming })) return null;
    const key = this.#adopted.get(turn) ?? this.#adopt(turn, text) ?? turn;
    return { key, role: "visitor", text, final: !streaming };
  }

  #isNews(key: string, event: RawEvent, next: Omit<Known, "seq">): boolean {
    const before = this.#known.get(key)?.seq ?? -1;
    const seq = typeof event.seq === "number" ? event.seq : before + 1;
    if (seq <= before) return false;
    this.#known.set(key, { ...next, seq });
    return true;
  }

  /** The vendor may alter typed text slightly: half of the words in common is the same line. */
  #adopt(turn: string, text: string): string | undefined {
    const heard = words(text);
    const at = this.#typed.findIndex(({ words: typed }) => {
      const common = [...typed].filter((word) => heard.has(word)).length;
      return common * 2 >= typed.size;
    });
    if (at < 0) return undefined;
    const [line] = this.#typed.splice(at, 1);
    if (line) this.#adopted.set(turn, line.key);
    return line?.key;
  }

  #nextUnnamed(): string {
    this.#unnamed += 1;
    return `unnamed-${this.#unnamed}`;
  }
}

/** Who begins or ends to speak in this event, if somebody does. The vendor tells it in an older and a newer form. */
export function speaking(raw: object): { role: Line["role"]; speaks: boolean } | null {
  const event = raw as RawEvent;
  const told = /^conversation\.(?:(user|replica|pal)\.)?(started|stopped)_speaking$/.exec(String(event.event_type));
  if (!told) return null;
  const who = told[1] ?? event.properties?.role;
  return { role: who === "user" ? "visitor" : "assistant", speaks: told[2] === "started" };
}

/** The name of the tool that the avatar calls in this event, if it calls one. */
export function calledTool(raw: object): string | null {
  const event = raw as RawEvent;
  const name = event.properties?.name;
  return event.event_type === "conversation.tool_call" && typeof name === "string" ? name : null;
}

function firstText(...candidates: unknown[]): string {
  for (const candidate of candidates) if (typeof candidate === "string" && candidate.trim()) return candidate.trim();
  return "";
}

function words(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
}

/**
 * How much of a spoken answer came to the visitor's ears.
 *
 * The vendor makes words faster than they are heard. Of an interruption it tells milliseconds and not words, of a
 * hang-up nothing; how long its sound is, it tells in tokens at the end of a reply.
 */

import type { VoiceEvent } from "./voice-events";

/** What of an item was heard; the text ends with an ellipsis. */
export interface Heard {
  item: string;
  text: string;
}

const MS_PER_TOKEN = 50;
/** Until the vendor has told the length: a voice says about fifteen characters a second. */
const MS_PER_CHARACTER = 66;

interface Spoken {
  reply: string;
  /** As it was made. */
  text: string;
  /** How much of its sound was played, once it was interrupted. */
  playedMs: number | null;
  /** The vendor's own word for what was heard. */
  told: string | null;
  heard: string | null;
}

export class VoiceHeard {
  #items = new Map<string, Spoken>();
  #lengths = new Map<string, number>();
  /** Replies that were cancelled before all was made: they end open even if every word of them was heard. */
  #broken = new Set<string>();
  #playing: { reply: string; since: number } | null = null;

  /** What was heard of an item that this event cuts, or tells more about. */
  read(event: VoiceEvent): Heard | null {
    const id = word(event.item_id);
    switch (event.type) {
      case "response.output_audio_transcript.delta":
        this.#item(id, word(event.response_id)).text += word(event.delta);
        return null;
      case "response.output_audio_transcript.done":
        return this.#made(id, word(event.response_id), word(event.transcript).trim());
      case "output_audio_buffer.started":
        this.#playing = { reply: word(event.response_id), since: Date.now() };
        return null;
      case "output_audio_buffer.stopped":
        this.#playing = null;
        return null;
      case "output_audio_buffer.cleared":
        return this.#stopPlaying();
      case "conversation.item.truncated":
        return this.#cut(id, Number(event.audio_end_ms));
      case "response.done":
        return this.#ended(event.response ?? {});
      default:
        return null;
    }
  }

  /** The visitor hears no more from now on. */
  hangUp(): Heard | null {
    return this.#stopPlaying();
  }

  /** Null for what was heard to its end, or still is. */
  textOf(item: string): string | null {
    return this.#items.get(item)?.heard ?? null;
  }

  #item(id: string, reply: string): Spoken {
    const known = this.#items.get(id) ?? { reply, text: "", playedMs: null, told: null, heard: null };
    this.#items.set(id, known);
    return known;
  }

  #made(id: string, reply: string, transcript: string): Heard | null {
    const item = this.#item(id, reply);
    // Of a reply that was cut the vendor may keep only what it knows to have been heard.
    if (item.text.trim().startsWith(transcript) && transcript.length < item.text.trim().length) item.told = transcript;
    else item.text = transcript;
    return this.#judge(id);
  }

  #stopPlaying(): Heard | null {
    const playing = this.#playing;
    this.#playing = null;
    if (!playing) return null;
    const [id] = [...this.#items].findLast(([, { reply, text }]) => reply === playing.reply && text) ?? [];
    // The vendor knows it better, where it has told.
    return id ? this.#cut(id, this.#items.get(id)?.playedMs ?? Date.now() - playing.since) : null;
  }

  #cut(id: string, ms: number): Heard | null {
    const item = this.#items.get(id);
    if (!item || !Number.isFinite(ms)) return null;
    item.playedMs = ms;
    return this.#judge(id);
  }

  #ended({ id: name, status, usage }: NonNullable<VoiceEvent["response"]>): Heard | null {
    const reply = word(name);
    const tokens = Number(usage?.output_token_details?.audio_tokens);
    if (tokens > 0) this.#lengths.set(reply, tokens * MS_PER_TOKEN);
    if (status === "cancelled") this.#broken.add(reply);
    const [id] = [...this.#items].findLast(([, item]) => item.reply === reply && item.playedMs !== null) ?? [];
    return id ? this.#judge(id) : null;
  }

  #judge(id: string): Heard | null {
    const item = this.#items.get(id);
    if (!item || item.playedMs === null) return null;
    const whole = item.text.trim();
    const lasts = this.#lengths.get(item.reply) ?? whole.length * MS_PER_CHARACTER;
    const heard = item.told ?? firstWords(whole, item.playedMs / lasts);
    if (heard === whole && !this.#broken.has(item.reply)) return null;
    const text = heard ? `${heard.replace(/[\s,;:–-]+$/u, "")} …` : "…";
    if (text === item.heard) return null;
    item.heard = text;
    return { item: id, text };
  }
}

/** Whole words only: of half a word nobody knows what it meant. */
function firstWords(text: string, share: number): string {
  if (share >= 1) return text;
  const head = text.slice(0, Math.floor(text.length * share));
  const ends = /\s/u.test(text.charAt(head.length)) || !/\s/u.test(text) ? head.length : head.search(/\s\S*$/u);
  return head.slice(0, Math.max(0, ends)).trim();
}

function word(value: unknown): string {
  return typeof value === "string" ? value : "";
}

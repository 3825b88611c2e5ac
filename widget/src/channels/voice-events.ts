/**
 * Reads a voice call's raw events: who said what, whose turn it is, what broke.
 *
 * Transcripts of the visitor come late and unordered; an item's place is where its speech began.
 */

import type { CallListener, Line } from "./live";
import { type Heard, VoiceHeard } from "./voice-heard";

/** Too much for the relay, and nothing that the server needs: what changes many times a second, and sound itself. */
const NOISE = /(?:\.delta|^rate_limits\.updated|^response\.content_part\.\w+|^response\.output_audio\.\w+)$/;

export interface VoiceEvent {
  type?: unknown;
  event_id?: unknown;
  item_id?: unknown;
  response_id?: unknown;
  audio_end_ms?: unknown;
  previous_item_id?: unknown;
  delta?: unknown;
  transcript?: unknown;
  text?: unknown;
  name?: unknown;
  item?: { id?: unknown; type?: unknown; role?: unknown; content?: readonly { type?: unknown }[] };
  response?: {
    id?: unknown;
    status?: unknown;
    status_details?: { error?: { code?: unknown; message?: unknown } } | null;
    usage?: { output_token_details?: { audio_tokens?: unknown } } | null;
  };
  error?: { code?: unknown; message?: unknown };
}

/** Null for noise. A session's own description, which the server wrote itself, would fill a frame. */
export function forServer(event: VoiceEvent): object | null {
  const { type } = event;
  if (typeof type !== "string" || NOISE.test(type)) return null;
  return type === "session.created" || type === "session.updated" ? { type, event_id: event.event_id } : event;
}

/** The call cannot go on after these, and another one of the same kind could not either. */
const FATAL = new Set(["insufficient_quota", "billing_hard_limit_reached", "invalid_api_key", "model_not_found"]);

/** The code of what ends the call, if this event does. `session_expired` ends this connection only. */
export function endOf({ type, error, response }: VoiceEvent): "fatal" | "expired" | null {
  const code = type === "error" ? error?.code : type === "response.done" ? response?.status_details?.error?.code : null;
  if (code === "session_expired") return "expired";
  return typeof code === "string" && FATAL.has(code) ? "fatal" : null;
}

type Said = { text: string; role: Line["role"]; after: string | undefined };

export class VoiceReader {
  #items = new Map<string, Said>();
  #heard = new VoiceHeard();
  #speaking = false;

  constructor(private readonly listener: Pick<CallListener, "line" | "tool" | "activity" | "event">) {}

  read(event: VoiceEvent): void {
    const heard = this.#heard.read(event);
    this.#understand(event);
    if (heard) this.#cut(heard);
  }

  /** Words that are being said now end here. */
  hangUp(): void {
    const heard = this.#heard.hangUp();
    if (heard) this.#cut(heard);
  }

  /** The server reads it like an event of the vendor's. */
  #cut({ item, text }: Heard): void {
    this.#line(item, "assistant", text, true);
    this.listener.event({ type: "aisdr.heard", item_id: item, text });
  }

  #understand(event: VoiceEvent): void {
    const id = typeof event.item_id === "string" ? event.item_id : "";
    switch (event.type) {
      case "input_audio_buffer.speech_started":
        this.listener.activity("listening");
        this.#line(id, "visitor", "", false);
        break;
      case "input_audio_buffer.speech_stopped":
      case "response.created":
        if (!this.#speaking) this.listener.activity("thinking");
        break;
      case "conversation.item.added":
        this.#placed(event);
        break;
      case "conversation.item.input_audio_transcription.delta":
        this.#line(id, "visitor", this.#textOf(id) + word(event.delta), false);
        break;
      case "conversation.item.input_audio_transcription.completed":
        this.#line(id, "visitor", word(event.transcript).trim(), true);
        break;
      case "conversation.item.input_audio_transcription.failed":
        this.#line(id, "visitor", "", true);
        break;
      case "response.output_audio_transcript.delta":
      case "response.output_text.delta":
        this.#line(id, "assistant", this.#textOf(id) + word(event.delta), false);
        break;
      case "response.output_audio_transcript.done":
        this.#line(id, "assistant", word(event.transcript).trim() || this.#textOf(id), true);
        break;
      case "response.output_text.done":
        this.#line(id, "assistant", word(event.text).trim() || this.#textOf(id), true);
        break;
      case "response.function_call_arguments.done":
        this.listener.activity("thinking");
        this.listener.tool(word(event.name));
        break;
      case "output_audio_buffer.started":
        this.#speaking = true;
        this.listener.activity("speaking");
        break;
      case "output_audio_buffer.stopped":
      case "output_audio_buffer.cleared": // the visitor has interrupted
        this.#speaking = false;
        this.listener.activity("listening");
        break;
      case "response.done":
        if (!this.#speaking && event.response?.status !== "completed") this.listener.activity("listening");
        break;
      default: // vendors say much that is not for the screen
    }
  }

  /** Where an item stands in the vendor's own order. */
  #placed({ item, previous_item_id: previous }: VoiceEvent): void {
    if (typeof item?.id !== "string" || item.type !== "message") return;
    const after = typeof previous === "string" ? keyOf(previous) : undefined;
    const known = this.#items.get(item.id);
    if (known) known.after = after;
    else this.#items.set(item.id, { text: "", role: item.role === "assistant" ? "assistant" : "visitor", after });
  }

  #line(id: string, role: Line["role"], text: string, final: boolean): void {
    if (!id) return;
    const after = this.#items.get(id)?.after;
    this.#items.set(id, { text, role, after });
    if (role === "assistant" && !text) return;
    this.listener.line({ key: keyOf(id), role, text: this.#heard.textOf(id) ?? text, final, after });
  }

  #textOf(id: string): string {
    return this.#items.get(id)?.text ?? "";
  }
}

function keyOf(id: string): string {
  return `voice:${id}`;
}

function word(value: unknown): string {
  return typeof value === "string" ? value : "";
}

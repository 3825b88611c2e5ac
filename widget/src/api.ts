/** Our HTTP doors. Every failure leaves here as an ApiError; `words.ts` says what a visitor reads of it. */

import type {
  Answer,
  ConsentGiven,
  ErrorBody,
  Introduction,
  Mode,
  PublicProfile,
  SessionGrant,
  Conversation as SessionView,
  TavusSessionGrant,
  ToolOutcome,
} from "./contract";
import { traceparent } from "./trace";

export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status = 0,
    readonly requestId?: string,
  ) {
    super(message);
  }
}

interface Call {
  token?: string | undefined;
  body?: object;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  keepalive?: boolean;
}

/** A create waits for a vendor; everything else answers well below this. */
const PATIENCE_MS = 30_000;

export class Api {
  constructor(private readonly base: string) {}

  profile(slug: string): Promise<PublicProfile> {
    return this.#call("GET", `/api/widget/${encodeURIComponent(slug)}`);
  }

  /** Without consent when the website spoke in the visitor's place: a text that was displayed is no agreement. */
  openSession(companyId: string, mode: Mode, consent: ConsentGiven | null): Promise<SessionGrant> {
    return this.#call("POST", "/api/session", { body: { companyId, mode, ...(consent && { consent }) } });
  }

  /** `key` makes the create safe to send again: the server answers the same call, not a second one. */
  openVideo(companyId: string, consent: ConsentGiven | null, key: string, token: string | undefined): Promise<TavusSessionGrant> {
    return this.#call("POST", "/api/tavus/session", {
      body: { companyId, consent },
      headers: { "Idempotency-Key": key },
      token,
    });
  }

  /** The server exchanges the browser's SDP offer with the vendor: no key of the vendor's reaches the browser. */
  openVoice(
    companyId: string,
    consent: ConsentGiven | null,
    sdpOffer: string,
    key: string,
    resume: string | undefined,
    signal: AbortSignal,
  ): Promise<SessionGrant> {
    return this.#call("POST", "/api/session", {
      body: { companyId, mode: "voice", consent, sdpOffer, ...(resume && { resume }) },
      headers: { "Idempotency-Key": key },
      signal,
    });
  }

  /** What was said so far, for a page that was loaded again. */
  recall(sessionId: string, token: string): Promise<SessionView> {
    return this.#call("GET", session(sessionId), { token });
  }

  /** What the website tells about its visitor and page takes the place of what it told before. */
  introduce(sessionId: string, token: string, told: Introduction): Promise<void> {
    return this.#call("POST", `${session(sessionId)}/introduction`, { token, body: told });
  }

  /** The relay's entry is to the call that runs, unless this page sits in none: another tab may. */
  renew(sessionId: string, token: string, inCall: boolean): Promise<SessionGrant> {
    return this.#call("POST", `${session(sessionId)}/renew${inCall ? "" : "?call=none"}`, { token });
  }

  /** Ends the live call and keeps the conversation. `keepalive` lets it outlive the page. */
  endCall(sessionId: string, token: string): Promise<void> {
    return this.#call("DELETE", `${session(sessionId)}?call=only`, { token, keepalive: true });
  }

  endSession(sessionId: string, token: string): Promise<void> {
    return this.#call("DELETE", session(sessionId), { token, keepalive: true });
  }

  /** Erases what was said, for good. */
  erase(sessionId: string, token: string): Promise<void> {
    return this.#call("DELETE", `${session(sessionId)}/conversation`, { token });
  }

  rate(sessionId: string, answerId: string, rating: "good" | "bad" | null, token: string): Promise<void> {
    return this.#call("POST", `${session(sessionId)}/rating`, { body: { answerId, rating }, token });
  }

  answer(id: string, question: string, token: string, signal?: AbortSignal): Promise<Answer> {
    return this.#call("POST", "/api/answer", { body: { id, question }, token, signal });
  }

  /** One sentence as sound. */
  speech(text: string, language: string, token: string, signal: AbortSignal): Promise<Blob> {
    return this.#call("POST", "/api/speech", { body: { text, language }, token, signal }, (sound) => sound.blob());
  }

  tool(companyId: string, name: string, args: object, callId: string, token: string): Promise<ToolOutcome> {
    return this.#call("POST", "/api/tavus/tool", { body: { companyId, name, arguments: args, callId }, token });
  }

  confirm(confirmationId: string, accept: boolean, values: Record<string, string>, token: string): Promise<ToolOutcome> {
    return this.#call("POST", "/api/tool/confirmation", { body: { confirmationId, accept, values }, token });
  }

  async #call<T>(
    method: string,
    path: string,
    { token, body, headers, signal, keepalive }: Call = {},
    read: (response: Response) => Promise<unknown> = json,
  ): Promise<T> {
    const patience = AbortSignal.timeout(PATIENCE_MS);
    let response: Response;
    try {
      response = await fetch(this.base + path, {
        method,
        credentials: "omit",
        keepalive: keepalive ?? false,
        signal: signal ? AbortSignal.any([signal, patience]) : patience,
        headers: {
          ...(body && { "Content-Type": "application/json" }),
          ...(token && { Authorization: `Bearer ${token}` }),
          // Where a browser asks for leave first in any case; alone it would cost the profile a round trip.
          ...((body || token) && { traceparent: traceparent() }),
          ...headers,
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      // The line may break within the answer, too; and what a network puts in its place is no answer.
      if (response.ok) return (await read(response)) as T;
    } catch (failure) {
      if (signal?.aborted) throw failure;
      throw patience.aborted
        ? new ApiError("timeout", `No answer within ${PATIENCE_MS / 1000} s`)
        : new ApiError("network", "The server cannot be reached");
    }
    throw await refusal(response);
  }
}

async function json(response: Response): Promise<unknown> {
  return response.status === 204 ? undefined : response.json();
}

function session(id: string): string {
  return `/api/session/${encodeURIComponent(id)}`;
}

async function refusal(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => null)) as Partial<ErrorBody> | null;
  const error = body?.error;
  return new ApiError(
    error?.code ?? "http",
    error?.message || `The server answered ${response.status}`,
    response.status,
    error?.requestId,
  );
}

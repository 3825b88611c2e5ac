/**
 * What a visitor reads when something fails, by its code; the sentences themselves stand in `languages/`.
 *
 * The server's own message names fields and settings for whoever runs the product; it goes to the console.
 */

import type { Language } from "./languages/en";

export interface Words {
  happened: string;
  /** What to do now. */
  next: string;
  /** Whether pressing again may help. */
  again: boolean;
}

type Telling = [happened: keyof Language["happened"], next: keyof Language["next"], again?: "no use"];

const NOT_SET_UP: Telling = ["notSetUp", "elsewhere", "no use"];
const NOT_READ: Telling = ["noReading", "stillReadable", "no use"];
const VOICE_NOT_STARTED: Telling = ["voiceNotStarted", "laterOrText"];

const WORDS: Record<string, Telling> = {
  network: ["unreachable", "connection"],
  timeout: ["tooSlow", "retry"],
  websocket: ["socket", "inOnePiece"],
  too_long: ["tooLong", "shorter"],
  store_busy: ["busy", "soon"],
  limit_reached: ["limit", "later"],
  vendor_failed: ["noAnswer", "retry"],
  internal_error: ["wrong", "retry"],
  rate_limited: ["tooMuch", "waitSecond"],
  invalid_input: ["notTaken", "otherWords"],
  not_configured: NOT_SET_UP,
  embedder_not_installed: NOT_SET_UP,
  index_mismatch: NOT_SET_UP,
  unauthorized: ["conversationExpired", "askAnew"],
  session_not_found: ["conversationEnded", "askAnew"],
  answer_not_found: ["conversationEnded", "askAnew"],
  company_not_found: ["noAssistant", "elsewhere", "no use"],
  wrong_value: ["badValue", "correct"],
  invalid_arguments: ["badValue", "correct"],
  confirmation_not_found: ["formExpired", "tellAgain", "no use"],
  call_running: ["beingSent", "waitMoment"],
  answer_running: ["beingAnswered", "waitMoment"],
  tool_unavailable: ["toolSilent", "confirmSoon"],
  call_id_conflict: ["sentBefore", "tellAgain", "no use"],
  tool_not_enabled: ["noLonger", "elsewhere", "no use"],
  speech: NOT_READ,
  speech_unavailable: NOT_READ,
  speech_limit: NOT_READ,
  speech_not_configured: NOT_READ,
  language_unknown: NOT_READ,
  origin_not_allowed: ["notOnThisSite", "elsewhere", "no use"],
  not_deleted: ["notDeleted", "retry"],

  tavus_not_configured: ["noKey", "noVideoYet", "no use"],
  video_not_enabled: ["noVideoHere", "inText", "no use"],
  mode_not_enabled: ["notHere", "inText", "no use"],
  tavus_session_failed: ["noVideoCall", "laterOrText"],
  call_pending: ["callPending", "secondsLater"],
  call_over: ["callOver", "newCall"],
  call_forgotten: ["callForgotten", "newCall"],
  idempotency_conflict: ["otherCall", "newCall"],
  calls_busy: ["linesBusy", "laterOrText"],
  network_busy: ["linesBusy", "laterOrText"],
  avatar_busy: ["avatarBusy", "laterOrText"],
  budget_spent: ["budgetSpent", "inText", "no use"],
  vendor_credits: ["noCredits", "inText", "no use"],
  consent_required: ["needsConsent", "retry"],
  consent_outdated: ["consentChanged", "agreeAnew"],

  microphone_blocked: ["microphoneBlocked", "allow"],
  microphone_missing: ["microphoneMissing", "connect"],
  microphone_busy: ["microphoneBusy", "closeOther"],
  microphone_forbidden: ["microphoneForbidden", "inText", "no use"],
  camera_blocked: ["cameraBlocked", "goOnWithout"],
  camera_missing: ["cameraMissing", "goOnWithout"],
  camera_busy: ["cameraBusy", "goOnWithout"],
  camera_forbidden: ["cameraForbidden", "goOnWithout"],
  voice_not_enabled: ["noVoiceHere", "inText", "no use"],
  voice_not_configured: ["voiceNotSetUp", "inText", "no use"],
  voice_model_unavailable: ["voiceUnavailable", "inText", "no use"],
  voice_busy: ["linesBusy", "laterOrText"],
  openai_session_failed: VOICE_NOT_STARTED,
  invalid_sdp: VOICE_NOT_STARTED,
  voice_failed: ["voiceFailed", "laterOrText"],
  voice_lost: ["voiceLost", "laterOrText"],
  voice_timeout: ["voiceSlow", "laterOrText"],

  no_video: ["noPicture", "laterOrText"],
  room: ["videoBroke", "laterOrText"],
  room_blocked: ["videoForbidden", "inText", "no use"],
  room_not_loaded: ["videoNotLoaded", "blocked"],
  room_unsupported: ["videoUnsupported", "currentBrowser", "no use"],
  room_ended: ["callEnded", "newCall"],
  room_refused: ["roomRefused", "laterOrText"],
  room_full: ["roomFull", "goThere"],
  room_ejected: ["sentOut", "newCall"],
  room_lost: ["roomLost", "connectionOrText"],
  room_timeout: ["roomSlow", "laterOrText"],
};

export function wordsFor(failure: unknown, language: Language): Words {
  const [happened, next, noUse] = WORDS[codeOf(failure)] ?? ["wrong", "retry"];
  return { happened: language.happened[happened], next: language.next[next], again: !noUse };
}

export function sentence({ happened, next }: Words): string {
  return `${happened} ${next}`;
}

export function codeOf(failure: unknown): string {
  const code = (failure as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "widget";
}

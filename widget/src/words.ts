/**
 * What a visitor reads when something fails, by its code.
 *
 * The server's own message names fields and settings for whoever runs the product; it goes to the console.
 */

export interface Words {
  happened: string;
  /** What to do now. */
  next: string;
  /** Whether pressing again may help. */
  again: boolean;
}

const RETRY = "Please try again.";
const LATER = "Please try again in a minute, or go on in text.";
const IN_TEXT = "Please go on in text.";
const ANOTHER_SITE = "Please use the contact on this website instead.";
const NOT_SET_UP: [string, string] = ["!The assistant is not set up yet.", ANOTHER_SITE];
const NOT_READ: [string, string] = ["!Reading aloud is not available just now.", "The answers stay readable."];

/** "!" before what happened: no use to press again. */
const WORDS: Record<string, [happened: string, next: string]> = {
  network: ["The assistant cannot be reached.", "Please check your connection and try again."],
  timeout: ["The assistant took too long to answer.", RETRY],
  websocket: ["WebSocket connection error.", "Answers arrive in one piece until it is back."],
  too_long: ["Your message is too long.", "Please keep it below 2,000 characters."],
  store_busy: ["The assistant is very busy.", "Please try again in a moment."],
  limit_reached: ["The assistant has reached its limit for now.", "Please try again later."],
  vendor_failed: ["The assistant could not answer just now.", RETRY],
  internal_error: ["Something went wrong.", RETRY],
  rate_limited: ["That was too much at once.", "Please wait a second and try again."],
  invalid_input: ["The assistant cannot take this.", "Please put it another way."],
  not_configured: NOT_SET_UP,
  embedder_not_installed: NOT_SET_UP,
  index_mismatch: NOT_SET_UP,
  unauthorized: ["This conversation has expired.", "Ask again and a new one begins."],
  session_not_found: ["This conversation has ended.", "Ask again and a new one begins."],
  company_not_found: ["!This assistant does not exist.", ANOTHER_SITE],
  wrong_value: ["This value cannot be used.", "Please correct it and confirm again."],
  invalid_arguments: ["This value cannot be used.", "Please correct it and confirm again."],
  confirmation_not_found: ["!This form has expired.", "Please tell me your details again."],
  call_running: ["Your details are being sent already.", "Please wait a moment and try again."],
  answer_running: ["Your question is being answered already.", "Please wait a moment and try again."],
  tool_unavailable: ["The system behind this does not answer just now.", "Please confirm again in a moment."],
  call_id_conflict: ["!This form was sent before with other details.", "Please tell me your details again."],
  tool_not_enabled: ["!This is not available here any more.", ANOTHER_SITE],
  speech: NOT_READ,
  speech_unavailable: NOT_READ,
  speech_limit: NOT_READ,
  speech_not_configured: NOT_READ,
  language_unknown: NOT_READ,
  origin_not_allowed: ["!This assistant does not work on this website.", ANOTHER_SITE],

  tavus_not_configured: ["!Tavus API key not configured.", "Video calls are not available here yet. " + IN_TEXT],
  video_not_enabled: ["!Tavus video not enabled for this company.", IN_TEXT],
  mode_not_enabled: ["!This is not available here.", IN_TEXT],
  tavus_session_failed: ["Failed to create Tavus session.", LATER],
  call_pending: ["The call is still being prepared.", "Please try again in a few seconds."],
  call_over: ["This call is over.", "Please start a new one, or go on in text."],
  idempotency_conflict: ["This call belongs to an earlier conversation.", "Please start a new one, or go on in text."],
  calls_busy: ["All lines are busy.", LATER],
  avatar_busy: ["The video assistant is talking with somebody else.", LATER],
  budget_spent: ["!There are no more calls today.", IN_TEXT],
  vendor_credits: ["!Such calls are not available at the moment.", IN_TEXT],
  consent_required: ["A call needs your agreement first.", RETRY],
  consent_outdated: ["!What you agree to has changed.", "Please reload the page to read it."],

  microphone_blocked: ["The microphone is blocked.", "Allow it in the browser to speak, or go on in text."],
  microphone_missing: ["No microphone was found.", IN_TEXT],
  microphone_busy: ["Another program uses the microphone.", LATER],
  microphone_forbidden: ["!This website does not allow the microphone.", IN_TEXT],
  voice_not_enabled: ["!Voice is not available here.", IN_TEXT],
  voice_not_configured: ["!Voice is not set up here yet.", IN_TEXT],
  voice_model_unavailable: ["!Voice is not available at the moment.", IN_TEXT],
  voice_busy: ["All lines are busy.", LATER],
  openai_session_failed: ["The voice call could not be started.", LATER],
  invalid_sdp: ["The voice call could not be started.", LATER],
  voice_failed: ["The voice assistant is not available at the moment.", LATER],
  voice_lost: ["The connection of the voice call was lost.", LATER],
  voice_timeout: ["The voice assistant did not answer in time.", LATER],

  no_video: ["No video stream.", LATER],
  room: ["The video call broke off.", LATER],
  room_blocked: ["!This website does not allow video calls.", IN_TEXT],
  room_not_loaded: ["Video calls cannot be loaded here.", "This website or your network may block them. " + IN_TEXT],
  room_unsupported: ["!This browser cannot hold video calls.", "A current Chrome, Firefox, Edge or Safari can."],
  room_ended: ["This call has already ended.", "Please start a new one, or go on in text."],
  room_refused: ["The video room did not accept the invitation.", LATER],
  room_full: ["This call is already open in another window.", "Please go on there, or in text here."],
  room_ejected: ["The call was ended.", "You can start a new one, or go on in text."],
  room_lost: ["The connection to the video room was lost.", "Please check your connection, or go on in text."],
  room_timeout: ["The video room did not answer in time.", LATER],
};

export function wordsFor(failure: unknown): Words {
  const [happened, next] = WORDS[codeOf(failure)] ?? ["Something went wrong.", RETRY];
  return { happened: happened.replace("!", ""), next, again: !happened.startsWith("!") };
}

export function sentence({ happened, next }: Words): string {
  return `${happened} ${next}`;
}

export function codeOf(failure: unknown): string {
  const code = (failure as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "widget";
}

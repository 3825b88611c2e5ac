import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Conversation } from "../src/conversation";
import type { State } from "../src/state";
import { border, letMicrophone, putPeers, type TestMicrophone, type TestPeer } from "./peer";
import { ContractServer, PROFILE } from "./server";

let server: ContractServer;
let conversation: Conversation;
let microphone: TestMicrophone;

beforeEach(async () => {
  putPeers();
  microphone = letMicrophone();
  server = new ContractServer();
  server.profile = { ...PROFILE, modes: ["text", "tts", "voice"] };
  conversation = new Conversation("acme", await server.start(), () => undefined);
  await conversation.start();
});
afterEach(async () => {
  mock.timers.reset();
  conversation.destroy();
  await server.stop();
});

function until(holds: (state: State) => boolean): Promise<State> {
  return new Promise((resolve) => {
    const look = () => {
      if (!holds(conversation.state)) return;
      stop();
      resolve(conversation.state);
    };
    const stop = conversation.watch(look);
    look();
  });
}

async function seen<T>(read: () => T | undefined): Promise<T> {
  for (;;) {
    const found = read();
    if (found !== undefined) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const peer = (): TestPeer => {
  const last = border.peers.at(-1);
  assert.ok(last, "no peer connection was made");
  return last;
};
const say = (...events: object[]) => peer().channel?.say(...events);
const notices = () => conversation.state.items.flatMap((item) => (item.kind === "notice" ? [item.text] : []));
const creates = () => server.seen.filter(({ request, body }) => request === "POST /api/session" && body.mode === "voice");
const said = () =>
  conversation.state.items.flatMap((item): [string, string][] =>
    item.kind === "visitor"
      ? [["visitor", item.text]]
      : item.kind === "assistant"
        ? [["assistant", item.answer.text]]
        : [],
  );

async function talk(): Promise<void> {
  conversation.setMode("voice");
  await conversation.agree();
  assert.equal(conversation.state.call?.phase, "live", notices().join());
  await until((state) => state.relay === "ready");
}

test("the offer goes to our server with the conversation's token, and the vendor's answer comes back", async () => {
  await conversation.ask("Price?");

  await talk();

  const [create] = creates();
  const { resume, ...body } = create?.body ?? {};
  assert.deepEqual(body, {
    companyId: "acme",
    mode: "voice",
    consent: { version: "2026-11" },
    sdpOffer: "v=0 offer 1 oai-events",
  });
  assert.match(String(resume), /^token-/);
  assert.match(String(create?.headers["idempotency-key"]), /^[\w-]{16,}$/);
  assert.deepEqual(peer().remote, { type: "answer", sdp: "v=0 answer" });
  assert.deepEqual(conversation.state.call?.audio, { kind: "audio" });
});

test("the microphone is silent until the vendor has told its session", async () => {
  border.answered = () => undefined;
  conversation.setMode("voice");
  const started = conversation.agree();
  await until((state) => state.call?.phase === "joining");
  const before = microphone.enabled;

  peer().open();
  await started;

  assert.deepEqual([before, microphone.enabled], [false, true]);
});

test("raw events go to the relay; noise and the session's description stay here", async () => {
  await talk();
  const done = { type: "response.done", response: { status: "completed", output: [] } };

  say(
    { type: "response.output_audio_transcript.delta", item_id: "a", delta: "We" },
    { type: "rate_limits.updated", rate_limits: [] },
    { type: "response.content_part.added" },
    done,
  );

  const events = await seen(() => {
    const told = server.frames.flatMap((frame) => (frame.action === "event" ? [[frame.seq, frame.event]] : []));
    return told.length > 1 ? told : undefined;
  });
  assert.deepEqual(events, [
    [1, { type: "session.created" }],
    [2, done],
  ]);
});

test("what the visitor says stands before the answer, although its words are written down later", async () => {
  await talk();

  say(
    { type: "input_audio_buffer.speech_started", item_id: "u1" },
    { type: "conversation.item.added", previous_item_id: null, item: { id: "u1", type: "message", role: "user" } },
    { type: "conversation.item.added", previous_item_id: "u1", item: { id: "a1", type: "message", role: "assistant" } },
    { type: "response.output_audio_transcript.delta", item_id: "a1", delta: "Forty-nine " },
    { type: "response.output_audio_transcript.delta", item_id: "a1", delta: "dollars." },
  );
  const speaking = said();
  say(
    { type: "response.output_audio_transcript.done", item_id: "a1", transcript: "Forty-nine dollars." },
    { type: "conversation.item.input_audio_transcription.completed", item_id: "u1", transcript: " What does it cost?" },
  );

  assert.deepEqual(speaking, [["visitor", ""], ["assistant", "Forty-nine dollars."]]);
  assert.deepEqual(said(), [["visitor", "What does it cost?"], ["assistant", "Forty-nine dollars."]]);
  assert.equal(conversation.state.call?.caption, "Forty-nine dollars.");
});

test("a line whose beginning was not heard still stands where the vendor put it", async () => {
  await talk();
  say(
    { type: "conversation.item.added", previous_item_id: null, item: { id: "u1", type: "message", role: "user" } },
    { type: "input_audio_buffer.speech_started", item_id: "u1" },
    { type: "response.output_audio_transcript.done", item_id: "a2", transcript: "Later." },
  );

  say(
    { type: "conversation.item.added", previous_item_id: "u1", item: { id: "a1", type: "message", role: "assistant" } },
    { type: "response.output_audio_transcript.done", item_id: "a1", transcript: "Sooner." },
    { type: "conversation.item.input_audio_transcription.failed", item_id: "u1" },
  );

  assert.deepEqual(said(), [["assistant", "Sooner."], ["assistant", "Later."]]);
});

test("the screen follows whose turn it is, and the visitor's interruption", async () => {
  await talk();
  const activities = [];
  for (const event of [
    { type: "input_audio_buffer.speech_started", item_id: "u1" },
    { type: "input_audio_buffer.speech_stopped", item_id: "u1" },
    { type: "output_audio_buffer.started" },
    { type: "response.done", response: { status: "completed" } },
    { type: "input_audio_buffer.speech_started", item_id: "u2" },
    { type: "output_audio_buffer.cleared" },
  ]) {
    say(event);
    activities.push(conversation.state.call?.activity);
  }

  assert.deepEqual(activities, ["listening", "thinking", "speaking", "speaking", "listening", "listening"]);
});

test("what the relay sends enters the call, one reply after the other", async () => {
  await talk();
  const output = { type: "conversation.item.create", item: { type: "function_call_output" } };
  const spoken = { type: "response.create", response: { instructions: "Say exactly: hello" } };
  say({ type: "response.created" });

  for (const message of [output, { type: "response.create" }, { type: "response.create" }, spoken]) conversation.call?.pass(message);
  const during = [...(peer().channel?.sent ?? [])];
  say({ type: "response.done", response: { status: "completed" } });
  const after = [...(peer().channel?.sent ?? [])];
  say({ type: "response.created" }, { type: "response.done", response: { status: "completed" } });

  assert.deepEqual(during, [output]);
  assert.deepEqual(after, [output, { type: "response.create" }]);
  assert.deepEqual(peer().channel?.sent, [output, { type: "response.create" }, spoken]);
});

test("a wish that met a reply of the vendor's own is repeated after it", async () => {
  await talk();
  conversation.call?.pass({ type: "response.create" });

  say({ type: "error", error: { code: "conversation_already_has_active_response" } });
  say({ type: "response.done", response: { status: "completed" } });

  assert.deepEqual(peer().channel?.sent, [{ type: "response.create" }, { type: "response.create" }]);
});

test("typed words take part in the call through the relay", async () => {
  await talk();

  await conversation.ask("Can you read this?");

  const frame = await seen(() => server.frames.find(({ action }) => action === "say"));
  assert.deepEqual(frame, { action: "say", id: conversation.state.items[0]?.id, text: "Can you read this?" });
});

test("a short interruption changes nothing; a longer one makes a new connection of the same conversation", async () => {
  await talk();
  mock.timers.enable({ apis: ["setTimeout"] });
  peer().become("disconnected");
  mock.timers.tick(4_000);
  peer().become("connected");
  mock.timers.tick(60_000);
  assert.equal(border.peers.length, 1);

  peer().become("disconnected");
  assert.equal(conversation.state.call?.interrupted, true);
  mock.timers.tick(5_000);
  mock.timers.reset();
  await until((state) => state.call?.interrupted === false);

  assert.equal(border.peers.length, 2);
  assert.equal(border.peers[0]?.connectionState, "closed");
  assert.equal(creates().length, 2);
  assert.match(String(creates()[1]?.body.resume), /^token-/);
  assert.notEqual(creates()[1]?.headers["idempotency-key"], creates()[0]?.headers["idempotency-key"]);
  assert.deepEqual([conversation.state.call?.phase, microphone.enabled], ["live", true]);
});

test("a vendor that hangs up is called again twice, and then the conversation goes on without it", async () => {
  await talk();

  for (let round = 0; round < 3; round += 1) {
    peer().channel?.onclose?.();
    await until((state) => state.call === null || (border.peers.length === round + 2 && state.call.interrupted === false));
  }

  assert.equal(border.peers.length, 3);
  assert.deepEqual(notices(), ["The connection of the voice call was lost. Please type; I read my answers aloud."]);
  assert.equal(microphone.readyState, "ended");
});

for (const [name, refusal, words] of [
  ["denied", "NotAllowedError", "The microphone is blocked."],
  ["missing", "NotFoundError", "No microphone was found."],
  ["in use", "NotReadableError", "Another program uses the microphone."],
] as const) {
  test(`a microphone that is ${name} costs no call: the answers are read aloud instead`, async () => {
    letMicrophone(refusal);
    conversation.setMode("voice");

    await conversation.agree();

    assert.deepEqual(creates(), []);
    assert.equal(conversation.state.mode, "tts");
    assert.equal(notices()[0], `${words} Please type; I read my answers aloud.`);
  });
}

test("a refused create is told by our code, not by the browser's words about SDP", async () => {
  server.refusals.set("POST /api/session", { status: 503, code: "voice_not_configured", message: "No key" });
  conversation.setMode("voice");

  await conversation.agree();

  assert.equal(notices()[0], "Voice is not set up here yet. Please type; I read my answers aloud.");
  assert.equal(peer().connectionState, "closed");
});

test("a vendor that never tells its session is given up after fifteen seconds", async () => {
  border.answered = () => undefined;
  mock.timers.enable({ apis: ["setTimeout"] });
  conversation.setMode("voice");
  const started = conversation.agree();
  await seen(() => (conversation.state.call?.phase === "joining" ? true : undefined));

  mock.timers.tick(15_000);
  await started;

  assert.match(notices()[0] ?? "", /^The voice assistant did not answer in time\./);
  assert.equal(microphone.readyState, "ended");
});

test("a spent account ends the call and the conversation goes on", async () => {
  await talk();

  say({ type: "response.done", response: { status: "failed", status_details: { error: { code: "insufficient_quota" } } } });

  assert.match(notices()[0] ?? "", /^The voice assistant is not available at the moment\./);
  assert.equal(conversation.state.mode, "tts");
});

test("leaving frees microphone and peer and ends the paid call", async () => {
  await talk();

  conversation.setMode("text");
  await seen(() => server.requests().find((request) => request === "DELETE /api/session/s-1?call=only"));

  assert.deepEqual([microphone.readyState, peer().connectionState], ["ended", "closed"]);
  assert.equal(conversation.state.items.at(-1)?.kind, "call");
});

test("who has agreed once is not asked again in this conversation", async () => {
  await talk();
  conversation.setMode("text");

  conversation.setMode("voice");
  await until((state) => state.call?.phase === "live");
  await conversation.startOver();
  conversation.setMode("voice");
  await until(({ call }) => call !== null);

  assert.equal(conversation.state.call?.phase, "consent");
});

const TOLD = "It costs forty-nine dollars a month, and support is included in every plan.";
const cuts = () =>
  server.frames.flatMap((frame) =>
    frame.action === "event" && (frame.event as { type?: string }).type === "aisdr.heard" ? [frame.event] : [],
  );

/** The voice is speaking, and all of its words are made already. */
function speaking(tokens?: number): void {
  say(
    { type: "response.created", response: { id: "r1" } },
    { type: "output_audio_buffer.started", response_id: "r1" },
    { type: "response.output_audio_transcript.delta", response_id: "r1", item_id: "a1", delta: TOLD },
  );
  if (!tokens) return;
  const usage = { output_token_details: { audio_tokens: tokens } };
  say(
    { type: "response.output_audio_transcript.done", response_id: "r1", item_id: "a1", transcript: TOLD },
    { type: "response.done", response: { id: "r1", status: "completed", output: [], usage } },
  );
}

test("of a reply that the visitor interrupts only what was heard stays, here and on the server", async () => {
  await talk();
  speaking(100); // five seconds of sound

  say(
    { type: "output_audio_buffer.cleared", response_id: "r1" },
    { type: "conversation.item.truncated", item_id: "a1", content_index: 0, audio_end_ms: 2_500 },
  );

  await seen(() => cuts().at(-1));
  assert.deepEqual(cuts().at(-1), { type: "aisdr.heard", item_id: "a1", text: "It costs forty-nine dollars a month …" });
  assert.deepEqual(said(), [["assistant", "It costs forty-nine dollars a month …"]]);
});

test("a reply that is cancelled while it is made ends where the vendor stopped being heard, in any order of events", async () => {
  await talk();
  speaking();

  say(
    { type: "conversation.item.truncated", item_id: "a1", content_index: 0, audio_end_ms: 2_500 },
    { type: "output_audio_buffer.cleared", response_id: "r1" },
    { type: "response.output_audio_transcript.done", response_id: "r1", item_id: "a1", transcript: TOLD },
    {
      type: "response.done",
      response: { id: "r1", status: "cancelled", usage: { output_token_details: { audio_tokens: 100 } } },
    },
  );

  await seen(() => (said()[0]?.[1] === "It costs forty-nine dollars a month …" ? true : undefined));
  await seen(() => (JSON.stringify(cuts().at(-1) ?? "").includes("a month …") ? true : undefined));
});

test("what the vendor itself keeps of its words is what was heard", async () => {
  await talk();
  speaking();

  say(
    { type: "output_audio_buffer.cleared", response_id: "r1" },
    { type: "response.output_audio_transcript.done", response_id: "r1", item_id: "a1", transcript: "It costs forty-nine" },
  );

  assert.deepEqual(said(), [["assistant", "It costs forty-nine …"]]);
});

test("who hangs up into an answer has heard it up to there", async () => {
  await talk();
  mock.timers.enable({ apis: ["Date"], now: Date.now() });
  speaking(100);
  mock.timers.tick(2_500);

  conversation.setMode("text");

  const heard = await seen(() => cuts().at(-1));
  assert.deepEqual(heard, { type: "aisdr.heard", item_id: "a1", text: "It costs forty-nine dollars a month …" });
  assert.deepEqual(said(), [["assistant", "It costs forty-nine dollars a month …"]]);
});

test("a reply that was heard to its end is told whole, whatever comes after", async () => {
  await talk();
  speaking(100);

  say({ type: "output_audio_buffer.stopped", response_id: "r1" });
  conversation.setMode("text");

  assert.deepEqual(said(), [["assistant", TOLD]]);
  assert.deepEqual(cuts(), []);
});

test("an answer that was cut before its first word leaves a mark and no words", async () => {
  await talk();
  speaking(100);

  say({ type: "conversation.item.truncated", item_id: "a1", content_index: 0, audio_end_ms: 0 });

  assert.deepEqual(said(), [["assistant", "…"]]);
});

test("a reply that was cancelled after all its words so far were heard still ends open", async () => {
  await talk();
  speaking();

  say(
    { type: "conversation.item.truncated", item_id: "a1", content_index: 0, audio_end_ms: 60_000 },
    { type: "response.done", response: { id: "r1", status: "cancelled" } },
  );

  assert.deepEqual(said(), [["assistant", `${TOLD} …`]]);
});

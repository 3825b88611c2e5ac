import assert from "node:assert/strict";
import { test } from "node:test";
import { border } from "./peer";
import { conversation, creates, microphone, peer, said, say, seen, server, talk, until } from "./talking";

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

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { conversation, said, say, seen, server, talk } from "./talking";

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

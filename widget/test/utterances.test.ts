import assert from "node:assert/strict";
import { test } from "node:test";
import { calledTool, speaking, Utterances } from "../src/channels/utterances";

const CALL = "c-1";
let seq = 0;

function streaming(role: string, speech: string, more: object = {}, properties: object = {}): object {
  seq += 1;
  return {
    message_type: "conversation",
    event_type: "conversation.utterance.streaming",
    conversation_id: CALL,
    seq,
    ...more,
    properties: { role, speech, ...properties },
  };
}

function whole(role: string, speech: string, more: object = {}): object {
  return { ...streaming(role, speech, more), event_type: "conversation.utterance" };
}

test("the avatar's words grow in one line", () => {
  const call = new Utterances(CALL);

  const lines = [
    call.read(streaming("replica", "The rate", { inference_id: "i" })),
    call.read(streaming("replica", "The rate falls.", { inference_id: "i" }, { final: true })),
  ];

  assert.deepEqual(new Set(lines.map((line) => line?.key)).size, 1);
  assert.deepEqual(lines.at(-1), { key: "assistant:i", role: "assistant", text: "The rate falls.", final: true });
});

test("a greeting has no streaming twin and is still a line", () => {
  const line = new Utterances(CALL).read(whole("pal", "Hello!", { inference_id: "g" }));

  assert.deepEqual([line?.role, line?.text, line?.final], ["assistant", "Hello!", true]);
});

test("what was cut off stays cut off: the whole intended text does not replace what was said", () => {
  const call = new Utterances(CALL);
  call.read(streaming("replica", "The rate", { inference_id: "i" }, { final: true, is_interrupted: true }));

  assert.equal(call.read(whole("replica", "The rate falls in steps.", { inference_id: "i" })), null);
});

test("a visitor's turn is one line although its inference id changes, and the one-shot locks it", () => {
  const call = new Utterances(CALL);

  const first = call.read(streaming("user", "How much", { turn_idx: 4, inference_id: "a" }, { final: true }));
  const second = call.read(whole("user", "How much is it?", { turn_idx: 4, inference_id: "b" }));
  const late = call.read(streaming("user", "How much is", { turn_idx: 4, inference_id: "c" }));

  assert.equal(first?.key, second?.key);
  assert.equal(first?.final, false);
  assert.equal(second?.final, true);
  assert.equal(late, null);
});

test("typed text is not shown a second time when the room echoes it, even slightly altered", () => {
  const call = new Utterances(CALL);
  call.typed("typed:1", "And for 400 stores?");

  const echo = call.read(whole("user", "and for 400 stores", { turn_idx: 7 }));
  const next = call.read(whole("user", "Thank you", { turn_idx: 8 }));

  assert.equal(echo?.key, "typed:1");
  assert.notEqual(next?.key, "typed:1");
});

test("older and repeated events and other calls are dropped", () => {
  const call = new Utterances(CALL);
  const early = streaming("replica", "The", { inference_id: "i" });
  const late = streaming("replica", "The rate", { inference_id: "i" });

  assert.ok(call.read(late));
  assert.equal(call.read(early), null);
  assert.equal(call.read(late), null);
  assert.equal(call.read(streaming("replica", "x", { conversation_id: "other", inference_id: "z" })), null);
});

test("events that say nothing are no lines", () => {
  const call = new Utterances(CALL);

  for (const event of [{}, { event_type: "system.replica_present" }, whole("replica", "  "), { event_type: 3 }]) {
    assert.equal(call.read(event), null);
  }
});

test("a tool call is recognised by its event alone", () => {
  assert.equal(calledTool({ event_type: "conversation.tool_call", properties: { name: "log_lead" } }), "log_lead");
  assert.equal(calledTool({ event_type: "conversation.utterance", properties: { name: "log_lead" } }), null);
});

test("who begins and ends to speak is read from either form", () => {
  const told = (event_type: string, role?: string) => speaking({ event_type, ...(role && { properties: { role } }) });

  assert.deepEqual(told("conversation.started_speaking", "user"), { role: "visitor", speaks: true });
  assert.deepEqual(told("conversation.user.stopped_speaking"), { role: "visitor", speaks: false });
  for (const face of ["replica", "pal"]) {
    assert.deepEqual(told("conversation.started_speaking", face), { role: "assistant", speaks: true });
    assert.deepEqual(told(`conversation.${face}.stopped_speaking`), { role: "assistant", speaks: false });
  }
  for (const other of ["conversation.utterance", "conversation.replica_interrupted", "x.started_speaking"]) {
    assert.equal(told(other, "user"), null);
  }
});

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import {
  UTTERANCE,
  conversation,
  current,
  door,
  keys,
  microphone,
  notices,
  room,
  said,
  server,
  startAgain,
  startCall,
  until,
} from "./calling";

test("ending frees the microphone, ends the paid call once, and the conversation goes on in text", async () => {
  await startCall();
  current().emit("app-message", { data: UTTERANCE, fromId: "face" });

  conversation.call?.end();
  await said("DELETE /api/session/s-1?call=only");
  await conversation.ask("One more thing?");

  assert.equal(microphone.readyState, "ended");
  assert.deepEqual(
    conversation.state.items.map((item) => item.kind),
    ["assistant", "call", "visitor", "assistant"],
  );
  assert.equal(conversation.state.mode, "text");
  assert.equal(server.requests().filter((request) => request.startsWith("DELETE")).length, 1);
});

test("the page's clock follows the server's end, however long the call was made for", async () => {
  server.secondsLeft = 1;
  const before = Date.now();

  await startCall();

  const endsAt = conversation.state.call?.endsAt ?? 0;
  assert.ok(endsAt >= before + 1_000 && endsAt <= Date.now() + 1_000, "and not ten minutes from now");
  await until(({ call }) => call === null);
  assert.ok(Date.now() >= endsAt - 5, "it ends when it said it would");
});

test("when the server ends the call it is not told so again", async () => {
  await startCall();

  server.say({ type: "end", reason: "time", callId: "c-1" });
  await until((state) => state.call === null);
  await conversation.startOver();

  assert.deepEqual(
    server.requests().filter((request) => request.startsWith("DELETE")),
    ["DELETE /api/session/s-1"],
  );
});

test("the late end of an earlier call does not end the one that runs", async () => {
  await startCall();

  server.say({ type: "end", reason: "replaced", callId: "c-0" });
  server.say({ type: "show", id: null, card: { kind: "lead", name: null, email: "a@acme.example", company: null } });
  await until((state) => state.call?.cards.length === 1);

  assert.equal(conversation.state.call?.phase, "live");
});

test("when the server tells that the vendor failed, the conversation goes on a step below", async () => {
  await startCall();

  server.say({ type: "end", reason: "vendor_failed", callId: "c-1" });
  await until((state) => state.call === null);

  assert.match(notices(), /^The video call broke off\. /);
  assert.equal(conversation.state.mode, "tts");
});

test("when the avatar is gone the server's word is waited for, and an end that was wanted is no failure", async () => {
  await startCall();

  current().emit("left-meeting", {});
  assert.equal(conversation.state.call?.phase, "live");
  server.say({ type: "end", reason: "replaced", callId: "c-1" });
  await until((state) => state.call === null);

  assert.equal(notices(), "");
  assert.equal(conversation.state.mode, "text");
});

test("an avatar that is gone without a word is a failure", async () => {
  await startCall();

  current().emit("left-meeting", {});
  await until((state) => state.call === null);

  assert.match(notices(), /^The video call broke off\. /);
  assert.equal(conversation.state.mode, "tts");
});

test("a refused create is explained, the conversation goes on a step below, and another try has a new key", async () => {
  server.refusals.set(door, { status: 429, code: "calls_busy", message: "All 2 video lines of 'acme' are busy" });
  conversation.setMode("video");
  await conversation.agree();
  assert.equal(notices(), "All lines are busy. Please type; I read my answers aloud.");
  assert.equal(conversation.state.announcement, notices());
  assert.equal(conversation.state.mode, "tts");
  assert.equal(microphone.readyState, "ended");
  const first = server.last(door).headers["idempotency-key"];

  server.refusals.clear();
  await startAgain();

  assert.equal(conversation.state.call?.phase, "live");
  assert.notEqual(server.last(door).headers["idempotency-key"], first);
});

for (const [outcome, refusal] of [
  ["was lost on the way", "cut"],
  ["may have bought a call", { status: 502, code: "tavus_session_failed", message: "outcome unknown" }],
] as const) {
  test(`a create that ${outcome} is repeated with the same key, even after a look at the text`, async () => {
    server.refusals.set(door, refusal);
    conversation.setMode("video");
    await conversation.agree();
    assert.equal(conversation.state.call, null);
    conversation.setMode("text");

    server.refusals.clear();
    await startAgain();

    const [first, second] = keys();
    assert.equal(second, first);
  });
}

test("a repeated wish whose call is over becomes a new one by the same press", async () => {
  server.refusals.set(door, { status: 502, code: "tavus_session_failed", message: "outcome unknown" });
  conversation.setMode("video");
  await conversation.agree();
  server.refusals.set(door, { status: 404, code: "call_over", message: "use a new key", times: 1 });

  await startAgain();

  const [first, second, third] = keys();
  assert.equal(second, first);
  assert.notEqual(third, first);
  assert.equal(conversation.state.call?.phase, "live");
});

test("a first create that is still running is waited for with its own key", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  server.refusals.set(door, { status: 502, code: "call_pending", message: "still being created", times: 2 });
  conversation.setMode("video");

  const started = conversation.agree();
  while (keys().length < 3) {
    mock.timers.tick(500);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await started;
  mock.timers.reset();

  assert.equal(conversation.state.call?.phase, "live");
  assert.equal(new Set(keys()).size, 1);
});

test("when the page or the network keeps the room's engine out, the visitor is told and goes on in text", async () => {
  const door = Promise.reject({ errorMsg: "raw words", error: { type: "connection-error" } });
  door.catch(() => undefined);
  Object.assign(room(), { door, unloaded: "Failed to load call object bundle" });
  conversation.setMode("video");

  await conversation.agree();
  Object.assign(room(), { door: Promise.resolve(), unloaded: null });

  assert.match(notices(), /^Video calls cannot be loaded here\. /);
  await said("DELETE /api/session/s-1?call=only");
});

test("end and start in quick succession never meet: the old call object is gone before the new one", async () => {
  for (let round = 0; round < 3; round += 1) {
    if (round === 0) await startCall();
    else await startAgain();
    conversation.setMode("text");
  }
  await startAgain();

  assert.equal(room().calls.filter((call) => call.joined).length, 1);
});

test("leaving the page ends the call", async () => {
  await startCall();

  conversation.leave();

  await said("DELETE /api/session/s-1?call=only");
  assert.equal(microphone.readyState, "ended");
});

test("when the avatar's connection breaks the failure is named and the conversation goes on", async () => {
  await startCall();

  current().emit("error", { errorMsg: "raw words", error: { type: "connection-error" } });

  assert.match(notices(), /^The connection to the video room was lost\. /);
  assert.equal(conversation.state.call, null);
  assert.equal(conversation.state.mode, "tts");
  assert.equal(microphone.readyState, "ended");
});

/** Holds a door of the server until the answer to this is called. */
function hold(name: string): () => void {
  let open = (): void => undefined;
  server.waits.set(name, new Promise((resolve) => (open = resolve)));
  return open;
}

test("a call that is cancelled while its conversation is being opened is never bought", async () => {
  const open = hold("POST /api/session");
  conversation.setMode("video");
  const started = conversation.agree();
  await said("POST /api/session");

  conversation.call?.end();
  open();
  await started;

  assert.ok(!server.requests().includes(door));
  assert.equal(conversation.state.mode, "text");
});

for (const [left, leave] of [
  ["is cancelled", () => conversation.call?.end()],
  ["loses its page", () => conversation.destroy()],
] as const) {
  test(`a call that ${left} while it is being bought is ended when it comes`, async () => {
    const open = hold(door);
    conversation.setMode("video");
    const started = conversation.agree();
    await said(door);

    leave();
    open();
    await started;

    await said("DELETE /api/session/s-1?call=only");
  });
}

test("a wish that was lost with its conversation is another one in the next", async () => {
  server.refusals.set(door, "cut");
  conversation.setMode("video");
  await conversation.agree();
  server.refusals.clear();
  // By this clock the token is about to die, so that it is renewed before the next call.
  server.refusals.set("POST /api/session/s-1/renew?call=none", { status: 401, code: "unauthorized", message: "Expired" });
  const now = Date.now() + 870_000;
  mock.method(Date, "now", () => now);

  await startAgain();
  mock.restoreAll();

  const [first, second] = keys();
  assert.notEqual(second, first);
});

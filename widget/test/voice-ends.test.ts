import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { border, letMicrophone } from "./peer";
import { conversation, creates, microphone, notices, peer, say, seen, server, talk, until } from "./talking";

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
  await conversation.ask("Price?");
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

test("a call that is cancelled while it is being bought is ended when it comes", async () => {
  await conversation.ask("Price?");
  let open = (): void => undefined;
  server.waits.set("POST /api/session", new Promise((resolve) => (open = resolve)));
  conversation.setMode("voice");
  const started = conversation.agree();
  await seen(() => creates()[0]);

  conversation.call?.end();
  open();
  await started;

  await seen(() => server.requests().find((request) => request === "DELETE /api/session/s-1?call=only"));
  assert.equal(peer().connectionState, "closed");
});

test("a microphone that comes after the call has ended is put away again", async () => {
  await talk();
  let give = (_: unknown): void => undefined;
  const given = letMicrophone();
  border.replaced = new Promise((resolve) => (give = resolve));
  const changed = conversation.call?.devices.useMicrophone("other");
  await seen(() => (border.replacing ? true : undefined));

  conversation.call?.end();
  give(undefined);
  await changed;

  assert.equal(given.readyState, "ended");
});

import assert from "node:assert/strict";
import { mock, test } from "node:test";
import type { ServerFrame } from "../src/contract";
import { frames, type HandSocket, relay, settle, sockets, states } from "./line";

test("a frame that API Gateway would answer by closing is not sent, and leaves no gap in the count", () => {
  const line = relay();
  line.connect({ websocketUrl: "wss://relay.example", ticket: "t-1" });
  sockets[0]?.greet();

  assert.equal(line.send({ action: "ask", id: "q", text: "x".repeat(40_000) }), false);
  line.forward({ picture: "x".repeat(40_000) });
  line.forward({ type: "small" });
  assert.deepEqual(sockets[0]?.sent, [{ action: "hello" }, { action: "event", seq: 1, event: { type: "small" } }]);
});

for (const [what, data] of [
  ["that the function died of", '{"message": "Internal server error", "connectionId": "c", "requestId": "r"}'],
  ["that the store did not take", '{"type":"error","id":null,"error":{"code":"store_busy","message":"later"}}'],
] as const) {
  test(`an event ${what} comes again, although a later one was counted`, async () => {
    const line = relay();
    line.connect({ websocketUrl: "wss://relay.example", ticket: "t-1" });
    sockets[0]?.greet();
    line.forward({ said: "hello" });
    line.forward({ said: "there" });

    sockets[0]?.onmessage?.({ data });
    mock.timers.tick(3_500);
    await settle();
    sockets[1]?.onopen?.();
    sockets[1]?.say({ type: "ready", received: 2, seq: 1 });

    assert.equal(sockets[0]?.closed, true);
    assert.deepEqual(
      sockets[1]?.sent.map((frame) => (frame as { action: string }).action),
      ["resume", "event", "event"],
    );
    assert.deepEqual(frames, []);
  });
}

test("words for a call whose socket broke come again on the next one, until they are old", async (t) => {
  let now = 0;
  t.mock.method(Date, "now", () => now);
  const line = relay();
  line.connect({ websocketUrl: "wss://relay.example", ticket: "t-1" });
  sockets[0]?.greet();
  line.send({ action: "say", id: "old", text: "Hello" });
  now = 31_000;
  line.send({ action: "say", id: "new", text: "And yearly?" });
  line.send({ action: "ask", id: "q", text: "Price?" });
  const [, , say] = sockets[0]?.sent ?? [];

  sockets[0]?.onclose?.();
  now = 120_000;
  mock.timers.tick(3_500);
  await settle();
  sockets[1]?.greet();

  assert.deepEqual(sockets[1]?.sent, [{ action: "resume", after: 1 }, say]);
});

for (const [code, id] of [["store_busy", "s-1"], ["rate_limited", null]] as const) {
  test(`words for a call that were refused with ${code} are no failure: they come again on another socket`, async () => {
    const line = relay();
    line.connect({ websocketUrl: "wss://relay.example", ticket: "t-1" });
    sockets[0]?.greet();
    line.send({ action: "say", id: "s-1", text: "And yearly?" });

    sockets[0]?.say({ type: "error", id, error: { code, message: "later" } });
    mock.timers.tick(3_500);
    await settle();
    sockets[1]?.greet();

    assert.deepEqual(sockets[1]?.sent.at(-1), { action: "say", id: "s-1", text: "And yearly?" });
    assert.deepEqual(frames, []);
  });
}

test("words for a call that a dead line swallowed come again on another socket", async () => {
  const line = relay();
  line.connect({ websocketUrl: "wss://relay.example", ticket: "t-1" });
  sockets[0]?.greet();

  line.send({ action: "say", id: "s-1", text: "And yearly?" });
  mock.timers.tick(10_000);
  mock.timers.tick(3_500);
  await settle();
  sockets[1]?.greet();

  assert.deepEqual(sockets[1]?.sent.at(-1), { action: "say", id: "s-1", text: "And yearly?" });
});

test("words for a call that could not be delivered are told to be so", async () => {
  const line = relay();
  line.connect({ websocketUrl: "wss://relay.example", ticket: "t-1" });
  sockets[0]?.greet();
  line.send({ action: "say", id: "s-1", text: "And yearly?" });

  for (let attempt = 0; attempt < 6; attempt += 1) {
    sockets.at(-1)?.onclose?.();
    mock.timers.tick(30_000);
    await settle();
  }

  assert.deepEqual(states.at(-1), "closed");
  assert.deepEqual(frames.map((frame) => frame.type === "error" && [frame.id, frame.error.code]), [["s-1", "websocket"]]);
});

test("an event that came too fast comes again, although a later one was counted", async () => {
  const line = relay();
  line.connect({ websocketUrl: "wss://relay.example", ticket: "t-1" });
  sockets[0]?.greet();
  line.forward({ said: "hello" });
  line.forward({ said: "there" });

  sockets[0]?.say({ type: "error", id: null, error: { code: "rate_limited", message: "too many" } });
  mock.timers.tick(3_500);
  await settle();
  sockets[1]?.onopen?.();
  sockets[1]?.say({ type: "ready", received: 2, seq: 1 });

  assert.deepEqual(
    sockets[1]?.sent.map((frame) => (frame as { seq?: number }).seq),
    [undefined, 1, 2],
  );
});

test("a reopened relay asks for what it missed and shows nothing twice", async () => {
  const line = relay();
  const shown = (seq: number): ServerFrame => ({ type: "end", seq, reason: "time", callId: "c-1" });
  line.connect({ websocketUrl: "wss://relay.example", ticket: "t-1" });
  sockets[0]?.greet();
  sockets[0]?.say(shown(20));

  sockets[0]?.onclose?.();
  mock.timers.tick(3_500);
  await settle();
  sockets[1]?.greet();
  for (const seq of [19, 20, 21]) sockets[1]?.say(shown(seq));
  sockets[1]?.say(shown(21));

  assert.deepEqual(sockets[1]?.sent, [{ action: "resume", after: 20 }]);
  assert.deepEqual(
    frames.map((frame) => "seq" in frame && frame.seq),
    [20, 19, 21],
  );
});

test("events that the server has not counted are sent again, in order, and none twice by us", async () => {
  const line = relay();
  line.connect({ websocketUrl: "wss://relay.example", ticket: "t-1" });
  line.forward({ n: "early" });
  sockets[0]?.greet();
  line.forward({ n: "two" });
  line.forward({ n: "three" });

  sockets[0]?.onclose?.();
  line.forward({ n: "while away" });
  mock.timers.tick(3_500);
  await settle();
  sockets[1]?.onopen?.();
  sockets[1]?.say({ type: "ready", received: 2, seq: 1 });

  const told = (socket?: HandSocket) => socket?.sent.slice(1);
  assert.deepEqual(told(sockets[0]), [
    { action: "event", seq: 1, event: { n: "early" } },
    { action: "event", seq: 2, event: { n: "two" } },
    { action: "event", seq: 3, event: { n: "three" } },
  ]);
  assert.deepEqual(told(sockets[1]), [
    { action: "event", seq: 3, event: { n: "three" } },
    { action: "event", seq: 4, event: { n: "while away" } },
  ]);
});

test("a page that was loaded again goes on with the server's count", () => {
  const line = relay();
  line.connect({ websocketUrl: "wss://relay.example", ticket: "t-1" }, 50);
  line.forward({ n: 1 });

  sockets[0]?.onopen?.();
  sockets[0]?.say({ type: "ready", received: 7, seq: 60 });

  assert.deepEqual(sockets[0]?.sent, [
    { action: "resume", after: 50 },
    { action: "event", seq: 8, event: { n: 1 } },
  ]);
});

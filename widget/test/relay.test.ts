import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { OrderedText } from "../src/ordered";
import { fullJitter } from "../src/relay";
import { drawing, frames, relay, settle, sockets, states } from "./line";

test("deltas that overtook each other are read in order, and repeated ones once", () => {
  const text = new OrderedText();

  assert.equal(text.accept(1, "per "), false);
  assert.equal(text.accept(0, "Billed "), true);
  assert.equal(text.accept(0, "Billed "), false);
  assert.equal(text.accept(3, "!"), false);
  assert.equal(text.accept(2, "store"), true);
  assert.equal(text.accept(1, "per "), false);

  assert.equal(text.text, "Billed per store!");
});

test("the ticket travels as a subprotocol, and nothing is asked before the relay is ready", () => {
  const line = relay();
  line.connect({ websocketUrl: "wss://relay.example", ticket: "t-1" });
  line.send({ action: "ask", id: "q", text: "Price?" });
  const [socket] = sockets;
  assert.deepEqual(socket?.protocols, ["aisdr", "t-1"]);

  socket?.onopen?.();
  assert.deepEqual(socket?.sent, [{ action: "hello" }]);
  socket?.say({ type: "ready", received: 0, seq: 1 });

  assert.deepEqual(socket?.sent, [{ action: "hello" }, { action: "ask", id: "q", text: "Price?" }]);
  assert.deepEqual(states, ["connecting", "ready"]);
});

test("a ping goes out every four minutes, from one timer however often the relay reconnected", async () => {
  const line = relay();
  line.connect({ websocketUrl: "wss://relay.example", ticket: "t-1" });
  sockets[0]?.greet();
  sockets[0]?.onclose?.();
  mock.timers.tick(3_500);
  await settle();
  sockets[1]?.greet();

  mock.timers.tick(4 * 60_000);

  assert.deepEqual(sockets[0]?.sent, [{ action: "hello" }]);
  assert.deepEqual(sockets[1]?.sent, [{ action: "resume", after: 1 }, { action: "ping" }]);
});

test("a lost relay comes back with a fresh ticket", async () => {
  const line = relay();
  line.connect({ websocketUrl: "wss://relay.example", ticket: "t-1" });
  sockets[0]?.greet();

  sockets[0]?.onclose?.();
  mock.timers.tick(3_500);
  await settle();
  sockets[1]?.greet();

  assert.deepEqual(sockets[1]?.protocols, ["aisdr", "renewed-1"]);
  assert.deepEqual(states, ["connecting", "ready", "reconnecting", "ready"]);
});

test("a socket that never greets is given up, and the next one is tried", async () => {
  const line = relay();
  line.connect({ websocketUrl: "wss://relay.example", ticket: "t-1" });
  sockets[0]?.onopen?.();

  mock.timers.tick(10_000);
  mock.timers.tick(3_500);
  await settle();
  sockets[1]?.greet();

  assert.equal(sockets[0]?.closed, true);
  assert.deepEqual(states, ["connecting", "reconnecting", "ready"]);
});

test("a line that went dead without a word is noticed by the ping that nobody answers", async () => {
  const line = relay();
  line.connect({ websocketUrl: "wss://relay.example", ticket: "t-1" });
  sockets[0]?.greet();
  mock.timers.tick(4 * 60_000);
  mock.timers.tick(10_000);
  assert.equal(sockets[0]?.closed, false);

  sockets[0]!.dead = true;
  mock.timers.tick(4 * 60_000);
  mock.timers.tick(10_000);
  mock.timers.tick(3_500);
  await settle();
  sockets[1]?.greet();

  assert.equal(sockets[0]?.closed, true);
  assert.deepEqual(sockets[1]?.sent, [{ action: "resume", after: 1 }]);
});

test("a socket that left a question without an answer is replaced, and its late words are not read", async () => {
  const line = relay();
  line.connect({ websocketUrl: "wss://relay.example", ticket: "t-1" });
  sockets[0]?.greet();

  line.distrust();
  mock.timers.tick(3_500);
  await settle();
  sockets[1]?.greet();
  sockets[0]?.say({ type: "end", seq: 2, reason: "time", callId: "c-1" });

  assert.deepEqual(states, ["connecting", "ready", "reconnecting", "ready"]);
  assert.deepEqual(frames, []);
});

test("nobody waits for a relay that failed twice", async () => {
  const line = relay();
  line.connect({ websocketUrl: "wss://relay.example", ticket: "t-1" });
  const ready = line.ready(60_000);
  sockets[0]?.onclose?.();
  mock.timers.tick(3_500);
  await settle();
  sockets[1]?.onclose?.();

  assert.equal(await ready, false);
  assert.equal(await line.ready(60_000), false);
});

test("it gives up after six failures, and a new question tries again", async () => {
  const line = relay();
  line.connect({ websocketUrl: "wss://relay.example", ticket: "t-1" });
  for (let round = 0; round < 6; round += 1) {
    sockets.at(-1)?.onclose?.();
    mock.timers.tick(30_000);
    await settle();
  }
  assert.equal(line.state, "closed");

  const ready = line.ready(4_000);
  await settle();
  sockets.at(-1)?.greet();

  assert.equal(await ready, true);
});

test("a closed relay stays closed", async () => {
  const line = relay();
  line.connect({ websocketUrl: "wss://relay.example", ticket: "t-1" });
  sockets[0]?.greet();

  line.close();
  sockets[0]?.onclose?.();
  mock.timers.tick(60_000);
  await settle();

  assert.equal(sockets.length, 1);
  assert.equal(sockets[0]?.closed, true);
});

test("what is not one of our frames is ignored", () => {
  const line = relay();
  line.connect({ websocketUrl: "wss://relay.example", ticket: "t-1" });
  for (const data of ["", "null", "[]", "not json", '{"message":"Forbidden"}']) sockets[0]?.onmessage?.({ data });

  assert.deepEqual(frames, []);
});

test("reconnects spread over the whole window and never beyond thirty seconds", () => {
  assert.equal(fullJitter(1, () => 0), 0);
  assert.equal(fullJitter(1, () => 1), 3_500);
  assert.equal(fullJitter(20, () => 1), 30_000);
});

test("before API Gateway cuts the socket after two hours it is replaced, but not in the middle of an answer", async () => {
  const line = relay();
  line.connect({ websocketUrl: "wss://relay.example", ticket: "t-1" });
  sockets[0]?.greet();
  drawing.busy = true;
  mock.timers.tick(110 * 60_000);
  await settle();
  assert.equal(sockets.length, 1);

  drawing.busy = false;
  mock.timers.tick(20_000);
  await settle();
  sockets[1]?.greet();

  assert.equal(sockets[0]?.closed, true);
  assert.deepEqual(sockets[1]?.sent, [{ action: "resume", after: 1 }]);
});

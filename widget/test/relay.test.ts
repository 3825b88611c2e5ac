import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import type { ServerFrame } from "../src/contract";
import { OrderedText } from "../src/ordered";
import { fullJitter, Relay, type RelayState } from "../src/relay";

/** The browser's socket, held by the test's hand. */
class HandSocket {
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  sent: unknown[] = [];
  closed = false;
  /** Nothing comes any more, and nobody says so. */
  dead = false;
  constructor(
    readonly url: string,
    readonly protocols: string[],
  ) {}
  send(frame: string) {
    const { traceparent, ...request } = JSON.parse(frame);
    this.sent.push(request);
    if (request.action === "ping" && !this.dead) this.say({ type: "pong" });
  }
  close() {
    this.closed = true;
  }
  greet() {
    this.onopen?.();
    this.say({ type: "ready", received: 0, seq: 1 });
  }
  say(frame: ServerFrame) {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

let sockets: HandSocket[];
let frames: ServerFrame[];
let states: RelayState[];
let renewals: number;
let busy: boolean;

function relay(): Relay {
  return new Relay(
    async () => {
      renewals += 1;
      return { websocketUrl: "wss://relay.example", ticket: `renewed-${renewals}` };
    },
    { frame: (frame) => frames.push(frame), state: (state) => states.push(state), busy: () => busy },
    (url, protocols) => {
      const socket = new HandSocket(url, protocols);
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
  );
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
}

beforeEach(() => {
  [sockets, frames, states, renewals, busy] = [[], [], [], 0, false];
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
});
afterEach(() => mock.timers.reset());

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

test("before API Gateway cuts the socket after two hours it is replaced, but not in the middle of an answer", async () => {
  const line = relay();
  line.connect({ websocketUrl: "wss://relay.example", ticket: "t-1" });
  sockets[0]?.greet();
  busy = true;
  mock.timers.tick(110 * 60_000);
  await settle();
  assert.equal(sockets.length, 1);

  busy = false;
  mock.timers.tick(20_000);
  await settle();
  sockets[1]?.greet();

  assert.equal(sockets[0]?.closed, true);
  assert.deepEqual(sockets[1]?.sent, [{ action: "resume", after: 1 }]);
});

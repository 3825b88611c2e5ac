import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { Conversation } from "../src/conversation";
import type { ConfirmCard, SpokenTurn } from "../src/contract";
import { letMicrophone, putPeers } from "./peer";
import { ANSWER, ContractServer, PROFILE } from "./server";

let server: ContractServer;
let stored: Map<string, string>;
let pages: Conversation[];

beforeEach(async () => {
  stored = new Map();
  pages = [];
  Object.assign(globalThis, {
    sessionStorage: {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => stored.set(key, value),
      removeItem: (key: string) => stored.delete(key),
    },
  });
  server = new ContractServer();
  await server.start();
});
afterEach(async () => {
  for (const page of pages) page.destroy();
  await server.stop();
});

async function load(): Promise<Conversation> {
  const page = new Conversation("acme", server.url, () => undefined);
  pages.push(page);
  await page.start();
  return page;
}

async function seen<T>(read: () => T | undefined | false): Promise<T> {
  for (;;) {
    const found = read();
    if (found) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const turn = (role: SpokenTurn["role"], text: string, answer: SpokenTurn["answer"] = null): SpokenTurn => ({
  role,
  text,
  channel: "text",
  saidAt: 1,
  answer,
  answerId: null,
  rating: null,
});

test("nothing is stored before the visitor does something, and then no word of what was said", async () => {
  const page = await load();
  assert.deepEqual([...stored], []);

  await page.ask("What does it cost?");

  const [[key, value] = ["", ""]] = [...stored];
  assert.equal(key, "ai-sdr:acme");
  assert.deepEqual(Object.keys(JSON.parse(value)), ["sessionId", "token", "seq"]);
});

test("after a reload the log stands again with its sources and cards, and the relay goes on where it was", async () => {
  const first = await load();
  await first.ask("What does it cost?");
  const { seq } = JSON.parse(stored.get("ai-sdr:acme") ?? "{}");
  first.destroy();
  const card = { kind: "image", title: "Plans", url: "/p.png", alt: "", caption: "", width: 1, height: 1, sourceUrl: "", chunkId: "c" } as const;
  server.turns = [
    turn("visitor", "What does it cost?"),
    turn("assistant", ANSWER.text, ANSWER),
    turn("assistant", "", { ...ANSWER, text: "", citations: [], shown: [card] }),
  ];

  const second = await load();
  await seen(() => second.state.relay === "ready");

  assert.deepEqual(
    second.state.items.map((item) => item.kind),
    ["visitor", "assistant", "card"],
  );
  const answer = second.state.items[1];
  assert.equal(answer?.kind === "assistant" && answer.answer.citations[0]?.url, `${server.url}/media/p.pdf`);
  const resumed = server.frames.findLast((frame) => frame.action === "resume");
  assert.deepEqual(resumed, { action: "resume", after: seq });
  await second.ask("And?");
  assert.equal(server.requests().filter((request) => request === "POST /api/session").length, 1);
});

test("a mode that is chosen while the earlier page's words are still being read stays chosen", async () => {
  const first = await load();
  await first.ask("What does it cost?");
  first.destroy();
  server.turns = [turn("visitor", "What does it cost?")];
  const second = new Conversation("acme", server.url, () => undefined);
  pages.push(second);

  const starting = second.start();
  await seen(() => second.state.profile);
  second.setMode("tts");
  await starting;

  assert.equal(second.state.mode, "tts");
  assert.deepEqual(second.state.items.map((item) => item.kind), ["visitor"]);
});

test("an answer that was on its way during the reload still arrives, once", async () => {
  const first = await load();
  await first.ask("What does it cost?");
  first.destroy();
  server.turns = [turn("visitor", "What does it cost?"), turn("assistant", ANSWER.text, ANSWER), turn("visitor", "And?")];
  const second = await load();
  await seen(() => second.state.relay === "ready");

  server.say({ type: "done", id: "of-the-old-page", answer: ANSWER });
  server.say({ type: "done", id: "late", answer: { ...ANSWER, text: "Ten weeks." } });
  await seen(() => second.state.items.length > 3);

  assert.deepEqual(
    second.state.items.map((item) => (item.kind === "assistant" ? item.answer.text : item.kind)),
    ["visitor", ANSWER.text, "visitor", "Ten weeks."],
  );
});

test("an expired conversation begins anew, quietly", async () => {
  stored.set("ai-sdr:acme", JSON.stringify({ sessionId: "s-1", token: "old", seq: 5 }));
  server.refusals.set("POST /api/session/s-1/renew?call=none", { status: 401, code: "unauthorized", message: "Expired" });

  const page = await load();

  assert.deepEqual([page.state.items, page.state.profileError, [...stored]], [[], null, []]);
});

test("starting over forgets the conversation for a reload too", async () => {
  const page = await load();
  await page.ask("What does it cost?");

  await page.startOver();

  assert.deepEqual([...stored], []);
});

test("a page that forbids storage loses only the resume", async () => {
  Object.defineProperty(globalThis, "sessionStorage", {
    configurable: true,
    get: () => {
      throw new DOMException("denied", "SecurityError");
    },
  });

  const page = await load();
  await page.ask("What does it cost?");
  Object.defineProperty(globalThis, "sessionStorage", { configurable: true, writable: true, value: undefined });

  assert.equal(page.state.items.length, 2);
});

test("a confirm card that was answered does not come back as an open question", async () => {
  const card = (confirmationId: string): ConfirmCard => ({
    kind: "confirm",
    confirmationId,
    tool: "log_lead",
    title: "Send?",
    fields: [],
    note: "",
  });
  stored.set("ai-sdr:acme", JSON.stringify({ sessionId: "s-1", token: "t", seq: 0 }));
  server.turns = ["said yes", "said no", "too late", "waits"].map((id) =>
    turn("assistant", "", { ...ANSWER, text: "", citations: [], actions: [card(id)] }),
  );
  server.settled = { "said yes": "confirmed", "said no": "declined", "too late": "expired" };

  const page = await load();

  assert.deepEqual(
    page.state.items.map((item) =>
      item.kind === "card" && item.card.kind === "confirm"
        ? page.state.confirmations[item.card.confirmationId]?.status
        : item.kind,
    ),
    ["confirmed", "declined", "expired", undefined],
  );
});

test("a second tab of the conversation goes on in text and leaves the first one's call alone", async () => {
  putPeers();
  letMicrophone();
  server.profile = { ...PROFILE, modes: ["text", "tts", "voice"] };
  const first = await load();
  await first.ask("What does it cost?");
  first.setMode("voice");
  await first.agree();
  await seen(() => first.state.relay === "ready" && first.state.call?.phase === "live");
  // The test's server greets all sockets at once, so an event may come again under its own number.
  const events = () => new Set(server.frames.flatMap((frame) => (frame.action === "event" ? [frame.seq] : []))).size;
  await seen(() => events() === 1);

  const second = await load(); // with a copy of the first one's storage
  await seen(() => second.state.relay === "ready");
  await second.ask("And?");
  second.destroy();

  assert.deepEqual([second.state.mode, second.state.call], ["text", null]);
  assert.equal(server.requests().at(-1) === "DELETE /api/session/s-1?call=only", false);
  assert.equal(server.requests().filter((request) => request.endsWith("/renew?call=none")).length, 1);
  assert.deepEqual([first.state.call?.phase, events()], ["live", 1]);

  server.cutRelay();
  await seen(() => server.requests().includes("POST /api/session/s-1/renew"));
});

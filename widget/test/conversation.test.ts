import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { Conversation } from "../src/conversation";
import type { Item, State } from "../src/state";
import { ANSWER, ContractServer, PROFILE } from "./server";

let server: ContractServer;
let conversation: Conversation;
let events: [string, object][];

beforeEach(async () => {
  server = new ContractServer();
  events = [];
  conversation = new Conversation("acme", await server.start(), (name, detail) => events.push([name, detail]));
});
afterEach(async () => {
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

function items<K extends Item["kind"]>(kind: K): Extract<Item, { kind: K }>[] {
  return conversation.state.items.filter((item): item is Extract<Item, { kind: K }> => item.kind === kind);
}

test("opening asks for the public profile and nothing else", async () => {
  await conversation.start();

  assert.deepEqual(server.requests(), ["GET /api/widget/acme"]);
});

test("the first question opens the session with the consent that was shown, and the relay with its ticket", async () => {
  await conversation.start();

  await conversation.ask("  What does it cost? ");

  assert.deepEqual(server.last("POST /api/session").body, {
    companyId: "acme",
    mode: "text",
    consent: { version: "2026-11" },
  });
  assert.match(String(server.last("WS").headers["sec-websocket-protocol"]), /^aisdr, ?ticket-/);
  assert.deepEqual(server.frames.at(-1), { action: "ask", id: items("assistant")[0]?.id, text: "What does it cost?" });
});

test("words stream in order, and the finished answer replaces them", async () => {
  await conversation.start();
  server.onAsk = (id) => {
    server.say({ type: "delta", id, index: 1, text: "fifty" });
    server.say({ type: "delta", id, index: 0, text: "About " });
  };
  const asked = conversation.ask("Price?");
  const streaming = await until(() => items("assistant")[0]?.status === "streaming");
  assert.equal(streaming.answering, items("assistant")[0]?.id);
  assert.equal(items("assistant")[0]?.answer.text, "About fifty");

  server.say({ type: "done", id: items("assistant")[0]?.id ?? "", answer: ANSWER });
  await asked;

  const [turn] = items("assistant");
  assert.equal(turn?.status, "done");
  assert.equal(turn?.answer.text, ANSWER.text);
  assert.equal(turn?.answer.citations[0]?.url, `${server.url}/media/p.pdf`);
  assert.equal(conversation.state.announcement, "From $49 a month.");
  assert.deepEqual(
    events.filter(([name]) => name === "message").map(([, detail]) => detail),
    [
      { role: "visitor", text: "Price?" },
      { role: "assistant", text: "From $49 a month." },
    ],
  );
});

test("without a socket the same question goes over HTTP, and the log says so once", async () => {
  server.relayOpens = false;
  await conversation.start();

  await conversation.ask("One?");
  await conversation.ask("Two?");

  assert.deepEqual(server.last("POST /api/answer").body, { question: "Two?" });
  assert.equal(items("assistant").length, 2);
  assert.deepEqual(
    items("notice").map(({ text }) => text.split(".")[0]),
    ["WebSocket connection error"],
  );
});

test("a relay that breaks in mid-answer costs no answer", async () => {
  await conversation.start();
  server.onAsk = (id) => {
    server.say({ type: "delta", id, index: 0, text: "About" });
    setTimeout(() => server.cutRelay(), 20);
  };

  await conversation.ask("Price?");

  assert.equal(items("assistant")[0]?.answer.text, ANSWER.text);
  assert.ok(server.requests().includes("POST /api/answer"));
});

test("a refused question shows the server's own words and can be asked again", async () => {
  await conversation.start();
  const ready = server.onAsk;
  server.onAsk = (id) => server.say({ type: "error", id, error: { code: "limit_reached", message: "Budget used up." } });
  await conversation.ask("Price?");
  const [failure] = items("failure");
  assert.equal(failure?.message, "Budget used up.");
  assert.deepEqual(events.at(-1), ["error", { code: "limit_reached", message: "Budget used up." }]);

  server.onAsk = ready;
  await conversation.retry(failure?.id ?? "");

  assert.deepEqual(items("failure"), []);
  assert.equal(items("visitor").length, 1);
  assert.equal(items("assistant")[0]?.status, "done");
});

test("stop keeps what was said, and late words change nothing", async () => {
  await conversation.start();
  server.onAsk = (id) => server.say({ type: "delta", id, index: 0, text: "About " });
  const asked = conversation.ask("Price?");
  await until(() => items("assistant")[0]?.status === "streaming");

  conversation.stop();
  await asked;
  const id = items("assistant")[0]?.id ?? "";
  server.onAsk = (next) => {
    server.say({ type: "delta", id, index: 1, text: "late" });
    server.say({ type: "done", id: next, answer: ANSWER });
  };
  await conversation.ask("Next?");

  assert.deepEqual([items("assistant")[0]?.status, items("assistant")[0]?.answer.text], ["stopped", "About "]);
});

test("one question at a time", async () => {
  await conversation.start();

  await Promise.all([conversation.ask("One?"), conversation.ask("Two?")]);

  assert.deepEqual(
    items("visitor").map(({ text }) => text),
    ["One?"],
  );
});

test("a question asked before the profile arrived is not lost", async () => {
  await Promise.all([conversation.ask("Early?"), conversation.start()]);

  await until(() => items("assistant")[0]?.status === "done");
});

test("a company that does not exist is said so, and loading can be tried again", async () => {
  server.refusals.set("GET /api/widget/acme", { status: 404, code: "not_found", message: "Company 'acme' not found" });
  await conversation.start();
  assert.equal(conversation.state.profileError, "Company 'acme' not found");

  server.refusals.clear();
  await conversation.start();

  assert.equal(conversation.state.profileError, null);
  assert.equal(conversation.state.profile?.displayName, "Acme");
});

test("a mode that the company does not offer cannot be chosen", async () => {
  server.profile = { ...PROFILE, modes: ["text", "voice"] };
  await conversation.start();

  conversation.setMode("video");

  assert.equal(conversation.state.mode, "text");
  assert.equal(conversation.state.call, null);
});

test("a lead that was stored is told to the page", async () => {
  await conversation.start();
  const lead = { kind: "lead", name: "Ada", email: "ada@acme.example", company: null } as const;
  server.onAsk = (id) => server.say({ type: "done", id, answer: { ...ANSWER, actions: [lead] } });

  await conversation.ask("Please call me");

  assert.deepEqual(events.at(-1), ["lead-captured", { name: "Ada", email: "ada@acme.example", company: null }]);
});

test("starting over ends the session and leaves an empty log", async () => {
  await conversation.start();
  await conversation.ask("Price?");

  await conversation.startOver();

  assert.deepEqual(conversation.state.items, []);
  assert.equal(server.requests().at(-1), "DELETE /api/session/s-1");
  await conversation.ask("Again?");
  assert.equal(server.requests().filter((request) => request === "POST /api/session").length, 2);
});

test("a session that the server has forgotten is opened anew", async () => {
  await conversation.start();
  await conversation.ask("One?");
  server.refusals.set("POST /api/session/s-1/renew", { status: 401, code: "unauthorized", message: "Expired" });
  server.cutRelay();
  await until((state) => state.relay === "reconnecting");

  await conversation.ask("Two?");

  assert.equal(items("assistant").length, 2);
  assert.equal(server.requests().filter((request) => request === "POST /api/session").length, 2);
});

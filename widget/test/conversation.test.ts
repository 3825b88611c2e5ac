import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Conversation } from "../src/conversation";
import type { Item, State } from "../src/state";
import { ANSWER, ContractServer, PROFILE } from "./server";
import { soon } from "./waiting";

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

const until = (holds: (state: State) => boolean) => soon(conversation, holds);

function items<K extends Item["kind"]>(kind: K): Extract<Item, { kind: K }>[] {
  return conversation.state.items.filter((item): item is Extract<Item, { kind: K }> => item.kind === kind);
}

test("opening asks for the public profile and nothing else", async () => {
  await conversation.start();

  assert.deepEqual(server.requests(), ["GET /api/widget/acme"]);
});

test("the first question opens the session, agrees to nothing by it, and opens the relay with its ticket", async () => {
  await conversation.start();

  await conversation.ask("  What does it cost? ");

  assert.deepEqual(server.last("POST /api/session").body, {
    companyId: "acme",
    mode: "text",
  });
  assert.match(String(server.last("WS").headers["sec-websocket-protocol"]), /^aisdr, ?ticket-/);
  assert.deepEqual(server.frames.at(-1), {
    action: "ask",
    id: items("assistant")[0]?.id,
    text: "What does it cost?",
    mode: "text",
  });
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

  const { id, ...asked } = server.last("POST /api/answer").body;
  assert.deepEqual(asked, { question: "Two?" });
  assert.match(String(id), /^[\w-]{16,}$/);
  assert.equal(items("assistant").length, 2);
  assert.deepEqual(
    items("notice").map(({ text }) => text.split(".")[0]),
    ["WebSocket connection error"],
  );
});

test("a relay that breaks in mid-answer costs no answer: the same question is asked on the next socket", async () => {
  await conversation.start();
  const ready = server.onAsk;
  server.onAsk = (id) => {
    server.onAsk = ready;
    server.say({ type: "delta", id, index: 0, text: "About" });
    setTimeout(() => server.cutRelay(), 20);
  };

  await conversation.ask("Price?");

  assert.equal(items("assistant")[0]?.answer.text, ANSWER.text);
  const [first, second] = server.frames.filter((frame) => frame.action === "ask");
  assert.deepEqual(second, first);
  assert.ok(!server.requests().includes("POST /api/answer"));
});

for (const code of ["store_busy", "rate_limited"]) {
  test(`a question that the relay refuses with ${code} is answered by the other door, under the same id`, async () => {
    await conversation.start();
    server.onAsk = (id) => {
      server.say({ type: "delta", id, index: 0, text: "Abou" });
      server.say({ type: "error", id, error: { code, message: "Table X throttled" } });
    };

    await conversation.ask("Price?");

    const [turn] = items("assistant");
    assert.deepEqual([turn?.status, turn?.answer.text], ["done", ANSWER.text]);
    assert.deepEqual(server.last("POST /api/answer").body, { id: turn?.id, question: "Price?" });
    assert.equal(server.frames.filter((frame) => frame.action === "ask").length, 1);
    assert.deepEqual([items("visitor").length, items("failure"), items("notice")], [1, [], []]);
  });
}

test("a question that no door takes is explained to a visitor, not to an operator, and is the same when asked again", async () => {
  await conversation.start();
  const ready = server.onAsk;
  server.onAsk = (id) => server.say({ type: "error", id, error: { code: "store_busy", message: "Table X throttled" } });
  server.refusals.set("POST /api/answer", { status: 503, code: "store_busy", message: "Table X throttled" });
  await conversation.ask("Price?");
  const [failure] = items("failure");
  const message = "The assistant is very busy. Please try again in a moment.";
  assert.equal(failure?.message, message);
  assert.deepEqual(events.at(-1), ["error", { code: "store_busy", message }]);

  server.onAsk = ready;
  await conversation.retry(failure?.id ?? "");

  assert.deepEqual(items("failure"), []);
  assert.equal(items("visitor").length, 1);
  assert.equal(items("assistant")[0]?.status, "done");
  const asked = server.frames.flatMap((frame) => (frame.action === "ask" ? [frame.id] : []));
  assert.deepEqual(asked, [failure?.id, failure?.id], "so that it is written down once");
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
  assert.deepEqual(server.frames.filter((frame) => frame.action === "stop"), [{ action: "stop", id }]);
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

test("for a company that does not exist the assistant has no place on the page", async () => {
  server.refusals.set("GET /api/widget/acme", { status: 404, code: "company_not_found", message: "Company 'acme' …" });

  await conversation.start();

  assert.equal(conversation.state.refused, "company");
});

test("a website that the company does not allow is told so, without another try", async () => {
  server.refusals.set("POST /api/session", { status: 403, code: "origin_not_allowed", message: "add it to allowedOrigins" });
  await conversation.start();

  await conversation.ask("Price?");

  assert.equal(conversation.state.refused, "site");
  assert.match(items("failure")[0]?.message ?? "", /does not work on this website/);
  assert.equal(items("failure")[0]?.again, false);
});

test("a profile that could not be fetched is fetched as soon as the network is back", async () => {
  server.refusals.set("GET /api/widget/acme", "cut");
  conversation.setOnline(false);
  await conversation.start();
  assert.match(conversation.state.profileError ?? "", /cannot be reached/);

  server.refusals.clear();
  conversation.setOnline(true);

  await until((state) => state.profile !== null);
  assert.equal(conversation.state.profileError, null);
});

test("without a network a question waits and is answered when it is back", async () => {
  await conversation.start();
  await conversation.ask("One?");
  server.refusals.set("POST /api/answer", "cut");
  conversation.setOnline(false);
  assert.deepEqual([conversation.state.offline, conversation.state.relay], [true, "reconnecting"]);
  const asked = conversation.ask("Two?");
  await until(() => items("assistant")[1]?.status === "waiting");

  server.refusals.clear();
  conversation.setOnline(true);
  await asked;

  assert.deepEqual([items("assistant")[1]?.status, items("failure"), items("notice")], ["done", [], []]);
});

test("an answer that the network cut off begins anew when it is back", async () => {
  await conversation.start();
  const ready = server.onAsk;
  server.onAsk = (id) => server.say({ type: "delta", id, index: 0, text: "About" });
  const asked = conversation.ask("Price?");
  await until(() => items("assistant")[0]?.answer.text === "About");
  server.refusals.set("POST /api/answer", "cut");

  conversation.setOnline(false);
  await until(() => items("assistant")[0]?.status === "waiting");
  server.onAsk = ready;
  conversation.setOnline(true);
  await asked;

  assert.equal(items("assistant")[0]?.answer.text, ANSWER.text);
});

test("a waiting question can be stopped", async () => {
  await conversation.start();
  server.refusals.set("POST /api/session", "cut");
  conversation.setOnline(false);
  const asked = conversation.ask("Price?");
  await until(() => items("assistant")[0]?.status === "waiting");

  conversation.stop();
  await asked;

  const [stopped] = items("assistant");
  assert.deepEqual([stopped?.status, conversation.state.answering], ["stopped", null]);
});

test("a question above the limit is not cut but refused", async () => {
  await conversation.start();

  await conversation.ask("x".repeat(2001));

  assert.deepEqual(server.requests(), ["GET /api/widget/acme"]);
  assert.match(items("notice")[0]?.text ?? "", /too long/);
});

test("a profile that the server failed to give can be asked for again", async () => {
  server.refusals.set("GET /api/widget/acme", { status: 500, code: "internal_error", message: "Something failed" });
  await conversation.start();
  assert.equal(conversation.state.profileError, "Something went wrong. Please try again.");

  server.refusals.clear();
  await conversation.start();

  assert.equal(conversation.state.profileError, null);
  assert.equal(conversation.state.profile?.displayName, "Acme");
});

test("a profile that breaks off within its own words counts as not fetched", async () => {
  server.refusals.set("GET /api/widget/acme", "cut in the answer");

  await conversation.start();

  assert.match(conversation.state.profileError ?? "", /cannot be reached/);
});

test("who starts it twice asks for the profile once, and the last wish for a mode counts", async () => {
  await Promise.all([conversation.start("text"), conversation.start("tts")]);

  assert.deepEqual(server.requests(), ["GET /api/widget/acme"]);
  assert.equal(conversation.state.mode, "tts");
});

test("a wish for a mode outlives a profile that did not come", async () => {
  server.refusals.set("GET /api/widget/acme", "cut");
  await conversation.start("tts");
  server.refusals.clear();

  await conversation.start();

  assert.equal(conversation.state.mode, "tts");
});

test("what goes wrong beside a question is said to who cannot see the log", async () => {
  await conversation.start();

  await conversation.ask("x".repeat(2001));

  assert.match(conversation.state.announcement, /too long/);
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

test("starting over while the conversation is being opened leaves nothing of it", async () => {
  await conversation.start();
  let open = (): void => undefined;
  server.waits.set("POST /api/session", new Promise((resolve) => (open = resolve)));
  const asked = conversation.ask("Price?");
  while (!server.requests().includes("POST /api/session")) await new Promise((resolve) => setImmediate(resolve));

  await conversation.startOver();
  open();
  await asked;

  assert.deepEqual([conversation.state.items, conversation.state.relay], [[], "idle"]);
  assert.deepEqual(server.requests(), ["GET /api/widget/acme", "POST /api/session"]);
});

test("starting over while the relay is on its way says nothing of it in the new conversation", async () => {
  await conversation.start();
  const asked = conversation.ask("Price?");
  await until((state) => state.relay === "connecting");

  await conversation.startOver();
  await asked;

  assert.deepEqual([conversation.state.items, conversation.state.relay], [[], "idle"]);
  assert.equal(server.requests().filter((request) => request === "POST /api/session").length, 1);
});

test("a renewal that fails for a moment is made again before the token dies", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  await conversation.start();
  await conversation.ask("Price?");
  const renewal = "POST /api/session/s-1/renew?call=none";
  server.refusals.set(renewal, { status: 503, code: "store_busy", message: "later", times: 1 });

  mock.timers.tick(480_000);
  while (server.requests().filter((request) => request === renewal).length < 2) {
    mock.timers.tick(500);
    await new Promise((resolve) => setImmediate(resolve));
  }
  mock.timers.reset();

  assert.equal(server.requests().filter((request) => request === "POST /api/session").length, 1);
});

test("a conversation that the server does not know any more is not said to be deleted", async () => {
  await conversation.start();
  await conversation.ask("Price?");
  server.refusals.set("POST /api/session/s-1/renew?call=none", { status: 401, code: "unauthorized", message: "Expired" });
  const later = Date.now() + 870_000;
  mock.method(Date, "now", () => later); // its token is about to die

  await conversation.erase();
  mock.restoreAll();

  assert.match(items("notice").at(-1)?.text ?? "", /could not be deleted/);
  assert.equal(server.requests().filter((request) => request === "POST /api/session").length, 1);
});

test("a session that the server has forgotten is opened anew", async () => {
  await conversation.start();
  await conversation.ask("One?");
  server.refusals.set("POST /api/session/s-1/renew?call=none", { status: 401, code: "unauthorized", message: "Expired" });
  server.cutRelay();
  await until((state) => state.relay === "reconnecting");

  await conversation.ask("Two?");

  assert.equal(items("assistant").length, 2);
  assert.equal(server.requests().filter((request) => request === "POST /api/session").length, 2);
});

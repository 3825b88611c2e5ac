import assert from "node:assert/strict";
import { test } from "node:test";
import { ANSWER } from "./server";
import { conversation, events, items, server, until } from "./writing";

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

test("what goes wrong beside a question is said to who cannot see the log", async () => {
  await conversation.start();

  await conversation.ask("x".repeat(2001));

  assert.match(conversation.state.announcement, /too long/);
});

test("a lead that was stored is told to the page", async () => {
  await conversation.start();
  const lead = { kind: "lead", name: "Ada", email: "ada@acme.example", company: null } as const;
  server.onAsk = (id) => server.say({ type: "done", id, answer: { ...ANSWER, actions: [lead] } });

  await conversation.ask("Please call me");

  assert.deepEqual(events.at(-1), ["lead-captured", { name: "Ada", email: "ada@acme.example", company: null }]);
});

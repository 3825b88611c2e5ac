import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { conversation, items, opened, server, until } from "./writing";

test("starting over ends the session and leaves an empty log", async () => {
  await conversation.start();
  await conversation.ask("Price?");

  await conversation.startOver();

  assert.deepEqual(conversation.state.items, []);
  assert.equal(server.requests().at(-1), "DELETE /api/session/s-1");
  await conversation.ask("Again?");
  assert.equal(opened(), 2);
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
  assert.equal(opened(), 1);
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

  assert.equal(opened(), 1);
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
  assert.equal(opened(), 1);
});

test("a session that the server has forgotten is opened anew", async () => {
  await conversation.start();
  await conversation.ask("One?");
  server.refusals.set("POST /api/session/s-1/renew?call=none", { status: 401, code: "unauthorized", message: "Expired" });
  server.cutRelay();
  await until((state) => state.relay === "reconnecting");

  await conversation.ask("Two?");

  assert.equal(items("assistant").length, 2);
  assert.equal(opened(), 2);
});

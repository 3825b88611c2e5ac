import assert from "node:assert/strict";
import { test } from "node:test";
import {
  GREETED,
  UTTERANCE,
  conversation,
  current,
  events,
  forwarded,
  letMicrophone,
  microphone,
  order,
  room,
  server,
  startCall,
  typed,
  until,
} from "./calling";

test("choosing video touches nothing before the visitor agrees", async () => {
  conversation.setMode("video");
  await until(({ call }) => call !== null);

  assert.equal(conversation.state.call?.phase, "consent");
  assert.deepEqual(order, []);
  assert.deepEqual(server.requests(), ["GET /api/widget/acme"]);
});

test("the microphone is asked for before the paid call exists, and the running conversation goes on in it", async () => {
  await conversation.ask("Price?");
  const token = server.requests().indexOf("POST /api/session") + 1;

  await startCall();

  const created = server.last("POST /api/tavus/session");
  assert.deepEqual(order, ["microphone"]);
  assert.deepEqual(created.body, { companyId: "acme", consent: { version: "2026-11" } });
  assert.match(String(created.headers["idempotency-key"]), /^[\w-]{16,}$/);
  assert.equal(created.headers.authorization, `Bearer token-${token}`);
  assert.deepEqual(current().joinedWith, { url: "https://tavus.daily.example/c-1", token: "meeting" });
  assert.deepEqual(current().options, {
    audioSource: microphone,
    videoSource: false,
    dailyConfig: { avoidEval: true },
  });
});

test("a refused microphone still makes a call: listen and type", async () => {
  letMicrophone("NotAllowedError");

  await startCall();
  current().emit("app-message", { data: GREETED, fromId: "face" });
  await conversation.ask("Can you read this?");

  assert.match(conversation.state.call?.listenOnly ?? "", /microphone is blocked/);
  assert.deepEqual((current().options as { audioSource: unknown }).audioSource, false);
  const [said] = await typed(1);
  assert.equal(said?.text, "Can you read this?");
  assert.equal(said?.id, conversation.state.items.find((item) => item.kind === "visitor")?.id);
});

test("typed words wait for the end of the greeting, because the vendor drops what is said meanwhile", async () => {
  await startCall();

  await conversation.ask("Too early?");
  current().emit("app-message", { data: { ...GREETED, properties: { role: "user" } }, fromId: "face" });
  await forwarded(1);
  const before = server.frames.filter(({ action }) => action === "say");
  current().emit("app-message", { data: GREETED, fromId: "face" });

  assert.deepEqual(before, []);
  assert.deepEqual((await typed(1)).map(({ text }) => text), ["Too early?"]);
});

test("the screen follows whose turn it is in either form, and a late twin changes nothing", async () => {
  await startCall();
  const turns = [
    ["conversation.replica.started_speaking"],
    ["conversation.started_speaking", "replica"],
    ["conversation.stopped_speaking", "replica"],
    ["conversation.started_speaking", "user"],
    ["conversation.stopped_speaking", "user"],
    ["conversation.started_speaking", "pal"],
    ["conversation.user.stopped_speaking"],
  ].map(([event_type, role]) => {
    current().emit("app-message", { data: { event_type, properties: { role } }, fromId: "face" });
    return conversation.state.call?.activity;
  });

  assert.deepEqual(turns, ["speaking", "speaking", "listening", "listening", "thinking", "speaking", "speaking"]);
});

test("raw events go to the relay unchanged, objects and JSON text alike, but not our own echoes", async () => {
  await startCall();
  const tool = { event_type: "conversation.tool_call", seq: 2, properties: { name: "log_lead", arguments: "{}" }, x: [1] };

  current().emit("app-message", { data: UTTERANCE, fromId: "face" });
  current().emit("app-message", { data: JSON.stringify(tool), fromId: "face" });
  current().emit("app-message", { data: UTTERANCE, fromId: "me" });

  assert.deepEqual(await forwarded(2), [UTTERANCE, tool]);
  assert.equal(conversation.state.call?.caption, "Welcome to Acme.");
  assert.equal(conversation.state.call?.working, true);
  assert.deepEqual(events.find(([name]) => name === "tool-called")?.[1], { name: "log_lead" });
});

test("what the relay sends enters the room unchanged, and what it shows stands under the call and in the log", async () => {
  await startCall();
  const result = { event_type: "conversation.tool_result", properties: { tool_call_id: "t", output: { a: 1 } } };

  server.say({ type: "send", message: result });
  server.say({ type: "show", id: null, card: { kind: "meeting", title: "Intro", url: "https://cal.example/x" } });
  await until((state) => (state.call?.cards.length ?? 0) > 0);

  assert.deepEqual(current().sent, [result]);
  assert.equal(conversation.state.items.at(-1)?.kind, "card");
});

test("a message waits until the room is joined", async () => {
  let open: (value?: unknown) => void = () => undefined;
  room().door = new Promise((resolve) => {
    open = resolve;
  });
  conversation.setMode("video");
  const started = conversation.agree();
  await until((state) => state.call?.phase === "joining");
  conversation.call?.pass({ early: true });

  open();
  await started;

  assert.deepEqual(current().sent, [{ early: true }]);
});

test("a message above the room's limit is reported and breaks nothing", async () => {
  await startCall();

  conversation.call?.pass({ text: "x".repeat(5000) });
  conversation.call?.pass({ text: "short" });

  assert.deepEqual(current().sent, [{ text: "short" }]);
  assert.equal(events.at(-1)?.[0], "error");
});

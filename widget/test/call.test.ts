import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Conversation } from "../src/conversation";
import { Forgotten } from "../src/forgotten";
import type { State } from "../src/state";
import type { TestRoom } from "./daily";
import { ContractServer, PROFILE } from "./server";

let server: ContractServer;
let conversation: Conversation;
let events: [string, object][];
let microphone: { kind: "audio"; readyState: string; stop(): void };
let order: string[];

const room = () => (globalThis as unknown as { testRoom: TestRoom }).testRoom;
const current = () => {
  const call = room().calls.at(-1);
  assert.ok(call, "no call was created");
  return call;
};

/** The browser's own border: a microphone that is granted or refused. */
function letMicrophone(refusal?: string): void {
  Object.defineProperty(navigator, "mediaDevices", {
    configurable: true,
    value: {
      getUserMedia: async () => {
        order.push("microphone");
        if (refusal) throw new DOMException("refused", refusal);
        return { getAudioTracks: () => [microphone] };
      },
    },
  });
}

beforeEach(async () => {
  order = [];
  events = [];
  microphone = {
    kind: "audio",
    readyState: "live",
    stop() {
      this.readyState = "ended";
    },
  };
  letMicrophone();
  server = new ContractServer();
  server.profile = { ...PROFILE, modes: ["text", "tts", "video"] };
  conversation = new Conversation("acme", await server.start(), (name, detail) => events.push([name, detail]));
  await conversation.start();
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

async function startCall(): Promise<void> {
  conversation.setMode("video");
  await conversation.agree();
  assert.equal(conversation.state.call?.phase, "live", notices());
  await until((state) => state.relay === "ready");
}

const notices = () =>
  conversation.state.items.flatMap((item) => (item.kind === "notice" ? [item.text] : [])).join(" ");

const door = "POST /api/tavus/session";
const keys = () => server.seen.filter(({ request }) => request === door).map(({ headers }) => headers["idempotency-key"]);

async function said(request: string): Promise<void> {
  while (!server.requests().includes(request)) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Who has agreed once is not asked again. */
async function startAgain(): Promise<void> {
  conversation.setMode("video");
  await until((state) => state.call?.phase === "live");
}

async function forwarded(count: number): Promise<object[]> {
  const raw = () => server.frames.flatMap((frame) => (frame.action === "event" ? [frame.event] : []));
  while (raw().length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  return raw();
}

async function typed(count: number): Promise<{ id: string; text: string }[]> {
  const said = () => server.frames.flatMap((frame) => (frame.action === "say" ? [frame] : []));
  while (said().length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  return said();
}

const GREETED = { event_type: "conversation.stopped_speaking", seq: 1, properties: { role: "replica" } };
const UTTERANCE = {
  message_type: "conversation",
  event_type: "conversation.utterance.streaming",
  conversation_id: "c-1",
  seq: 1,
  inference_id: "i",
  properties: { role: "replica", speech: "Welcome to Acme.", final: true },
};

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

test("ending frees the microphone, ends the paid call once, and the conversation goes on in text", async () => {
  await startCall();
  current().emit("app-message", { data: UTTERANCE, fromId: "face" });

  conversation.call?.end();
  await said("DELETE /api/session/s-1?call=only");
  await conversation.ask("One more thing?");

  assert.equal(microphone.readyState, "ended");
  assert.deepEqual(
    conversation.state.items.map((item) => item.kind),
    ["assistant", "call", "visitor", "assistant"],
  );
  assert.equal(conversation.state.mode, "text");
  assert.equal(server.requests().filter((request) => request.startsWith("DELETE")).length, 1);
});

test("the page's clock follows the server's end, however long the call was made for", async () => {
  server.secondsLeft = 1;
  const before = Date.now();

  await startCall();

  const endsAt = conversation.state.call?.endsAt ?? 0;
  assert.ok(endsAt >= before + 1_000 && endsAt <= Date.now() + 1_000, "and not ten minutes from now");
  await until(({ call }) => call === null);
  assert.ok(Date.now() >= endsAt - 5, "it ends when it said it would");
});

test("when the server ends the call it is not told so again", async () => {
  await startCall();

  server.say({ type: "end", reason: "time", callId: "c-1" });
  await until((state) => state.call === null);
  await conversation.startOver();

  assert.deepEqual(
    server.requests().filter((request) => request.startsWith("DELETE")),
    ["DELETE /api/session/s-1"],
  );
});

test("the late end of an earlier call does not end the one that runs", async () => {
  await startCall();

  server.say({ type: "end", reason: "replaced", callId: "c-0" });
  server.say({ type: "show", id: null, card: { kind: "lead", name: null, email: "a@acme.example", company: null } });
  await until((state) => state.call?.cards.length === 1);

  assert.equal(conversation.state.call?.phase, "live");
});

test("when the server tells that the vendor failed, the conversation goes on a step below", async () => {
  await startCall();

  server.say({ type: "end", reason: "vendor_failed", callId: "c-1" });
  await until((state) => state.call === null);

  assert.match(notices(), /^The video call broke off\. /);
  assert.equal(conversation.state.mode, "tts");
});

test("when the avatar is gone the server's word is waited for, and an end that was wanted is no failure", async () => {
  await startCall();

  current().emit("left-meeting", {});
  assert.equal(conversation.state.call?.phase, "live");
  server.say({ type: "end", reason: "replaced", callId: "c-1" });
  await until((state) => state.call === null);

  assert.equal(notices(), "");
  assert.equal(conversation.state.mode, "text");
});

test("an avatar that is gone without a word is a failure", async () => {
  await startCall();

  current().emit("left-meeting", {});
  await until((state) => state.call === null);

  assert.match(notices(), /^The video call broke off\. /);
  assert.equal(conversation.state.mode, "tts");
});

test("a refused create is explained, the conversation goes on a step below, and another try has a new key", async () => {
  server.refusals.set(door, { status: 429, code: "calls_busy", message: "All 2 video lines of 'acme' are busy" });
  conversation.setMode("video");
  await conversation.agree();
  assert.equal(notices(), "All lines are busy. Please type; I read my answers aloud.");
  assert.equal(conversation.state.announcement, notices());
  assert.equal(conversation.state.mode, "tts");
  assert.equal(microphone.readyState, "ended");
  const first = server.last(door).headers["idempotency-key"];

  server.refusals.clear();
  await startAgain();

  assert.equal(conversation.state.call?.phase, "live");
  assert.notEqual(server.last(door).headers["idempotency-key"], first);
});

for (const [outcome, refusal] of [
  ["was lost on the way", "cut"],
  ["may have bought a call", { status: 502, code: "tavus_session_failed", message: "outcome unknown" }],
] as const) {
  test(`a create that ${outcome} is repeated with the same key, even after a look at the text`, async () => {
    server.refusals.set(door, refusal);
    conversation.setMode("video");
    await conversation.agree();
    assert.equal(conversation.state.call, null);
    conversation.setMode("text");

    server.refusals.clear();
    await startAgain();

    const [first, second] = keys();
    assert.equal(second, first);
  });
}

test("a repeated wish whose call is over becomes a new one by the same press", async () => {
  server.refusals.set(door, { status: 502, code: "tavus_session_failed", message: "outcome unknown" });
  conversation.setMode("video");
  await conversation.agree();
  server.refusals.set(door, { status: 404, code: "call_over", message: "use a new key", times: 1 });

  await startAgain();

  const [first, second, third] = keys();
  assert.equal(second, first);
  assert.notEqual(third, first);
  assert.equal(conversation.state.call?.phase, "live");
});

test("a first create that is still running is waited for with its own key", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  server.refusals.set(door, { status: 502, code: "call_pending", message: "still being created", times: 2 });
  conversation.setMode("video");

  const started = conversation.agree();
  while (keys().length < 3) {
    mock.timers.tick(500);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await started;
  mock.timers.reset();

  assert.equal(conversation.state.call?.phase, "live");
  assert.equal(new Set(keys()).size, 1);
});

test("when the page or the network keeps the room's engine out, the visitor is told and goes on in text", async () => {
  const door = Promise.reject({ errorMsg: "raw words", error: { type: "connection-error" } });
  door.catch(() => undefined);
  Object.assign(room(), { door, unloaded: "Failed to load call object bundle" });
  conversation.setMode("video");

  await conversation.agree();
  Object.assign(room(), { door: Promise.resolve(), unloaded: null });

  assert.match(notices(), /^Video calls cannot be loaded here\. /);
  await said("DELETE /api/session/s-1?call=only");
});

test("end and start in quick succession never meet: the old call object is gone before the new one", async () => {
  for (let round = 0; round < 3; round += 1) {
    if (round === 0) await startCall();
    else await startAgain();
    conversation.setMode("text");
  }
  await startAgain();

  assert.equal(room().calls.filter((call) => call.joined).length, 1);
});

test("leaving the page ends the call", async () => {
  await startCall();

  conversation.leave();

  await said("DELETE /api/session/s-1?call=only");
  assert.equal(microphone.readyState, "ended");
});

test("when the avatar's connection breaks the failure is named and the conversation goes on", async () => {
  await startCall();

  current().emit("error", { errorMsg: "raw words", error: { type: "connection-error" } });

  assert.match(notices(), /^The connection to the video room was lost\. /);
  assert.equal(conversation.state.call, null);
  assert.equal(conversation.state.mode, "tts");
  assert.equal(microphone.readyState, "ended");
});

/** A page that is looked at, or not. */
function page() {
  const listeners = new Set<() => void>();
  const shown = {
    visibilityState: "visible" as DocumentVisibilityState,
    addEventListener: (_: string, listener: () => void) => listeners.add(listener),
    removeEventListener: (_: string, listener: () => void) => listeners.delete(listener),
    become(state: DocumentVisibilityState) {
      shown.visibilityState = state;
      for (const listener of listeners) listener();
    },
    listeners,
  };
  return shown;
}

function forgotten(speaking = () => false) {
  mock.timers.enable({ apis: ["setInterval", "Date"] });
  const shown = page();
  const ended: number[] = [];
  const watch = new Forgotten(speaking, () => ended.push(Date.now()), shown as unknown as Document);
  return { shown, ended, watch };
}

test("a call out of sight in which nobody speaks is ended after a minute", () => {
  const { shown, ended, watch } = forgotten();
  mock.timers.tick(600_000);
  assert.deepEqual(ended, []); // in sight, nobody need speak

  shown.become("hidden");
  mock.timers.tick(50_000);
  assert.deepEqual(ended, []);
  mock.timers.tick(10_000);
  watch.stop();
  mock.timers.reset();

  assert.equal(ended.length, 1);
  assert.equal(shown.listeners.size, 0);
});

test("a call out of sight goes on as long as somebody speaks or types", () => {
  let speaking = true;
  const { shown, ended, watch } = forgotten(() => speaking);

  shown.become("hidden");
  mock.timers.tick(300_000); // a long explanation
  speaking = false;
  mock.timers.tick(50_000);
  watch.heard();
  mock.timers.tick(50_000);
  shown.become("visible");
  mock.timers.tick(300_000);
  watch.stop();
  mock.timers.reset();

  assert.deepEqual(ended, []);
});

test("a tab that has slept without a timer ends its call when it wakes", () => {
  const { shown, ended, watch } = forgotten();
  shown.become("hidden");

  mock.timers.setTime(Date.now() + 600_000);
  shown.become("visible");
  watch.stop();
  mock.timers.reset();

  assert.equal(ended.length, 1);
});

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { Conversation } from "../src/conversation";
import type { PublicProfile } from "../src/contract";
import { offeredModes, type State } from "../src/state";
import type { TestRoom } from "./daily";
import { border, letMicrophone, putPeers } from "./peer";
import { ContractServer } from "./server";
import { soon } from "./waiting";

let server: ContractServer;
let conversation: Conversation;

beforeEach(async () => {
  putPeers();
  letMicrophone();
  server = new ContractServer();
  conversation = new Conversation("acme", await server.start(), () => undefined);
  await conversation.start();
});
afterEach(async () => {
  conversation.destroy();
  await server.stop();
});

const until = (holds: (state: State) => boolean) => soon(conversation, holds);

const room = () => (globalThis as unknown as { testRoom: TestRoom }).testRoom.calls.at(-1);
const notices = () => conversation.state.items.flatMap((item) => (item.kind === "notice" ? [item.text] : []));

test("voice, text and video are one conversation: one token, one log, one consent", async () => {
  conversation.setMode("voice");
  await conversation.agree();
  border.peers[0]?.channel?.say({ type: "response.output_audio_transcript.done", item_id: "a", transcript: "Hello." });
  conversation.setMode("text");
  await conversation.ask("Price?");
  conversation.setMode("video");
  await until((state) => state.call?.phase === "live");
  room()?.emit("app-message", {
    data: { event_type: "conversation.utterance", inference_id: "i", properties: { role: "replica", speech: "As I said." } },
    fromId: "face",
  });

  assert.deepEqual(
    conversation.state.items.map((item) => item.kind),
    ["assistant", "call", "visitor", "assistant", "assistant"],
  );
  const opened = server.seen.filter(({ request }) => request === "POST /api/session");
  assert.deepEqual(
    opened.map(({ body }) => [body.mode, typeof body.resume]),
    [["text", "undefined"], ["voice", "string"]],
  );
  assert.match(String(server.last("POST /api/tavus/session").headers.authorization), /^Bearer token-/);
});

test("what is typed while the first call is on its way belongs to the conversation of the call", async () => {
  conversation.setMode("video");

  await Promise.all([conversation.agree(), conversation.ask("Price?")]);
  await until((state) => state.call?.phase === "live");

  assert.equal(server.requests().filter((request) => request === "POST /api/session").length, 1);
  assert.match(String(server.last("POST /api/tavus/session").headers.authorization), /^Bearer token-/);
});

test("a busy avatar becomes a voice call by itself, with the agreement and microphone that are there", async () => {
  server.refusals.set("POST /api/tavus/session", { status: 429, code: "avatar_busy", message: "busy" });
  conversation.setMode("video");

  await conversation.agree();
  await until((state) => state.call?.phase === "live");

  assert.deepEqual([conversation.state.mode, conversation.state.call?.mode], ["voice", "voice"]);
  assert.deepEqual(notices(), ["The video assistant is talking with somebody else. We go on by voice."]);
});

test("when everything above fails the conversation ends up in text, in one pass", async () => {
  await conversation.ask("Price?");
  server.refusals.set("POST /api/tavus/session", { status: 402, code: "vendor_credits", message: "no credit" });
  server.refusals.set("POST /api/session", { status: 402, code: "vendor_credits", message: "no credit" });
  conversation.setMode("video");

  await conversation.agree();
  await until((state) => state.mode === "tts");

  assert.equal(notices().length, 2);
  assert.deepEqual(
    server.requests().filter((request) => request.endsWith("session")),
    ["POST /api/session", "POST /api/tavus/session", "POST /api/session"],
  );
});

test("a card that is shown in a call stands in the call and in the log", async () => {
  conversation.setMode("voice");
  await conversation.agree();
  await until((state) => state.relay === "ready");

  server.say({ type: "show", id: null, card: { kind: "meeting", title: "Intro", url: "https://cal.example/x" } });
  await until((state) => (state.call?.cards.length ?? 0) > 0);

  assert.equal(conversation.state.items.at(-1)?.kind, "card");
});

test("a company without text begins in the first mode that it offers", async () => {
  server.profile = { ...server.profile, modes: ["voice"] };
  const other = new Conversation("acme", server.url, () => undefined);

  await other.start();

  assert.deepEqual([other.state.mode, other.state.call?.phase], ["voice", "consent"]);
  other.destroy();
});

test("a company that only speaks has its conversation opened by the call itself", async () => {
  server.profile = { ...server.profile, modes: ["voice"] };
  const other = new Conversation("acme", server.url, () => undefined);
  await other.start();

  await other.agree();

  assert.equal(other.state.call?.phase, "live");
  const opened = server.seen.filter(({ request }) => request === "POST /api/session");
  assert.deepEqual(opened.map(({ body }) => [body.mode, body.resume]), [["voice", undefined]]);
  other.destroy();
});

test("a company that only reads its answers aloud is asked in that mode", async () => {
  server.profile = { ...server.profile, modes: ["tts"] };
  const other = new Conversation("acme", server.url, () => undefined);
  await other.start();

  other.reading.toggle(); // there is nothing to hear it with

  await other.ask("Price?");

  assert.deepEqual(other.state.items.map(({ kind }) => kind), ["visitor", "assistant"]);
  other.destroy();
});

test("a browser that can hold no call is offered none", () => {
  const profile = { modes: ["text", "tts", "voice", "video"] } as PublicProfile;
  assert.deepEqual(offeredModes(profile), ["text", "tts", "voice", "video"]);
  const { RTCPeerConnection } = globalThis;
  Reflect.deleteProperty(globalThis, "RTCPeerConnection");
  try {
    assert.deepEqual(offeredModes(profile), ["text", "tts"]);
  } finally {
    Object.assign(globalThis, { RTCPeerConnection });
  }
});

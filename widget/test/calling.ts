/** A conversation whose video call stands at a server that keeps our contract, and the room that it enters. */

import assert from "node:assert/strict";
import { afterEach, beforeEach } from "node:test";
import { Conversation } from "../src/conversation";
import type { State } from "../src/state";
import type { TestRoom } from "./daily";
import { ContractServer, PROFILE } from "./server";
import { soon } from "./waiting";

export let server: ContractServer;
export let conversation: Conversation;
export let events: [string, object][];
export let microphone: { kind: "audio"; readyState: string; stop(): void };
export let order: string[];

export const room = () => (globalThis as unknown as { testRoom: TestRoom }).testRoom;
export const current = () => {
  const call = room().calls.at(-1);
  assert.ok(call, "no call was created");
  return call;
};

/** The browser's own border: a microphone that is granted or refused. */
export function letMicrophone(refusal?: string): void {
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

export const until = (holds: (state: State) => boolean) => soon(conversation, holds);

export async function startCall(): Promise<void> {
  conversation.setMode("video");
  await conversation.agree();
  assert.equal(conversation.state.call?.phase, "live", notices());
  await until((state) => state.relay === "ready");
}

export const notices = () =>
  conversation.state.items.flatMap((item) => (item.kind === "notice" ? [item.text] : [])).join(" ");

export const door = "POST /api/tavus/session";
export const keys = () => server.seen.filter(({ request }) => request === door).map(({ headers }) => headers["idempotency-key"]);

export async function said(request: string): Promise<void> {
  while (!server.requests().includes(request)) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Who has agreed once is not asked again. */
export async function startAgain(): Promise<void> {
  conversation.setMode("video");
  await until((state) => state.call?.phase === "live");
}

export async function forwarded(count: number): Promise<object[]> {
  const raw = () => server.frames.flatMap((frame) => (frame.action === "event" ? [frame.event] : []));
  while (raw().length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  return raw();
}

export async function typed(count: number): Promise<{ id: string; text: string }[]> {
  const said = () => server.frames.flatMap((frame) => (frame.action === "say" ? [frame] : []));
  while (said().length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  return said();
}

export const GREETED = { event_type: "conversation.stopped_speaking", seq: 1, properties: { role: "replica" } };
export const UTTERANCE = {
  message_type: "conversation",
  event_type: "conversation.utterance.streaming",
  conversation_id: "c-1",
  seq: 1,
  inference_id: "i",
  properties: { role: "replica", speech: "Welcome to Acme.", final: true },
};

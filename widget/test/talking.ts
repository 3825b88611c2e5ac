/** A conversation by voice at a server that keeps our contract, and the browser's border that it is heard through. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock } from "node:test";
import { Conversation } from "../src/conversation";
import type { State } from "../src/state";
import { border, letMicrophone, putPeers, type TestMicrophone, type TestPeer } from "./peer";
import { ContractServer, PROFILE } from "./server";
import { soon } from "./waiting";

export let server: ContractServer;
export let conversation: Conversation;
export let microphone: TestMicrophone;

beforeEach(async () => {
  putPeers();
  microphone = letMicrophone();
  server = new ContractServer();
  server.profile = { ...PROFILE, modes: ["text", "tts", "voice"] };
  conversation = new Conversation("acme", await server.start(), () => undefined);
  await conversation.start();
});
afterEach(async () => {
  mock.timers.reset();
  conversation.destroy();
  await server.stop();
});

export const until = (holds: (state: State) => boolean) => soon(conversation, holds);

export async function seen<T>(read: () => T | undefined): Promise<T> {
  for (;;) {
    const found = read();
    if (found !== undefined) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export const peer = (): TestPeer => {
  const last = border.peers.at(-1);
  assert.ok(last, "no peer connection was made");
  return last;
};
export const say = (...events: object[]) => peer().channel?.say(...events);
export const notices = () => conversation.state.items.flatMap((item) => (item.kind === "notice" ? [item.text] : []));
export const creates = () => server.seen.filter(({ request, body }) => request === "POST /api/session" && body.mode === "voice");
export const said = () =>
  conversation.state.items.flatMap((item): [string, string][] =>
    item.kind === "visitor"
      ? [["visitor", item.text]]
      : item.kind === "assistant"
        ? [["assistant", item.answer.text]]
        : [],
  );

export async function talk(): Promise<void> {
  conversation.setMode("voice");
  await conversation.agree();
  assert.equal(conversation.state.call?.phase, "live", notices().join());
  await until((state) => state.relay === "ready");
}

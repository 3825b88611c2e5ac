/** A written conversation with the imitated server: a new one for each test. */

import { afterEach, beforeEach } from "node:test";
import { Conversation } from "../src/conversation";
import type { Item, State } from "../src/state";
import { ContractServer } from "./server";
import { soon } from "./waiting";

export let server: ContractServer;
export let conversation: Conversation;
/** What the page was told. */
export let events: [string, object][];

beforeEach(async () => {
  server = new ContractServer();
  events = [];
  conversation = new Conversation("acme", await server.start(), (name, detail) => events.push([name, detail]));
});
afterEach(async () => {
  conversation.destroy();
  await server.stop();
});

export const until = (holds: (state: State) => boolean) => soon(conversation, holds);

export function items<K extends Item["kind"]>(kind: K): Extract<Item, { kind: K }>[] {
  return conversation.state.items.filter((item): item is Extract<Item, { kind: K }> => item.kind === kind);
}

/** How many conversations were opened. */
export function opened(): number {
  return server.requests().filter((request) => request === "POST /api/session").length;
}

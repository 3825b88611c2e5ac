import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { Conversation } from "../src/conversation";
import { ContractServer } from "./server";

const FORM = /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/;

let server: ContractServer;
let conversation: Conversation;

beforeEach(async () => {
  server = new ContractServer();
  conversation = new Conversation("acme", await server.start(), () => {});
});
afterEach(async () => {
  conversation.destroy();
  await server.stop();
});

test("each thing a visitor does is a trace of its own, in requests and in frames", async () => {
  await conversation.start();

  await conversation.ask("What does it cost?");
  await conversation.ask("And for two?");

  const asked = server.traces.filter((trace) => trace !== undefined);
  const traces = [server.last("POST /api/session").headers["traceparent"], ...asked].map(String);
  assert.equal(traces.length, 3);
  for (const trace of traces) assert.match(trace, FORM);
  assert.equal(new Set(traces.map((trace) => trace.slice(3, 35))).size, 3);
});

test("what a browser may ask without leave stays so", async () => {
  await conversation.start();

  assert.equal(server.last("GET /api/widget/acme").headers["traceparent"], undefined);
});

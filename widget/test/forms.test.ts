import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import type { ConfirmCard } from "../src/contract";
import { Conversation } from "../src/conversation";
import type { Item, State } from "../src/state";
import { ANSWER, ContractServer, PROFILE } from "./server";
import { soon } from "./waiting";

let server: ContractServer;
let conversation: Conversation;
let events: [string, object][];

beforeEach(async () => {
  server = new ContractServer();
  server.profile = { ...PROFILE, modes: ["text"] };
  events = [];
  conversation = new Conversation("acme", await server.start(), (name, detail) => events.push([name, detail]));
  await conversation.start();
});
afterEach(async () => {
  mock.timers.reset();
  conversation.destroy();
  await server.stop();
});

const until = (holds: (state: State) => boolean) => soon(conversation, holds);

function items<K extends Item["kind"]>(kind: K): Extract<Item, { kind: K }>[] {
  return conversation.state.items.filter((item): item is Extract<Item, { kind: K }> => item.kind === kind);
}

const CARD: ConfirmCard = {
  kind: "confirm",
  confirmationId: "c-1",
  tool: "log_lead",
  title: "Your contact details",
  fields: [{ name: "email", label: "E-mail", value: "ada@acme.example", kind: "email", required: true }],
  note: "",
};
const LEAD = { kind: "lead", name: "Ada", email: "ada@acme.example", company: null } as const;
const status = () => conversation.state.confirmations["c-1"]?.status;
const posts = (door: string) => server.seen.filter(({ request }) => request === door);

async function asked(): Promise<void> {
  server.onAsk = (id) => server.say({ type: "done", id, answer: { ...ANSWER, actions: [CARD] } });
  await conversation.ask("Please call me");
}

test("the visitor's word goes over the relay with the corrected values, and what was written down is shown", async () => {
  await asked();
  server.onConfirm = (id) =>
    server.say({ type: "confirmed", id, accepted: true, cards: [LEAD], message: "Thank you, Ada." });

  await conversation.confirm(CARD, true, { email: "ada@acme.example" });

  assert.deepEqual(server.frames.at(-1), {
    action: "confirm",
    id: "c-1",
    accept: true,
    values: { email: "ada@acme.example" },
  });
  assert.equal(status(), "confirmed");
  const { text, actions } = items("assistant").at(-1)?.answer ?? ANSWER;
  assert.deepEqual([text, actions], ["Thank you, Ada.", [LEAD]]);
  assert.deepEqual(events.filter(([name]) => name === "lead-captured").length, 1);
});

test("not now sends no values and closes the card", async () => {
  await asked();
  server.onConfirm = (id) => server.say({ type: "confirmed", id, accepted: false, cards: [], message: "Alright." });

  await conversation.confirm(CARD, false, { email: "ada@acme.example" });

  assert.deepEqual(server.frames.at(-1), { action: "confirm", id: "c-1", accept: false });
  assert.equal(status(), "declined");
});

test("a value that the server refuses is named, and the card stays open", async () => {
  await asked();
  server.onConfirm = (id) =>
    server.say({ type: "error", id, error: { code: "invalid_arguments", message: "'email' is not an address" } });

  await conversation.confirm(CARD, true, { email: "ada" });

  const confirmation = conversation.state.confirmations["c-1"];
  assert.deepEqual([confirmation?.status, confirmation?.wrong], ["open", "email"]);
  assert.match(confirmation?.error ?? "", /cannot be used/);
});

test("without a socket, and when the relay is silent, the same word goes over HTTP", async () => {
  await asked();
  server.outcomes = [{ success: true, result: { say: "Thank you." }, cards: [LEAD] }];
  mock.timers.enable({ apis: ["setTimeout"] });

  const answered = conversation.confirm(CARD, true, { email: "ada@acme.example" });
  mock.timers.tick(6_000);
  mock.timers.reset();
  await answered;

  assert.deepEqual(posts("POST /api/tool/confirmation")[0]?.body, {
    confirmationId: "c-1",
    accept: true,
    values: { email: "ada@acme.example" },
  });
  assert.equal(status(), "confirmed");
  server.say({ type: "confirmed", id: "c-1", accepted: true, cards: [LEAD], message: "Thank you." });
  await conversation.ask("And?");
  assert.equal(items("assistant").filter(({ answer }) => answer.text === "Thank you.").length, 1);
});

test("a word given twice is sent once", async () => {
  await asked();
  server.onConfirm = (id) => server.say({ type: "confirmed", id, accepted: true, cards: [], message: "" });

  await Promise.all([conversation.confirm(CARD, true, {}), conversation.confirm(CARD, true, {})]);
  await conversation.confirm(CARD, false, {});

  assert.equal(server.frames.filter(({ action }) => action === "confirm").length, 1);
});

test("a form that the server has forgotten is closed", async () => {
  await asked();
  server.onConfirm = (id) => server.say({ type: "error", id, error: { code: "confirmation_not_found", message: "gone" } });

  await conversation.confirm(CARD, true, {});

  assert.equal(status(), "expired");
});

const DOWN = { status: 503, code: "internal_error", message: "Down" };
const LETTER = { name: "Ada", email: "ada@acme.example", message: "What does it cost?" };

test("when no question can be answered the visitor may leave a message, which becomes a confirmed lead", async () => {
  server.refusals.set("POST /api/session", { ...DOWN, times: 1 });
  await conversation.ask("What does it cost?");
  assert.equal(items("failure").length, 1);
  assert.equal(items("letter")[0]?.status, "open");
  server.outcomes = [
    { success: true, result: {}, cards: [CARD] },
    { success: true, result: { say: "Thank you." }, cards: [LEAD] },
  ];

  conversation.sendLetter(LETTER);
  await until(() => items("letter")[0]?.status === "sent");

  const { companyId, name, arguments: given } = server.last("POST /api/tavus/tool").body;
  assert.deepEqual([companyId, name, given], ["acme", "log_lead", LETTER]);
  assert.deepEqual(server.last("POST /api/tool/confirmation").body, { confirmationId: "c-1", accept: true, values: LETTER });
  assert.equal(events.filter(([event]) => event === "lead-captured").length, 1);
});

test("a message written while the server is away is kept and sent when it is back, once", async () => {
  server.refusals.set("POST /api/session", DOWN);
  await conversation.ask("What does it cost?");
  server.outcomes = [{ success: true, result: {}, cards: [LEAD] }];
  conversation.sendLetter(LETTER);
  await until(() => items("letter")[0]?.status === "waiting");

  server.refusals.clear();
  conversation.setOnline(false);
  conversation.setOnline(true);
  await until(() => items("letter")[0]?.status === "sent");

  assert.equal(posts("POST /api/tavus/tool").length, 1);
});

test("one letter lies open however many questions fail, and a refused address can be corrected", async () => {
  server.refusals.set("POST /api/session", { ...DOWN, times: 2 });
  await conversation.ask("One?");
  await conversation.ask("Two?");
  assert.equal(items("letter").length, 1);
  server.refusals.set("POST /api/tavus/tool", { status: 422, code: "invalid_arguments", message: "'email' is wrong" });

  conversation.sendLetter({ ...LETTER, email: "ada@acme" });
  await until(() => items("letter")[0]?.wrong === "email");

  assert.equal(items("letter")[0]?.status, "open");
});

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { Conversation } from "../src/conversation";
import { sentences, spokenLanguage } from "../src/spoken";
import type { State } from "../src/state";
import { tagOf } from "../src/tongue";
import { ContractServer } from "./server";
import { soon } from "./waiting";

/** The browser's player and voice, which end when the test says so. */
class TestAudio {
  static last: TestAudio | null = null;
  src = "";
  paused = true;
  onended: (() => void) | null = null;
  onerror: (() => void) | null = null;
  constructor() {
    TestAudio.last = this;
  }
  async play() {
    if (refused) throw new DOMException("no", "NotAllowedError");
    this.paused = false;
    if (this.onended) played += 1;
  }
  pause() {
    this.paused = true;
  }
}

let server: ContractServer;
let conversation: Conversation;
let played: number;
let refused: boolean;
let uttered: { text: string; lang?: string; onend?: () => void }[];

beforeEach(async () => {
  [played, refused, uttered] = [0, false, []];
  Object.assign(globalThis, { Audio: TestAudio, SpeechSynthesisUtterance: undefined, speechSynthesis: undefined });
  server = new ContractServer();
  conversation = new Conversation("acme", await server.start(), () => undefined);
  await conversation.start();
  conversation.setMode("tts");
});
afterEach(async () => {
  conversation.destroy();
  await server.stop();
});

const until = (holds: (state: State) => boolean) => soon(conversation, holds);

async function seen<T>(read: () => T | undefined | false): Promise<T> {
  for (;;) {
    const found = read();
    if (found) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const spoken = () => server.seen.flatMap(({ request, body }) => (request === "POST /api/speech" ? [String(body.text)] : []));
const ended = () => TestAudio.last?.onended?.();
const ONE = "The Growth plan costs $49 a month [1]. ";
const TWO = "It is billed for each store you have. ";
const THREE = "Larger chains pay less for every store.";

function streaming(...texts: string[]): void {
  server.onAsk = (id) => texts.forEach((text, index) => server.say({ type: "delta", id, index, text }));
}

function letVoice(): void {
  Object.assign(globalThis, {
    SpeechSynthesisUtterance: class {
      onstart?: () => void;
      onend?: () => void;
      constructor(readonly text: string) {}
    },
    speechSynthesis: {
      speaking: false,
      cancel: () => undefined,
      speak: (utterance: { text: string }) => utterance.text && uttered.push(utterance),
    },
  });
}

test("the question says that its answer will be read aloud", async () => {
  await conversation.ask("Price?");

  assert.equal(server.frames.find((frame) => frame.action === "ask")?.mode, "tts");
});

test("the first sentence is spoken while the rest still streams, and one sentence is fetched ahead", async () => {
  streaming(ONE, TWO, THREE);
  const asked = conversation.ask("Price?");

  await seen(() => played === 1 && spoken().length === 2);
  assert.deepEqual(spoken().sort(), ["It is billed for each store you have.", "The Growth plan costs $49 a month."]);
  assert.equal(conversation.state.reading.turn, conversation.state.answering);

  const id = conversation.state.answering ?? "";
  server.say({ type: "done", id, answer: { text: ONE + TWO + THREE, citations: [], shown: [], actions: [], grounded: true } });
  await asked;
  ended();
  await seen(() => played === 2);
  ended();
  await seen(() => played === 3);
  ended();
  await until((state) => state.reading.turn === null);
  assert.equal(spoken().length, 3);
});

for (const [name, act] of [
  ["begins to type", () => conversation.reading.hush()],
  ["presses stop", () => conversation.stop()],
  ["mutes", () => conversation.reading.toggle()],
  ["goes to another mode", () => conversation.setMode("text")],
] as const) {
  test(`it is quiet at once when the visitor ${name}`, async () => {
    streaming(ONE, TWO, THREE);
    void conversation.ask("Price?");
    await seen(() => played === 1);

    act();
    const fetched = spoken().length;
    await new Promise((resolve) => setTimeout(resolve, 30));

    assert.equal(TestAudio.last?.paused, true);
    assert.equal(conversation.state.reading.turn, null);
    assert.equal(spoken().length, fetched);
    assert.equal(played, 1);
  });
}

test("an answer can be heard again from its beginning", async () => {
  await conversation.ask("Price?");
  const [answer] = conversation.state.items.filter((item) => item.kind === "assistant");
  await seen(() => played === 1);
  ended();
  await until((state) => state.reading.turn === null);

  conversation.reading.read(answer?.id ?? "");
  await seen(() => played === 2);

  assert.deepEqual(spoken(), ["From $49 a month.", "From $49 a month."]);
});

test("without our service the browser's own voice reads on", async () => {
  letVoice();
  server.refusals.set("POST /api/speech", { status: 502, code: "vendor_failed", message: "Polly failed" });

  await conversation.ask("Price?");
  await seen(() => uttered.length === 1);
  uttered[0]?.onend?.();
  await until((state) => state.reading.turn === null);

  assert.deepEqual(uttered.map(({ text }) => text), ["From $49 a month."]);
  assert.equal(conversation.state.mode, "tts");
});

test("a voice that has not begun yet is taken back as well", async () => {
  letVoice();
  let cancelled = 0;
  Object.assign(speechSynthesis, { pending: true, cancel: () => (cancelled += 1) });
  server.refusals.set("POST /api/speech", { status: 502, code: "vendor_failed", message: "Polly failed" });
  await conversation.ask("Price?");
  await seen(() => uttered.length === 1);

  conversation.stop();

  assert.ok(cancelled > 0);
});

test("each sentence is read in its own language, whatever the browser prefers", async () => {
  letVoice();
  server.profile = { ...server.profile, languages: ["en-GB", "de", "fr"] };
  conversation.destroy();
  conversation = new Conversation("acme", server.url, () => undefined);
  await conversation.start();
  conversation.setMode("tts");
  server.refusals.set("POST /api/speech", { status: 502, code: "speech_unavailable", message: "Polly failed" });
  const text = "Gern geschehen, Frau Müller! Dazu steht in unserem Material das hier:\n\nThe Growth plan is billed for each store. 49 $ ××××××××××××××××××××××.";
  server.onAsk = (id) =>
    server.say({ type: "done", id, answer: { text, citations: [], shown: [], actions: [], grounded: true } });

  void conversation.ask("Was kostet das für 200 Filialen?");
  for (let said = 1; said <= 4; said += 1) {
    await seen(() => uttered.length === said);
    uttered[said - 1]?.onend?.();
  }

  assert.deepEqual(uttered.map(({ text, lang }) => [lang, text.slice(0, 12)]), [
    ["de", "Gern gescheh"],
    ["de", "Dazu steht i"],
    ["en-GB", "The Growth p"],
    ["en-GB", "49 $ ×××××××"],
  ]);
  const asked = server.seen.flatMap(({ request, body }) => (request === "POST /api/speech" ? [body.language] : []));
  assert.equal(asked[0], "de");
});

test("a text's language is told by its script or its smallest words, or not at all", () => {
  assert.equal(tagOf("Le plan Growth coûte 49 $ par mois et par magasin.", ["en", "fr-CA"]), "fr-CA");
  assert.equal(tagOf("El plan cuesta 49 dólares al mes por tienda.", ["en"]), "es");
  assert.equal(tagOf("Growth プランは月額49ドルです。", ["en", "ja"]), "ja");
  assert.equal(tagOf("План коштує 49 доларів.", ["en", "uk"]), "uk");
  assert.equal(tagOf("Büyüme planı her mağaza için ayda 49 dolar olur.", ["en", "tr"]), "tr");
  assert.equal(tagOf("成长计划每月49美元。", ["zh-CN"]), "zh-CN");
  assert.equal(tagOf("Growth: $49", ["en", "de"]), null);
});

test("a page that forbids sound is read to by the browser's own voice", async () => {
  letVoice();
  refused = true;

  await conversation.ask("Price?");

  await seen(() => uttered.length === 1);
});

test("with no voice at all the conversation goes on in text, and says so once", async () => {
  server.refusals.set("POST /api/speech", { status: 502, code: "vendor_failed", message: "Polly failed" });

  await conversation.ask("Price?");
  await until((state) => state.mode === "text");

  const notices = conversation.state.items.flatMap((item) => (item.kind === "notice" ? [item.text] : []));
  assert.deepEqual(notices, ["Reading aloud is not available just now. We go on in text."]);
});

test("marks, numbers of sources, addresses and code are not read aloud", () => {
  const text = "## Prices\n\n**Growth** costs _$49_ a month [1, 2], see https://acme.example/p or [our page](https://acme.example).\n\n```\nx = 1\n```\n\n1. First step of it\n2. Second step of it";

  assert.deepEqual(sentences(text, false, "en"), [
    "Prices. Growth costs $49 a month, see or our page.",
    "First step of it. Second step of it.",
  ]);
});

test("sentences are cut where one ends, not at an abbreviation or inside a number", () => {
  const text = "We met Dr. Miller at approx. 9.30 in the morning. It was a pleasure for everyone! Was it not so for you?";

  assert.deepEqual(sentences(text, false, "en"), [
    "We met Dr. Miller at approx. 9.30 in the morning.",
    "It was a pleasure for everyone!",
    "Was it not so for you?",
  ]);
});

test("a growing text gives only what is certain, and the same pieces in the end", () => {
  const whole = ONE + TWO + THREE;
  const last = sentences(whole, false, "en");

  for (let size = 0; size <= whole.length; size += 1) {
    const known = sentences(whole.slice(0, size), true, "en");
    assert.deepEqual(known, last.slice(0, known.length));
  }
});

test("a sentence too long for some voices is cut at a comma", () => {
  const long = `${"and a part of it that goes on, ".repeat(12)}and its end.`;

  const pieces = sentences(long, false, "en");

  assert.ok(pieces.every((piece) => piece.length <= 220));
  assert.equal(pieces.join(" "), long);
});

test("it speaks the company's language that the visitor prefers", () => {
  assert.equal(spokenLanguage(["en", "de"], ["de-AT", "en"]), "de");
  assert.equal(spokenLanguage(["en", "de"], ["fr"]), "en");
  assert.equal(spokenLanguage([], ["fr"]), "en");
});

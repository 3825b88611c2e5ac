import assert from "node:assert/strict";
import { test } from "node:test";
import { PROFILE } from "./server";
import { conversation, items, server, until } from "./writing";

test("opening asks for the public profile and nothing else", async () => {
  await conversation.start();

  assert.deepEqual(server.requests(), ["GET /api/widget/acme"]);
});

test("for a company that does not exist the assistant has no place on the page", async () => {
  server.refusals.set("GET /api/widget/acme", { status: 404, code: "company_not_found", message: "Company 'acme' …" });

  await conversation.start();

  assert.equal(conversation.state.refused, "company");
});

test("a website that the company does not allow is told so, without another try", async () => {
  server.refusals.set("POST /api/session", { status: 403, code: "origin_not_allowed", message: "add it to allowedOrigins" });
  await conversation.start();

  await conversation.ask("Price?");

  assert.equal(conversation.state.refused, "site");
  assert.match(items("failure")[0]?.message ?? "", /does not work on this website/);
  assert.equal(items("failure")[0]?.again, false);
});

test("a profile that could not be fetched is fetched as soon as the network is back", async () => {
  server.refusals.set("GET /api/widget/acme", "cut");
  conversation.setOnline(false);
  await conversation.start();
  assert.match(conversation.state.profileError ?? "", /cannot be reached/);

  server.refusals.clear();
  conversation.setOnline(true);

  await until((state) => state.profile !== null);
  assert.equal(conversation.state.profileError, null);
});

test("a profile that the server failed to give can be asked for again", async () => {
  server.refusals.set("GET /api/widget/acme", { status: 500, code: "internal_error", message: "Something failed" });
  await conversation.start();
  assert.equal(conversation.state.profileError, "Something went wrong. Please try again.");

  server.refusals.clear();
  await conversation.start();

  assert.equal(conversation.state.profileError, null);
  assert.equal(conversation.state.profile?.displayName, "Acme");
});

test("a profile that breaks off within its own words counts as not fetched", async () => {
  server.refusals.set("GET /api/widget/acme", "cut in the answer");

  await conversation.start();

  assert.match(conversation.state.profileError ?? "", /cannot be reached/);
});

test("who starts it twice asks for the profile once, and the last wish for a mode counts", async () => {
  await Promise.all([conversation.start("text"), conversation.start("tts")]);

  assert.deepEqual(server.requests(), ["GET /api/widget/acme"]);
  assert.equal(conversation.state.mode, "tts");
});

test("a wish for a mode outlives a profile that did not come", async () => {
  server.refusals.set("GET /api/widget/acme", "cut");
  await conversation.start("tts");
  server.refusals.clear();

  await conversation.start();

  assert.equal(conversation.state.mode, "tts");
});

test("a mode that the company does not offer cannot be chosen", async () => {
  server.profile = { ...PROFILE, modes: ["text", "voice"] };
  await conversation.start();

  conversation.setMode("video");

  assert.equal(conversation.state.mode, "text");
  assert.equal(conversation.state.call, null);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError } from "../src/api";
import type { Mode } from "../src/contract";
import { en } from "../src/languages/en";
import { announcement, below } from "../src/ladder";
import { PROFILE } from "./server";

const ALL: Mode[] = ["text", "tts", "voice", "video"];
const busy = new ApiError("avatar_busy", "", 429);

function next(mode: Mode, failure: unknown, { modes = ALL, offline = false, heard = true } = {}): Mode {
  return below(mode, failure, { profile: { ...PROFILE, modes }, offline, heard });
}

test("each mode falls to the next one below that the company offers", () => {
  assert.equal(next("video", busy), "voice");
  assert.equal(next("voice", busy), "tts");
  assert.equal(next("tts", busy), "text");
  assert.equal(next("video", busy, { modes: ["text", "video"] }), "text");
});

test("without a microphone nobody is put into a voice call", () => {
  assert.equal(next("video", busy, { heard: false }), "tts");
});

test("trouble that every mode would meet leads straight to text", () => {
  assert.equal(next("video", busy, { offline: true }), "text");
  assert.equal(next("video", new ApiError("network", "")), "text");
  assert.equal(next("voice", new ApiError("internal_error", "", 500)), "tts");
});

test("the ladder only leads down, so it ends", () => {
  for (const start of ALL) {
    const steps: Mode[] = [start];
    while (steps.at(-1) !== "text") steps.push(next(steps.at(-1) ?? "text", busy));
    assert.equal(new Set(steps).size, steps.length);
  }
});

test("the visitor hears what happened and how it goes on", () => {
  assert.equal(
    announcement(busy, "voice", en),
    "The video assistant is talking with somebody else. We go on by voice.",
  );
});

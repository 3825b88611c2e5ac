import assert from "node:assert/strict";
import { test } from "node:test";
import type { Citation } from "../src/contract";
import { withoutTwins } from "../src/view/SourceChips";

const citation = (number: number, label: string, url: string): Citation => ({
  number,
  title: "Plans",
  label,
  url,
  modality: "text",
  snippet: "",
  chunkId: `c-${number}`,
});

test("of several sources with one address the first stays, and the order too", () => {
  const sources = [citation(1, "Growth", "/plans#growth"), citation(2, "Terms", "/terms"), citation(3, "Growth", "/plans#growth")];

  assert.deepEqual(
    withoutTwins(sources).map(({ number }) => number),
    [1, 2],
  );
});

test("sources without an address are told apart by their words", () => {
  assert.equal(withoutTwins([citation(1, "p. 1", ""), citation(2, "p. 2", ""), citation(3, "p. 2", "")]).length, 2);
});

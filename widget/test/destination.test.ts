import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Citation } from "../src/contract";
import { destinationsOf, linksTo } from "../src/destination";
import { parseMarkdown, plainText } from "../src/markdown";
import { PROFILE } from "./server";

/** The server's suite reads the same (`tests/test_destination.py`). */
const CASES = JSON.parse(readFileSync("../tests/data/destinations.json", "utf8")) as {
  hosts: string[];
  pages: string[];
  home: [why: string, address: string][];
  elsewhere: [why: string, address: string][];
};
const BASE = "https://sdr.example";

test("an address of the company's leads home", () => {
  const link = linksTo(CASES);

  for (const [why, address] of CASES.home) assert.notEqual(link(address), "", `${why}: ${address}`);
});

test("any other leads nowhere, however it is written", () => {
  const link = linksTo(CASES);

  for (const [why, address] of CASES.elsewhere) assert.equal(link(address), "", `${why}: ${address}`);
  for (const none of ["https://", "https://[", `https://acme.example/${"x".repeat(3000)}`, null, undefined]) assert.equal(link(none), "");
});

test("a refused address leaves its words and its host, and no node to press", () => {
  const blocks = parseMarkdown("See [our **guide**](https://evil.example/x?d=1) or https://evil.example/y", false, linksTo(CASES));

  assert.doesNotMatch(JSON.stringify(blocks), /"link"/);
  assert.match(JSON.stringify(blocks), /evil\.example\)/);
  assert.equal(plainText("![x](https://evil.example/p.png)").includes("<"), false);
});

test("the website that the widget stands on is the company's, without being named", () => {
  const on = (page: string) => linksTo(destinationsOf(PROFILE, [], page, BASE));

  assert.notEqual(on("https://www.shop.example/cart?x=1")("https://shop.example/returns"), "");
  assert.equal(on("https://acme.example/")("https://shop.example/returns"), "");
  assert.notEqual(on("about:srcdoc")("https://acme.example/"), "");
});

test("on the server's own pages, which belong to many companies, only the company's are", () => {
  const link = linksTo(destinationsOf(PROFILE, [], `${BASE}/widget/acme`, BASE));

  assert.equal(link(`${BASE}/widget/globex`), "");
});

test("the pages that an answer cites count with their path", () => {
  const cited: Citation = { number: 1, title: "t", label: "", url: "https://wiki.example/acme/prices", modality: "text", snippet: "", chunkId: "c" };
  const link = linksTo(destinationsOf(PROFILE, [cited], "https://acme.example/", BASE));

  assert.notEqual(link("https://wiki.example/acme/prices"), "");
  assert.equal(link("https://wiki.example/attacker"), "");
});

test("a profile of an older server names no pages", () => {
  const { linkPages: _, ...older } = PROFILE;

  assert.notEqual(linksTo(destinationsOf(older as typeof PROFILE, [], "https://x.example/", BASE))("https://acme.example/"), "");
});

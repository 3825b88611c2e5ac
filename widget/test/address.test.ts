import assert from "node:assert/strict";
import { test } from "node:test";
import { hostOf, linkAddress, linksTo, mediaAddress, Reach, safeAnswer } from "../src/address";
import type { PublicProfile } from "../src/contract";
import { parseMarkdown, plainText } from "../src/markdown";

const BASE = "https://sdr.example";

test("addresses of our own are made absolute", () => {
  assert.equal(mediaAddress("/media/acme/a.png", BASE), "https://sdr.example/media/acme/a.png");
});

test("links may be mail and telephone, media may not", () => {
  assert.equal(linkAddress("mailto:sales@acme.example"), "mailto:sales@acme.example");
  assert.equal(mediaAddress("mailto:sales@acme.example"), "");
});

test("no script and no data leaves an answer as an address", () => {
  const bad = "javascript:alert(1)";
  const answer = safeAnswer(
    {
      text: "",
      citations: [{ number: 1, title: "t", label: "", url: bad, modality: "text", snippet: "", chunkId: "c" }],
      shown: [
        { kind: "image", title: "", url: "data:text/html,x", alt: "", caption: "", sourceUrl: bad, width: null, height: null, chunkId: "c" },
        { kind: "clip", title: "", url: bad, caption: "", start: 0, poster: bad, captionsUrl: bad, end: null, chunkId: "c" },
      ],
      actions: [{ kind: "meeting", title: "", url: bad }],
      grounded: true,
    },
    new Reach(BASE),
  );

  assert.doesNotMatch(JSON.stringify(answer), /javascript|data:text/);
});

test("a host is named without www", () => {
  assert.equal(hostOf("https://www.cal.example/x"), "cal.example");
  assert.equal(hostOf("not an address"), "");
});

const HOSTS = ["acme.example", "cal.com"];

test("a text leads to the company's hosts and to those below them", () => {
  const link = linksTo(HOSTS);

  for (const address of ["https://acme.example/a", "http://docs.acme.example:8080/", "https://CAL.com/acme", "mailto:sales@acme.example"])
    assert.notEqual(link(address), "", address);
});

test("a text leads nowhere else, however the address is written", () => {
  const link = linksTo(HOSTS);

  for (const address of [
    "https://evil.example/", "https://notacme.example/", "https://acme.example.evil.example/", "https://acme.example@evil.example/",
    "https:\\\\evil.example", "//evil.example/", "https:/evil.example/", "javascript:alert(1)", "tel:+1900123", "mailto:a@evil.example",
    "mailto:sales@acme.example?body=secret", "https://a:b@acme.example/", "ftp://acme.example/", "data:text/html,x", "", undefined,
  ])
    assert.equal(link(address), "", address);
});

test("a refused address leaves its words and its host, and no node to press", () => {
  const blocks = parseMarkdown("See [our **guide**](https://evil.example/x?d=1) or https://evil.example/y", false, linksTo(HOSTS));

  assert.doesNotMatch(JSON.stringify(blocks), /"link"/);
  assert.match(JSON.stringify(blocks), /evil\.example\)/);
  assert.equal(plainText("![x](https://evil.example/p.png)").includes("<"), false);
});

test("pictures and clips come from our own host and from those that the company named", () => {
  const reach = new Reach(BASE);

  assert.equal(reach.media("/media/acme/a.png"), "https://sdr.example/media/acme/a.png");
  assert.equal(reach.media("https://cdn.example/logo.png"), "");
  reach.learn({ mediaHosts: ["cdn.example"] } as unknown as PublicProfile);
  assert.equal(reach.media("https://cdn.example/logo.png"), "https://cdn.example/logo.png");
  for (const address of ["https://sub.cdn.example/x", "https://evil.example/p?d=1", "https://sdr.example:8443/x", "data:image/png,x", "https://sdr.example@evil.example/"])
    assert.equal(reach.media(address), "", address);
});

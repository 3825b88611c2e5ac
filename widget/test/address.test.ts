import assert from "node:assert/strict";
import { test } from "node:test";
import { hostOf, linkAddress, mediaAddress, Reach, safeAnswer } from "../src/address";
import type { PublicProfile } from "../src/contract";

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

test("pictures and clips come from our own host and from those that the company named", () => {
  const reach = new Reach(BASE);

  assert.equal(reach.media("/media/acme/a.png"), "https://sdr.example/media/acme/a.png");
  assert.equal(reach.media("https://cdn.example/logo.png"), "");
  reach.learn({ mediaHosts: ["cdn.example"] } as unknown as PublicProfile);
  assert.equal(reach.media("https://cdn.example/logo.png"), "https://cdn.example/logo.png");
  for (const address of ["https://sub.cdn.example/x", "https://evil.example/p?d=1", "https://sdr.example:8443/x", "data:image/png,x", "https://sdr.example@evil.example/"])
    assert.equal(reach.media(address), "", address);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { asShape, asText, contrast, onColor, tint } from "../src/color";

const BRANDS = [
  [198, 242, 78],
  [59, 91, 253],
  [255, 255, 255],
  [0, 0, 0],
  [255, 204, 0],
  [15, 118, 110],
  [128, 128, 128],
  [124, 122, 119],
  [235, 64, 52],
] as const;
const SURFACES = [
  [246, 247, 249],
  [29, 32, 39],
] as const;

function rgb(css: string): [number, number, number] {
  return (css.match(/\d+/g) ?? []).map(Number) as [number, number, number];
}

test("every brand colour is readable as text on light and on dark", () => {
  for (const brand of BRANDS) {
    for (const surface of SURFACES) {
      const text = rgb(asText(brand, surface));
      assert.ok(contrast(text, surface) >= 4.5, `${brand} on ${surface}`);
      assert.ok(contrast(text, tint(brand, surface)) >= 4.5, `${brand} on a tint of ${surface}`);
    }
  }
});

test("no shape of a brand colour vanishes in its surface, and one that stands out is left alone", () => {
  for (const brand of BRANDS) {
    for (const surface of SURFACES) assert.ok(contrast(asShape(brand, surface), surface) >= 1.25, `${brand} on ${surface}`);
  }
  assert.deepEqual(asShape([59, 91, 253], SURFACES[0]), [59, 91, 253]);
});

test("text on a brand colour can be read", () => {
  for (const brand of BRANDS) assert.ok(contrast(rgb(onColor(brand)), brand) >= 4.5, String(brand));
});

/** Keeps any brand colour readable: which text goes on it, and which shade of it may be text. */

type Rgb = readonly [number, number, number];

const WHITE: Rgb = [255, 255, 255];
const INK: Rgb = [18, 21, 28];
const BLACK: Rgb = [0, 0, 0];
/** For text of any size (WCAG 1.4.3). */
const READABLE = 4.5;
/** So that a bubble is seen at all; what must be read in it has more. */
const APART = 1.25;

/** Reads any CSS colour by painting one pixel of it. Null when the browser does not know the colour. */
export function readColor(color: string): Rgb | null {
  if (!CSS.supports("color", color)) return null;
  const hex = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color);
  if (hex) return [parseInt(hex[1] ?? "", 16), parseInt(hex[2] ?? "", 16), parseInt(hex[3] ?? "", 16)];
  const pen = new OffscreenCanvas(1, 1).getContext("2d");
  if (!pen) return null;
  pen.fillStyle = color;
  pen.fillRect(0, 0, 1, 1);
  const [red = 0, green = 0, blue = 0] = pen.getImageData(0, 0, 1, 1).data;
  return [red, green, blue];
}

/** The accent itself, or the nearest mix that stands out from the surface: white on white would be no bubble. */
export function asShape(accent: Rgb, surface: Rgb): Rgb {
  const towards = luminance(surface) > 0.4 ? INK : WHITE;
  for (let share = 0; share < 1; share += 0.02) {
    const shade = mix(accent, towards, share);
    if (contrast(shade, surface) >= APART) return shade;
  }
  return towards;
}

/** White where it can be read, else near-black; between the two only black can be. */
export function onColor(accent: Rgb): string {
  return css([WHITE, INK].find((text) => contrast(accent, text) >= READABLE) ?? BLACK);
}

/** The accent itself, or the nearest mix towards ink or white that can be read on the surface and where that is tinted. */
export function asText(accent: Rgb, surface: Rgb): string {
  const towards = luminance(surface) > 0.4 ? INK : WHITE;
  const grounds = [surface, tint(accent, surface)];
  for (let share = 0; share < 1; share += 0.05) {
    const shade = mix(accent, towards, share);
    if (grounds.every((ground) => contrast(shade, ground) >= READABLE)) return css(shade);
  }
  return css(towards);
}

/** `--soft` of the style sheet, and a little more of the accent: it is mixed in another space there. */
export function tint(accent: Rgb, surface: Rgb): Rgb {
  return mix(accent, surface, luminance(surface) > 0.4 ? 0.88 : 0.7);
}

export function contrast(a: Rgb, b: Rgb): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance([red, green, blue]: Rgb): number {
  const linear = (channel: number) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

function mix(a: Rgb, b: Rgb, share: number): Rgb {
  const channel = (i: 0 | 1 | 2) => Math.round(a[i] * (1 - share) + b[i] * share);
  return [channel(0), channel(1), channel(2)];
}

function css(color: Rgb): string {
  return `rgb(${color.join(" ")})`;
}

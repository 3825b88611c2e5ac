/** Keeps any brand colour readable: which text goes on it, and which shade of it may be text. */

type Rgb = readonly [number, number, number];

const WHITE: Rgb = [255, 255, 255];
const INK: Rgb = [18, 21, 28];

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

/** White where it can be read, else near-black. */
export function onColor(accent: Rgb): string {
  return contrast(accent, WHITE) >= 3.6 || contrast(accent, WHITE) >= contrast(accent, INK) ? css(WHITE) : css(INK);
}

/** The accent itself, or the nearest mix towards ink or white that reaches 4.5:1 on the surface. */
export function asText(accent: Rgb, surface: Rgb): string {
  const towards = luminance(surface) > 0.4 ? INK : WHITE;
  for (let share = 0; share < 1; share += 0.05) {
    const shade = mix(accent, towards, share);
    if (contrast(shade, surface) >= 4.5) return css(shade);
  }
  return css(towards);
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

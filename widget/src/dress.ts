/** What the page, else the company, else nobody chose of the looks: brand colour, theme, corner, radius and font. */

import { asShape, asText, onColor, readColor } from "./color";
import type { Branding } from "./contract";

const DEFAULT_ACCENT = "#3b5bfd";
const BLACK = [0, 0, 0] as const;
const ON_LIGHT = [246, 247, 249] as const;
const ON_DARK = [29, 32, 39] as const;

/** The page's attributes may change at any time, the system's theme too, and the company's branding comes later. */
export class Dress {
  readonly sheet = new CSSStyleSheet();
  #branding: Branding | undefined;
  #dark = matchMedia("(prefers-color-scheme: dark)");
  #watcher = new MutationObserver(() => this.#apply());

  constructor(
    private readonly host: HTMLElement,
    private readonly frame: HTMLElement,
    private readonly launcher: HTMLElement,
  ) {
    this.#watcher.observe(host, { attributeFilter: ["theme", "position", "accent", "style", "class"] });
    this.#dark.addEventListener("change", this.#apply);
  }

  /** Once the sheet is adopted, and again when the company's branding is known. */
  put(branding?: Branding): void {
    this.#branding = branding ?? this.#branding;
    this.#apply();
  }

  takeOff(): void {
    this.#watcher.disconnect();
    this.#dark.removeEventListener("change", this.#apply);
  }

  #apply = (): void => {
    const { host, frame, launcher } = this;
    const { accent, font, position, radius, theme } = this.#branding ?? {};
    const wanted = host.getAttribute("theme") ?? theme ?? "auto";
    frame.dataset.theme = wanted === "auto" ? (this.#dark.matches ? "dark" : "light") : wanted;
    frame.dataset.position = launcher.dataset.position = host.getAttribute("position") ?? position ?? "right";
    // Every value is checked by the browser's own CSS parser before it enters the sheet.
    const styled = getComputedStyle(host).getPropertyValue("--ai-sdr-accent").trim();
    const accents = [host.getAttribute("accent"), styled, accent].filter((color) => color && CSS.supports("color", color));
    const rgb = readColor(accents[0] ?? DEFAULT_ACCENT) ?? BLACK;
    const shape = asShape(rgb, frame.dataset.theme === "dark" ? ON_DARK : ON_LIGHT);
    const rules = [
      `--accent:rgb(${shape.join(" ")})`,
      `--on-accent:${onColor(shape)}`,
      `--accent-on-light:${asText(rgb, ON_LIGHT)}`,
      `--accent-on-dark:${asText(rgb, ON_DARK)}`,
    ];
    if (typeof radius === "number") rules.push(`--ai-sdr-radius:${Math.min(32, Math.max(0, radius))}px`);
    if (font && CSS.supports("font-family", font)) rules.push(`--ai-sdr-font:${font}`);
    this.sheet.replaceSync(`:host{${rules.join(";")}}`);
    launcher.style.color = ""; // what the launcher knew before
  };
}

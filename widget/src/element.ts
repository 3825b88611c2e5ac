/** <ai-sdr>: the custom element that a page sees, with its attributes, methods and events. */

import { onColor, readColor } from "./color";
import type { Mode } from "./contract";
import type { Panel, PanelModule, PanelOptions } from "./panel";
import type { EventName } from "./state";
import style from "./view/launcher.css";
import { createLauncher, type Launcher } from "./view/launcher";

type Assets = { origin: string; panel: string };

/** A page may move the element in the document; only a removal that lasts is a goodbye. */
const GRACE_MS = 3_000;
const DEFAULT_ACCENT = "#3b5bfd";

let assets: Assets = { origin: location.origin, panel: new URL("/widget/panel.js", location.origin).href };

/** Chunks stand beside the script: `/embed.js` finds `/widget/panel.js`, `/widget/embed.js` finds `panel.js`. */
export function placeAssets(script: string): void {
  const folder = /\/widget\/[^/]*$/.test(new URL(script).pathname) ? "./" : "./widget/";
  assets = { origin: new URL(script).origin, panel: new URL(`${folder}panel.js`, script).href };
}

export class AiSdr extends HTMLElement {
  static readonly observedAttributes = ["open", "theme", "position", "accent"];

  #frame: HTMLElement | null = null;
  #launcher: Launcher | null = null;
  #brand = new CSSStyleSheet();
  #panel: Promise<Panel> | null = null;
  #goodbye: ReturnType<typeof setTimeout> | undefined;
  #withdrawn = false;
  #dark = matchMedia("(prefers-color-scheme: dark)");
  /** What the company's profile says, once it is known; an attribute of the page wins over it. */
  #remote: { accent?: string; theme?: string; position?: string } = {};

  get opened(): boolean {
    return this.hasAttribute("open");
  }

  open(): void {
    this.setAttribute("open", "");
  }

  close(): void {
    this.removeAttribute("open");
  }

  toggle(): void {
    this.toggleAttribute("open");
  }

  /** Opens the panel too: an answer that nobody can see helps nobody. */
  async send(text: string): Promise<void> {
    if (this.#withdrawn) return;
    this.open();
    (await this.#load()).send(text);
  }

  async setMode(mode: Mode): Promise<void> {
    if (!this.#withdrawn) (await this.#load()).setMode(mode);
  }

  /** Frees microphone, room, socket and DOM. */
  destroy(): void {
    this.#tearDown();
    this.remove();
  }

  /** Answers a function that stops listening. */
  on(name: EventName, listener: (detail: unknown) => void): () => void {
    const type = `ai-sdr:${name}`;
    const heard = (event: Event) => listener((event as CustomEvent).detail);
    this.addEventListener(type, heard);
    this.#heard.push({ type, listener, heard });
    return () => this.off(name, listener);
  }

  off(name: EventName, listener: (detail: unknown) => void): void {
    this.#heard = this.#heard.filter((entry) => {
      const same = entry.type === `ai-sdr:${name}` && entry.listener === listener;
      if (same) this.removeEventListener(entry.type, entry.heard);
      return !same;
    });
  }
  #heard: { type: string; listener: (detail: unknown) => void; heard: (event: Event) => void }[] = [];

  connectedCallback(): void {
    clearTimeout(this.#goodbye);
    if (this.#frame || this.#withdrawn) return;
    this.#draw();
    addEventListener("pagehide", this.#leavePage);
    this.#dark.addEventListener("change", this.#dress);
    if (this.hasAttribute("inline")) this.toggleAttribute("open", true);
    else if (this.opened) void this.#show(false);
  }

  disconnectedCallback(): void {
    this.#goodbye = setTimeout(() => this.#tearDown(), GRACE_MS);
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (!this.#frame) return;
    if (name !== "open") this.#dress();
    else if ((before === null) !== (after === null)) void (after === null ? this.#hide() : this.#show(!this.hasAttribute("inline")));
  }

  #draw(): void {
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    root.adoptedStyleSheets = [this.#brand, sheet];
    this.#frame = document.createElement("div");
    this.#frame.className = "frame";
    this.#launcher = createLauncher({
      press: () => this.open(),
      // The visitor's hand is on its way: the panel's code may come, nothing else.
      approach: () => void import(assets.panel).catch(() => undefined),
    });
    if (!this.hasAttribute("inline")) this.#frame.append(this.#launcher.node);
    root.append(this.#frame);
    this.#dress();
  }

  /** Puts theme, corner and brand colour where the style sheets look for them. */
  #dress = (): void => {
    if (!this.#frame) return;
    const theme = this.getAttribute("theme") ?? this.#remote.theme ?? "auto";
    this.#frame.dataset.theme = theme === "auto" ? (this.#dark.matches ? "dark" : "light") : theme;
    this.#frame.dataset.position = this.getAttribute("position") ?? this.#remote.position ?? "right";
    const accent = [this.getAttribute("accent"), this.#remote.accent, DEFAULT_ACCENT].find((c) => c && readColor(c));
    const own = accent ?? DEFAULT_ACCENT;
    this.#brand.replaceSync(`:host{--ai-sdr-accent:${own}}`);
    // The page's own style sheet may have said otherwise: read what won.
    const won = getComputedStyle(this).getPropertyValue("--ai-sdr-accent").trim() || own;
    const color = readColor(won) ?? readColor(DEFAULT_ACCENT);
    if (color) this.#brand.replaceSync(`:host{--ai-sdr-accent:${own};--on-accent:${onColor(color)}}`);
  };

  #load(): Promise<Panel> {
    this.#panel ??= this.#mount().catch((failure: unknown) => {
      this.#panel = null;
      this.#launcher?.failed();
      this.#emit("error", { code: "load", message: "The assistant could not be loaded." });
      throw failure;
    });
    return this.#panel;
  }

  async #mount(): Promise<Panel> {
    const { mountPanel } = (await import(assets.panel)) as PanelModule;
    const root = this.shadowRoot;
    const frame = this.#frame;
    if (!root || !frame) throw new Error("The element has left the page.");
    const options: PanelOptions = {
      root,
      frame,
      company: this.getAttribute("company") ?? "",
      base: this.getAttribute("api")?.replace(/\/$/, "") ?? assets.origin,
      mode: (this.getAttribute("mode") ?? "text") as Mode, // one that is not offered becomes the company's first
      inline: this.hasAttribute("inline"),
      close: () => this.close(),
      withdraw: () => this.#withdraw(),
      branded: (branding) => {
        this.#remote = branding;
        this.#dress();
      },
      emit: (name, detail) => this.#emit(name, detail),
    };
    return mountPanel(options);
  }

  async #show(focus: boolean): Promise<void> {
    this.#launcher?.busy(true);
    try {
      const panel = await this.#load();
      if (!this.opened) return;
      panel.show(focus);
      this.#launcher?.hide();
      this.#emit("opened", {});
    } catch {
      this.close();
    } finally {
      this.#launcher?.busy(false);
    }
  }

  async #hide(): Promise<void> {
    const panel = await this.#panel?.catch(() => null);
    if (!panel || this.opened) return;
    const focused = this.shadowRoot?.activeElement != null;
    panel.hide();
    this.#launcher?.show(focused);
    this.#emit("closed", {});
  }

  #leavePage = (): void => {
    void this.#panel?.then((panel) => panel.leavePage()).catch(() => undefined);
  };

  /** There is nothing to show here: better no launcher than one that leads nowhere. */
  #withdraw(): void {
    this.#withdrawn = true;
    this.hidden = true;
    this.#tearDown();
    this.close();
  }

  #tearDown(): void {
    clearTimeout(this.#goodbye);
    removeEventListener("pagehide", this.#leavePage);
    this.#dark.removeEventListener("change", this.#dress);
    void this.#panel?.then((panel) => panel.destroy()).catch(() => undefined);
    this.#panel = null;
    this.#launcher = null;
    this.#frame?.remove();
    this.#frame = null;
  }

  #emit(name: EventName, detail: object): void {
    this.dispatchEvent(new CustomEvent(`ai-sdr:${name}`, { bubbles: true, composed: true, detail }));
  }
}

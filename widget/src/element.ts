/** <ai-sdr>: the custom element that a page sees, with its attributes, methods and events. */

import type { Introduction, KnownVisitor, Mode } from "./contract";
import { catchUp } from "./global";
import { home } from "./home";
import { load } from "./load";
import type { Panel, PanelModule } from "./panel";
import type { EventName } from "./state";
import { createLauncher } from "./view/launcher";
import style from "./view/launcher.css";

/** The panel's files; build.mjs writes them. */
declare const PANEL: string;

/** A page may move the element in the document; only a removal that lasts is a goodbye. */
const GRACE_MS = 3_000;

type Listener = (detail: unknown) => void;

/** A listener hears the detail alone; known by the listener, so that `off` finds it. */
const hearings = new WeakMap<Listener, (event: Event) => void>();

function hearing(listener: Listener): (event: Event) => void {
  if (!hearings.has(listener)) hearings.set(listener, (event) => listener((event as CustomEvent).detail));
  return hearings.get(listener)!;
}

export class AiSdr extends HTMLElement {
  static readonly observedAttributes = ["open", "accent"];
  /** Chunks load others with it; seal.mjs writes where. */
  static readonly load = load;

  #launcher = createLauncher(
    () => this.open(),
    // The visitor's hand is on its way: the panel's code may come, nothing else.
    () => this.#with(),
  );
  #panel: Promise<Panel | void> | undefined;
  #told: Introduction = {};
  #goodbye = 0;

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    root.adoptedStyleSheets = [sheet];
    root.append(this.#launcher);
  }

  get opened(): boolean {
    return this.hasAttribute("open");
  }

  open(): void {
    this.toggleAttribute("open", true);
  }

  close(): void {
    this.toggleAttribute("open", false);
  }

  toggle(): void {
    this.toggleAttribute("open");
  }

  /** Brings the launcher back. */
  show(): void {
    this.hidden = false;
  }

  /** Takes the launcher away, and closes the panel; a page with a button of its own calls `open`. */
  hide(): void {
    this.hidden = true;
    this.close();
  }

  identify(visitor: KnownVisitor): void {
    this.#tell({ visitor });
  }

  setContext(context: NonNullable<Introduction["context"]>): void {
    this.#tell({ context });
  }

  /** Opens the panel too: an answer that nobody can see helps nobody. */
  send(text: string): void {
    this.open();
    this.#with((panel) => panel.send(text));
  }

  setMode(mode: Mode): void {
    this.#with((panel) => panel.setMode(mode));
  }

  /** Frees microphone, room, socket and DOM. */
  destroy(): void {
    this.remove();
    this.#tearDown();
  }

  /** Answers a function that stops listening. */
  on(name: EventName, listener: Listener): () => void {
    this.addEventListener(`ai-sdr:${name}`, hearing(listener));
    return () => this.off(name, listener);
  }

  off(name: EventName, listener: Listener): void {
    this.removeEventListener(`ai-sdr:${name}`, hearing(listener));
  }

  connectedCallback(): void {
    clearTimeout(this.#goodbye);
    this.#launcher.ariaLabel = this.getAttribute("label") ?? "Open chat";
    if (this.hasAttribute("inline")) this.open();
    this.#sync();
    catchUp();
  }

  disconnectedCallback(): void {
    this.#goodbye = setTimeout(() => this.#tearDown(), GRACE_MS);
  }

  attributeChangedCallback(name: string, _: string | null, now: string | null): void {
    // What is no colour, the browser ignores.
    if (name === "accent") this.#launcher.style.color = now ?? "";
    else if (this.isConnected) this.#sync();
  }

  /** What is not wanted yet is not loaded. */
  #sync(): void {
    if (this.opened || this.#panel) this.#with();
  }

  #tell(told: Introduction): void {
    Object.assign(this.#told, told);
    if (this.#panel) this.#with((panel) => panel.tell(this.#told));
  }

  #with(act = (panel: Panel) => panel.sync()): void {
    this.#launcher.ariaBusy = "true";
    this.#panel ??= load(PANEL, home).then(
      (chunk) => (chunk as PanelModule).mountPanel(this.#launcher, home, this.#told),
      () => {
        this.#panel = undefined;
        this.close();
        const detail = { code: "load", message: (this.#launcher.title = "Not loaded, try again") };
        this.dispatchEvent(new CustomEvent("ai-sdr:error", { bubbles: true, composed: true, detail }));
      },
    );
    void this.#panel.then((panel) => {
      this.#launcher.ariaBusy = "false";
      if (panel) act(panel);
    });
  }

  #tearDown(): void {
    clearTimeout(this.#goodbye);
    void this.#panel?.then((panel) => panel?.destroy());
    this.#panel = undefined;
  }
}

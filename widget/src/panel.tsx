/** The panel's chunk: everything behind the launcher, loaded when the visitor wants it. */

import { render } from "preact";
import { asText, readColor } from "./color";
import type { Branding, Mode } from "./contract";
import { Conversation } from "./conversation";
import type { Emit } from "./state";
import { focusWithin } from "./view/focus";
import { PanelView } from "./view/Panel";
import { PANEL_STYLE } from "./view/style";

export interface PanelOptions {
  root: ShadowRoot;
  frame: HTMLElement;
  company: string;
  base: string;
  mode: Mode;
  inline: boolean;
  close(): void;
  /** Takes the assistant off this page, because it has no place on it. */
  withdraw(): void;
  branded(branding: { accent?: string; theme?: string; position?: string }): void;
  emit: Emit;
}

export interface Panel {
  /** `focus` when the visitor asked for it; a page that opens it by itself keeps its own focus. */
  show(focus: boolean): void;
  hide(): void;
  send(text: string): void;
  setMode(mode: Mode): void;
  leavePage(): void;
  destroy(): void;
}

export interface PanelModule {
  mountPanel(options: PanelOptions): Panel;
}

export function mountPanel(options: PanelOptions): Panel {
  const { root, frame, company, base, mode, inline, close, withdraw, branded, emit } = options;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(PANEL_STYLE);
  const brand = new CSSStyleSheet();
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet, brand];
  const holder = document.createElement("div");
  holder.className = "holder";
  holder.hidden = true;
  frame.append(holder);
  const stopFitting = fitToKeyboard(holder);

  const conversation = new Conversation(company, base, emit);
  let dressed = false;
  conversation.watch(() => {
    const { profile, refused } = conversation.state;
    if (refused === "company") {
      console.warn(`ai-sdr: removed, because there is no company "${company}". Correct data-company.`);
      withdraw();
    }
    if (!profile || dressed) return;
    dressed = true;
    branded(known(profile.branding));
    brand.replaceSync(brandRules(root.host, profile.branding));
  });
  brand.replaceSync(brandRules(root.host));
  let wanted = mode;
  const network = () => conversation.setOnline(navigator.onLine);
  addEventListener("online", network);
  addEventListener("offline", network);
  network();
  render(<PanelView conversation={conversation} close={close} inline={inline} base={base} />, holder);

  const start = () => {
    void conversation.start(wanted);
  };
  return {
    show: (focus) => {
      holder.hidden = false;
      start();
      const panel = holder.querySelector<HTMLElement>(".panel");
      if (focus && panel) focusWithin(panel);
    },
    hide: () => {
      conversation.leave(); // nobody is left in a call that cannot be seen
      holder.hidden = true;
      if (conversation.state.refused === "site") {
        console.warn(`ai-sdr: removed, because "${company}" does not allow ${location.origin}. Add it to allowedOrigins.`);
        withdraw();
      }
    },
    send: (text) => {
      start();
      void conversation.ask(text);
    },
    setMode: (next) => {
      wanted = next;
      if (conversation.state.profile) conversation.setMode(next);
      else start();
    },
    leavePage: () => conversation.leave(),
    destroy: () => {
      conversation.destroy();
      removeEventListener("online", network);
      removeEventListener("offline", network);
      stopFitting();
      render(null, holder);
      holder.remove();
      root.adoptedStyleSheets = root.adoptedStyleSheets.filter((other) => other !== sheet && other !== brand);
    },
  };
}

function known({ accent, theme, position }: Branding): { accent: string; theme?: string; position?: string } {
  return { accent, ...(theme && { theme }), ...(position && { position }) };
}

/** Every value is checked by the browser's own CSS parser before it enters the sheet. */
function brandRules(host: Element, branding?: Branding): string {
  const rules: string[] = [];
  if (typeof branding?.radius === "number") rules.push(`--ai-sdr-radius:${Math.min(32, Math.max(0, branding.radius))}px`);
  if (branding?.font && CSS.supports("font-family", branding.font)) rules.push(`--ai-sdr-font:${branding.font}`);
  const accent = readColor(getComputedStyle(host).getPropertyValue("--ai-sdr-accent").trim());
  if (accent) {
    rules.push(`--accent-on-light:${asText(accent, [246, 247, 249])}`, `--accent-on-dark:${asText(accent, [29, 32, 39])}`);
  }
  return `:host{${rules.join(";")}}`;
}

/** iOS lays its keyboard over the page: the sheet follows the part that can still be seen. */
function fitToKeyboard(holder: HTMLElement): () => void {
  const view = window.visualViewport;
  if (!view) return () => undefined;
  const fit = () => {
    holder.style.setProperty("--seen-height", `${view.height}px`);
    holder.style.setProperty("--seen-top", `${view.offsetTop}px`);
  };
  fit();
  view.addEventListener("resize", fit);
  view.addEventListener("scroll", fit);
  return () => {
    view.removeEventListener("resize", fit);
    view.removeEventListener("scroll", fit);
  };
}

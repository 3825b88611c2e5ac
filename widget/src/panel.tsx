/** The panel's chunk: everything behind the launcher, loaded when the visitor wants it. */

import { render } from "preact";
import { announcer } from "./announce";
import type { Introduction, Mode } from "./contract";
import { Conversation } from "./conversation";
import { Dress } from "./dress";
import { readPreferences } from "./preferences";
import { focusWithin } from "./view/focus";
import { type Shelf, ShelfContext } from "./view/lazy";
import { PanelView } from "./view/Panel";
import { PANEL_STYLE } from "./view/style";

export interface Panel {
  /** Opens or closes as the element's `open` says. */
  sync(): void;
  send(text: string): void;
  setMode(mode: Mode): void;
  tell(told: Introduction): void;
  destroy(): void;
}

export interface PanelModule {
  mountPanel: typeof mountPanel;
}

/** Mounts beside the launcher. `home` is the address of the folder that the chunks came from. */
export function mountPanel(launcher: HTMLElement, home: string, told: Introduction): Panel {
  const root = launcher.getRootNode() as ShadowRoot;
  const host = root.host as HTMLElement;
  const frame = document.createElement("div");
  frame.className = "frame";
  const base = host.getAttribute("api")?.replace(/\/$/, "") ?? new URL(home).origin;
  const company = host.getAttribute("company") ?? "";
  const emit = announcer(host);
  const close = () => host.removeAttribute("open");
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(PANEL_STYLE);
  const dress = new Dress(host, frame, launcher);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet, dress.sheet];
  dress.put();
  const holder = document.createElement("div");
  holder.className = "holder";
  holder.hidden = true;
  frame.append(holder);
  root.append(frame);
  launcher.title = "";
  launcher.style.display = "";
  const stopFitting = fitToKeyboard(holder);

  const language = () => host.getAttribute("language") ?? host.getAttribute("lang");
  const conversation = new Conversation(company, base, emit, language());
  const wish = new MutationObserver(() => {
    const tag = language();
    if (tag) void conversation.settings.speak(tag);
  });
  wish.observe(host, { attributeFilter: ["language", "lang"] });
  let { theme, locale } = conversation.state;
  conversation.tell(told);
  let dressed = false;
  let gone = false;
  /** Better no launcher than one that leads nowhere. */
  const leaveSite = (why: string) => {
    console.warn(`ai-sdr: removed, because ${why}.`);
    launcher.style.display = "none";
    destroy();
    close();
  };
  conversation.watch(() => {
    const { profile, refused } = conversation.state;
    if (conversation.state.theme !== theme) {
      theme = conversation.state.theme;
      host.setAttribute("theme", theme); // the visitor's word stands above the page's and the company's
    }
    if (conversation.state.locale !== locale) {
      locale = conversation.state.locale;
      launcher.ariaLabel = host.getAttribute("label") ?? locale.words.openChat;
    }
    if (refused === "company" && !gone) leaveSite(`there is no company "${company}". Correct data-company`);
    if (!profile || dressed) return;
    dressed = true;
    dress.put(profile.branding);
  });
  conversation.take(readPreferences());
  let wanted = (host.getAttribute("mode") ?? "text") as Mode; // one that is not offered becomes the company's first
  const network = () => conversation.setOnline(navigator.onLine);
  const leavePage = () => conversation.leave();
  addEventListener("online", network);
  addEventListener("offline", network);
  addEventListener("pagehide", leavePage);
  network();
  const inline = host.hasAttribute("inline");
  const shelf: Shelf = {
    adopt: (brought) => {
      if (!root.adoptedStyleSheets.includes(brought)) root.adoptedStyleSheets.push(brought);
    },
    missing: (failure) => conversation.partMissing(failure),
  };
  render(
    <ShelfContext.Provider value={shelf}>
      <PanelView conversation={conversation} close={close} inline={inline} base={base} />
    </ShelfContext.Provider>,
    holder,
  );

  const start = () => {
    void conversation.start(wanted);
  };
  const destroy = () => {
    if (gone) return;
    gone = true;
    conversation.destroy();
    removeEventListener("online", network);
    removeEventListener("offline", network);
    removeEventListener("pagehide", leavePage);
    dress.takeOff();
    stopFitting();
    wish.disconnect();
    render(null, holder);
    frame.remove();
    launcher.hidden = false;
    root.adoptedStyleSheets = root.adoptedStyleSheets.filter((other) => other !== sheet && other !== dress.sheet);
  };
  const show = () => {
    holder.hidden = false;
    start();
    // Who asked for it comes in; a page that opens it by itself keeps its own focus.
    const asked = root.activeElement === launcher || navigator.userActivation?.isActive;
    const panel = holder.querySelector<HTMLElement>(".panel");
    if (asked && panel && !inline) focusWithin(panel);
    launcher.hidden = true;
    emit("opened", {});
  };
  const hide = () => {
    const focused = root.activeElement !== null;
    conversation.leave(); // nobody is left in a call that cannot be seen
    holder.hidden = true;
    launcher.hidden = false;
    if (focused) launcher.focus({ preventScroll: true });
    emit("closed", {});
    if (conversation.state.refused === "site") {
      leaveSite(`"${company}" does not allow ${location.origin}. Add it to allowedOrigins`);
    }
  };
  return {
    sync: () => {
      const open = host.hasAttribute("open");
      if (gone || open !== holder.hidden) return;
      if (open) show();
      else hide();
    },
    send: (text) => {
      if (gone) return;
      start();
      void conversation.ask(text);
    },
    setMode: (next) => {
      wanted = next;
      if (gone) return;
      if (conversation.state.profile) conversation.setMode(next);
      else start();
    },
    tell: (more) => conversation.tell(more),
    destroy,
  };
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

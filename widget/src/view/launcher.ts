/** The round button in the corner: plain DOM, because it is all that a page loads before a click. */

import { CHAT } from "./paths";

export interface Launcher {
  node: HTMLButtonElement;
  busy(busy: boolean): void;
  hide(): void;
  /** `focus` when the visitor's focus was in the panel that closed. */
  show(focus: boolean): void;
  failed(): void;
}

export function createLauncher({ press, approach }: { press(): void; approach(): void }): Launcher {
  const node = document.createElement("button");
  node.type = "button";
  node.className = "launcher";
  node.setAttribute("part", "launcher");
  node.setAttribute("aria-label", "Open chat");
  node.setAttribute("aria-haspopup", "dialog");
  node.append(drawing(CHAT));
  node.addEventListener("click", press);
  node.addEventListener("pointerenter", approach, { once: true });
  node.addEventListener("focus", approach, { once: true });
  return {
    node,
    busy: (busy) => node.setAttribute("aria-busy", String(busy)),
    hide: () => {
      node.hidden = true;
    },
    show: (focus) => {
      node.hidden = false;
      if (focus) node.focus({ preventScroll: true });
    },
    failed: () => node.setAttribute("aria-label", "Open chat (could not be loaded, press to try again)"),
  };
}

function drawing(path: string): SVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(space, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

/** The one script tag: puts <ai-sdr> on the page and draws its launcher. Everything else waits for the visitor. */

import { AiSdr, placeAssets } from "./element";

const OPTIONS = ["company", "api", "mode", "theme", "position", "accent", "open", "inline"];

const script =
  (document.currentScript as HTMLScriptElement | null) ??
  document.querySelector<HTMLScriptElement>('script[src*="embed.js"]');

if (script?.src) placeAssets(script.src);
if (!customElements.get("ai-sdr")) customElements.define("ai-sdr", AiSdr);

const company = script?.dataset.company;
if (script && company) {
  if (document.body) place(script, company);
  else document.addEventListener("DOMContentLoaded", () => place(script, company), { once: true });
}

function place(tag: HTMLScriptElement, slug: string): void {
  // The same tag may run again after a route change: one company, one launcher.
  if (document.querySelector(`ai-sdr[company="${CSS.escape(slug)}"]`)) return;
  const element = document.createElement("ai-sdr");
  for (const option of OPTIONS) {
    const value = tag.dataset[option];
    if (value !== undefined && value !== "false") element.setAttribute(option, value);
  }
  if (tag.dataset.inline !== undefined && tag.parentElement !== document.head) tag.after(element);
  else document.body.append(element);
}

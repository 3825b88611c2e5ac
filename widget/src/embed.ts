/** The one script tag: puts <ai-sdr> on the page and draws its launcher. Everything else waits for the visitor. */

import { AiSdr } from "./element";
import { speak } from "./global";
import { script } from "./home";

// The same tag may run again after a route change: then the first one's element and name are there already.
if (!customElements.get("ai-sdr")) {
  speak();
  customElements.define("ai-sdr", AiSdr);
}

const { company } = script.dataset;
if (company) {
  if (document.body) place();
  else addEventListener("DOMContentLoaded", place);
}

/** One company, one launcher. */
function place(): void {
  if (document.querySelector(`ai-sdr[company="${company}"]`)) return;
  const element = document.createElement("ai-sdr");
  for (const { name, value } of script.attributes) {
    if (name.startsWith("data-") && value !== "false") element.setAttribute(name.slice(5), value);
  }
  if (script.matches("[data-inline]:not(head > *)")) script.after(element);
  else document.body.append(element);
}

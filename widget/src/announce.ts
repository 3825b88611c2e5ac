/** Tells the page what happened: as events, and to its `dataLayer` when it asks for that. */

import type { Emit, EventName } from "./state";

/** What may leave for an analytics tool: no word that a visitor said, and nothing that tells who they are. */
const COUNTED: Partial<Record<EventName, string>> = {
  message: "role",
  "mode-changed": "mode",
  "tool-called": "name",
  error: "code",
};

export function announcer(host: HTMLElement): Emit {
  return (name, detail) => {
    const event = `ai-sdr:${name}`;
    host.dispatchEvent(new CustomEvent(event, { bubbles: true, composed: true, detail }));
    const layer = host.getAttribute("data-layer");
    if (layer === null) return;
    const page = window as unknown as Record<string, unknown[] | undefined>;
    const key = COUNTED[name];
    const counted = key ? { [key]: (detail as Record<string, unknown>)[key] } : {};
    (page[layer || "dataLayer"] ??= []).push({ event, company: host.getAttribute("company"), ...counted });
  };
}

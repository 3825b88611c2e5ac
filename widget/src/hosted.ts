/**
 * The hosted page, `/widget/{slug}`: one file for all companies. It asks for the company's public profile, shows it, and
 * puts the widget, opened, on the page.
 */

import type { PublicProfile } from "./contract";
import type { AiSdr } from "./element";

const slug = decodeURIComponent(location.pathname.split("/").pop() ?? "");
void begin();

async function begin(): Promise<void> {
  const answer = await fetch(`/api/widget/${encodeURIComponent(slug)}`).catch(() => null);
  if (answer?.status === 404) {
    say("No company here", `Nobody is registered under “${slug}”. Check the address, or seed the company first.`);
  } else if (!answer?.ok) {
    say("This page cannot be shown right now", `The profile of “${slug}” could not be read. Try again in a minute.`);
  } else {
    show((await answer.json()) as PublicProfile);
  }
}

function show(profile: PublicProfile): void {
  say(`Talk to ${profile.displayName}`, profile.shortDescription);
  reveal("name").textContent = profile.displayName;
  if (profile.sample) reveal("sample");
  if (profile.branding.accent) document.documentElement.style.setProperty("--accent", profile.branding.accent);
  if (/^https?:\/\//.test(profile.websiteUrl)) {
    const link = reveal("website") as HTMLAnchorElement;
    link.href = profile.websiteUrl;
    link.textContent = profile.websiteUrl.replace(/^https?:\/\//, "").replace(/\/$/, "");
  }
  if (profile.starters.length) reveal("starters").querySelector("ul")?.append(...profile.starters.map(starter));
  const widget = document.createElement("ai-sdr");
  widget.setAttribute("company", slug);
  widget.setAttribute("open", "");
  document.body.append(widget);
}

/** A question that the visitor need not type: a press opens the panel and asks. */
function starter(question: string): HTMLLIElement {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = question;
  button.addEventListener("click", async () => {
    await customElements.whenDefined("ai-sdr"); // the embed may still be on its way
    await document.querySelector<AiSdr>("ai-sdr")?.send(question);
  });
  const item = document.createElement("li");
  item.append(button);
  return item;
}

function say(title: string, words: string): void {
  document.title = title;
  part("title").textContent = title;
  part("lead").textContent = words;
}

function reveal(id: string): HTMLElement {
  const found = part(id);
  found.hidden = false;
  return found;
}

function part(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`hosted.html has no #${id}`);
  return found;
}

/**
 * The hosted page, `/widget/{slug}`: one file for all companies. It asks for the company's public profile, shows it, and
 * puts the widget, opened, on the page. `?language=` wishes for a language; another one chosen in the menu is followed.
 */

import type { PublicProfile } from "./contract";
import type { AiSdr } from "./element";
import { HOSTED, type HostedWords } from "./languages/hosted";
import { chooseTag, directionOf, isKnown, primary } from "./languages/tags";
import { readPreferences } from "./preferences";

const slug = decodeURIComponent(location.pathname.split("/").pop() ?? "");
const wished = new URLSearchParams(location.search).get("language");
void begin();

async function begin(): Promise<void> {
  const answer = await fetch(`/api/widget/${encodeURIComponent(slug)}`).catch(() => null);
  if (answer?.ok) return show((await answer.json()) as PublicProfile);
  const words = speak([]);
  if (answer?.status === 404) say(words.nobody, words.nobodyWhat.replace("{slug}", slug));
  else say(words.failed, words.failedWhat.replace("{slug}", slug));
}

function show(profile: PublicProfile): void {
  reveal("name").textContent = profile.displayName;
  if (profile.branding.accent) document.documentElement.style.setProperty("--accent", profile.branding.accent);
  if (/^https?:\/\//.test(profile.websiteUrl)) {
    const link = reveal("website") as HTMLAnchorElement;
    link.href = profile.websiteUrl;
    link.textContent = profile.websiteUrl.replace(/^https?:\/\//, "").replace(/\/$/, "");
  }
  if (profile.starters.length) reveal("starters").querySelector("ul")?.append(...profile.starters.map(starter));
  write(profile);
  const widget = document.createElement("ai-sdr");
  widget.setAttribute("company", slug);
  if (wished) widget.setAttribute("language", wished);
  widget.setAttribute("open", "");
  widget.addEventListener("ai-sdr:language-changed", () => write(profile));
  document.body.append(widget);
}

function write(profile: PublicProfile): void {
  const words = speak(profile.languages);
  say(words.talkTo.replace("{name}", profile.displayName), profile.shortDescription);
  part("people-ask").textContent = words.peopleAsk;
  if (profile.sample) reveal("sample").textContent = words.sample;
}

/** The words in the language that the widget chooses too; the page is in it from now on. */
function speak(company: readonly string[]): HostedWords {
  const tag = chooseTag(readPreferences().language ?? wished, company, navigator.languages);
  document.documentElement.lang = tag;
  document.documentElement.dir = directionOf(tag);
  const language = primary(tag);
  return HOSTED[isKnown(language) ? language : "en"];
}

/** A question that the visitor need not type: a press opens the panel and asks. */
function starter(question: string): HTMLLIElement {
  const button = document.createElement("button");
  button.type = "button";
  const words = document.createElement("span");
  words.dir = "auto"; // the company's language may run the other way
  words.textContent = question;
  button.append(words);
  button.addEventListener("click", async () => {
    await customElements.whenDefined("ai-sdr"); // the embed may still be on its way
    document.querySelector<AiSdr>("ai-sdr")?.send(question);
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

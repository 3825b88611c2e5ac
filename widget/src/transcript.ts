/** The conversation as plain text, for a visitor who wants to keep it. */

import type { Answer } from "./contract";
import { plainText } from "./markdown";
import type { State } from "./state";

export function transcriptOf({ profile, locale, items }: State, now: Date = new Date()): string {
  const { words, tag } = locale;
  const said = items.flatMap((item) => {
    if (item.kind === "visitor") return item.text ? [`${words.you}: ${item.text}`] : [];
    if (item.kind !== "assistant" || !item.answer.text) return [];
    return [`${words.assistant}: ${plainText(item.answer.text)}${sources(item.answer, words.sources)}`];
  });
  const date = new Intl.DateTimeFormat(tag, { dateStyle: "long", timeStyle: "short" }).format(now);
  return [`${profile?.displayName ?? ""}, ${date}`, ...said].join("\n\n") + "\n";
}

function sources({ citations }: Answer, heading: string): string {
  if (!citations.length) return "";
  const lines = citations.map(({ title, label, url }) => `- ${[title, label, url].filter(Boolean).join(", ")}`);
  return `\n${heading}:\n${lines.join("\n")}`;
}

/** The forms of our own tools in the visitor's language; those of a company's own tools keep its words. */

import type { ConfirmCard } from "./contract";
import type { Language } from "./languages/en";
import { fill } from "./locale";

const TITLES: Record<string, "sendDetails" | "askPerson"> = { log_lead: "sendDetails", request_human: "askPerson" };

export function worded(card: ConfirmCard, words: Language, company: string): ConfirmCard {
  const title = TITLES[card.tool];
  if (!title) return card;
  const labels: Readonly<Record<string, string>> = words.fields;
  const fields = card.fields.map((field) => ({ ...field, label: labels[field.name] ?? field.label }));
  return { ...card, title: fill(words[title], { name: company }), fields };
}

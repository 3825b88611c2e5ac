/** Which languages the interface is in, and which of them a visitor reads. */

export const TAGS = ["en", "de", "fr", "es", "it", "pt", "nl", "pl", "tr", "ja", "zh", "ko", "ar", "he"] as const;
export type Tag = (typeof TAGS)[number];

/** `pt-BR` → `pt`. */
export function primary(tag: string): string {
  return (tag.split("-")[0] ?? tag).toLowerCase();
}

export function isKnown(tag: string): tag is Tag {
  return (TAGS as readonly string[]).includes(tag);
}

export function directionOf(tag: string): "ltr" | "rtl" {
  return ["ar", "he"].includes(primary(tag)) ? "rtl" : "ltr";
}

/**
 * The page's wish wins. Else the first of the browser's languages that the company speaks, else the company's first; a
 * company that speaks none of ours leaves it to the browser. English where nothing is known.
 */
export function chooseTag(wished: string | null, company: readonly string[], browser: readonly string[]): string {
  const spoken = new Set(company.map(primary));
  const both = browser.filter((tag) => spoken.has(primary(tag)));
  return [wished ?? "", ...both, ...company, ...browser].find((tag) => isKnown(primary(tag))) ?? "en";
}

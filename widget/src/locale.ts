/** In which language a visitor reads the interface, and how numbers, times and directions look in it. */

import { en, type Language, type Plural } from "./languages/en";
import { primary } from "./tongue";

export interface Locale {
  /** BCP 47. */
  tag: string;
  direction: "ltr" | "rtl";
  words: Language;
}

/** Each one but English is a chunk of its own, loaded when it is chosen. */
const LANGUAGES: Record<string, { name: string; load(): Promise<Language> }> = {
  en: { name: "English", load: async () => en },
  de: { name: "Deutsch", load: async () => (await import("./languages/de")).de },
  fr: { name: "Français", load: async () => (await import("./languages/fr")).fr },
  es: { name: "Español", load: async () => (await import("./languages/es")).es },
  it: { name: "Italiano", load: async () => (await import("./languages/it")).it },
  pt: { name: "Português", load: async () => (await import("./languages/pt")).pt },
  nl: { name: "Nederlands", load: async () => (await import("./languages/nl")).nl },
  pl: { name: "Polski", load: async () => (await import("./languages/pl")).pl },
  tr: { name: "Türkçe", load: async () => (await import("./languages/tr")).tr },
  ja: { name: "日本語", load: async () => (await import("./languages/ja")).ja },
  zh: { name: "中文", load: async () => (await import("./languages/zh")).zh },
  ko: { name: "한국어", load: async () => (await import("./languages/ko")).ko },
  ar: { name: "العربية", load: async () => (await import("./languages/ar")).ar },
  he: { name: "עברית", load: async () => (await import("./languages/he")).he },
};
const FROM_THE_RIGHT = new Set(["ar", "he"]);

export const ENGLISH: Locale = { tag: "en", direction: "ltr", words: en };

/** Tag and own name of each language there is. */
export const LANGUAGE_NAMES: readonly [tag: string, name: string][] = Object.entries(LANGUAGES).map(([tag, { name }]) => [tag, name]);

/** Rejects when the chunk cannot be loaded. `tag` may name a region, which then shapes numbers and times. */
export async function loadLocale(tag: string): Promise<Locale> {
  const language = primary(tag);
  const known = LANGUAGES[language];
  if (!known) return ENGLISH;
  return { tag: isTag(tag) ? tag : language, direction: FROM_THE_RIGHT.has(language) ? "rtl" : "ltr", words: await known.load() };
}

/** The page's wish wins; else the first of the browser's languages that the company speaks, else the company's first. */
export function chooseTag(wished: string | null, company: readonly string[], browser: readonly string[]): string {
  const known = (tag: string) => primary(tag) in LANGUAGES;
  const spoken = new Set(company.map(primary));
  return (
    [...(wished ? [wished] : []), ...browser.filter((tag) => spoken.has(primary(tag))), ...company].find(known) ?? ENGLISH.tag
  );
}

/** Puts values in the place of `{names}`. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** 102 → "1:42", in the digits of the language. */
export function clock(seconds: number, { tag }: Locale): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (!parts[0]) parts.shift();
  const digits = (least: number) => new Intl.NumberFormat(tag, { minimumIntegerDigits: least, useGrouping: false });
  return parts.map((part, at) => digits(at ? 2 : 1).format(part)).join(":");
}

/** 30 → "30 seconds", for who hears it. */
export function spokenSeconds(seconds: number, { tag }: Locale): string {
  return new Intl.NumberFormat(tag, { style: "unit", unit: "second", unitDisplay: "long" }).format(seconds);
}

/** A number of things, in the form that the language has for so many. */
export function counted(forms: Plural, count: number, { tag }: Locale): string {
  const form = forms[new Intl.PluralRules(tag).select(count)] ?? forms.other;
  return fill(form, { count: new Intl.NumberFormat(tag).format(count) });
}

function isTag(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length > 0;
  } catch {
    return false;
  }
}

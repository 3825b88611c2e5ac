/** In which language a visitor reads the interface, and how numbers, times and directions look in it. */

import { en, type Language, type Plural } from "./languages/en";
import { directionOf, isKnown, primary } from "./languages/tags";

export interface Locale {
  /** BCP 47. */
  tag: string;
  direction: "ltr" | "rtl";
  words: Language;
}

export const ENGLISH: Locale = { tag: "en", direction: "ltr", words: en };

/** Rejects when a chunk cannot be loaded. A `tag` with a region shapes numbers and times as they are there. */
export async function loadLocale(tag: string): Promise<Locale> {
  const canonical = canonicalOf(tag);
  const language = primary(canonical);
  if (!isKnown(language)) return ENGLISH;
  const words = language === "en" ? en : await (await listed()).LANGUAGES[language].load();
  return { tag: language === "zh" ? "zh-Hans" : canonical, direction: directionOf(language), words };
}

/** Saves a step for who reads none of `likely` in English: the list of languages comes while the profile is asked for. */
export function expectLanguage(likely: readonly string[]): void {
  if (primary(likely[0] ?? "en") !== "en") listed().catch(() => undefined); // told when the language itself is wanted
}

function listed(): Promise<typeof import("./languages/all")> {
  return import("./languages/all");
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

function canonicalOf(tag: string): string {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? "";
  } catch {
    return ""; // a page wrote something else
  }
}

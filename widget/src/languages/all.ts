/** Every language but English by its own name, and how it is loaded. A chunk of its own, for who reads none in English. */

import type { Language } from "./en";
import type { Tag } from "./tags";

export const LANGUAGES: Readonly<Record<Exclude<Tag, "en">, { name: string; load(): Promise<Language> }>> = {
  de: { name: "Deutsch", load: async () => (await import("./de")).de },
  fr: { name: "Français", load: async () => (await import("./fr")).fr },
  es: { name: "Español", load: async () => (await import("./es")).es },
  it: { name: "Italiano", load: async () => (await import("./it")).it },
  pt: { name: "Português", load: async () => (await import("./pt")).pt },
  nl: { name: "Nederlands", load: async () => (await import("./nl")).nl },
  pl: { name: "Polski", load: async () => (await import("./pl")).pl },
  tr: { name: "Türkçe", load: async () => (await import("./tr")).tr },
  ja: { name: "日本語", load: async () => (await import("./ja")).ja },
  zh: { name: "中文", load: async () => (await import("./zh")).zh },
  ko: { name: "한국어", load: async () => (await import("./ko")).ko },
  ar: { name: "العربية", load: async () => (await import("./ar")).ar },
  he: { name: "עברית", load: async () => (await import("./he")).he },
};

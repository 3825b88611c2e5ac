/** How views reach the language that the visitor reads. */

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { PublicProfile } from "../contract";
import { clock, ENGLISH, type Locale } from "../locale";
import type { Language } from "../languages/en";
import { primary } from "../languages/tags";

export const LocaleContext = createContext<Locale>(ENGLISH);

export function useWords(): Language {
  return useContext(LocaleContext).words;
}

/** The language of the company's own texts, where it is another than the interface's. */
export function useForeign(profile: PublicProfile | null): string | undefined {
  const { tag } = useContext(LocaleContext);
  const [own = "en"] = profile?.languages ?? [];
  return primary(own) === primary(tag) ? undefined : own;
}

/** Writes seconds as minutes and seconds. */
export function useClock(): (seconds: number) => string {
  const locale = useContext(LocaleContext);
  return (seconds) => clock(seconds, locale);
}

/** What a visitor has chosen in the menu, kept for the tab: nothing is written before such a choice. */

export const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

export interface Preferences {
  language?: string;
  theme?: Theme;
  captions?: boolean;
  speed?: number;
}

const KEY = "ai-sdr:preferences";

export function readPreferences(): Preferences {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "{}") as Preferences | null;
    return {
      ...(typeof kept?.language === "string" && { language: kept.language }),
      ...(kept?.theme && THEMES.includes(kept.theme) && { theme: kept.theme }),
      ...(typeof kept?.captions === "boolean" && { captions: kept.captions }),
      ...(typeof kept?.speed === "number" && { speed: kept.speed }),
    };
  } catch {
    return {}; // no storage here
  }
}

export function prefer(choice: Preferences): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ ...readPreferences(), ...choice }));
  } catch {
    // No storage here: the choice lasts as long as the page.
  }
}

/** A part of the panel that comes when it is wanted, with the style sheet that it brings. */

import { useEffect, useState } from "preact/hooks";

/** One sheet for all panels of a page, made when its part has come. */
export function sheetOf(css: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  return sheet;
}

/** Null until the part is here. `panel` says in whose shadow root its style sheet is adopted. */
export function usePart<P extends { sheet: CSSStyleSheet }>(
  load: () => Promise<P>,
  wanted: boolean,
  panel: { current: HTMLElement | null },
  missing: (failure: unknown) => void,
): P | null {
  const [part, setPart] = useState<P | null>(null);
  useEffect(() => {
    if (!wanted || part) return;
    load().then((loaded) => {
      const root = panel.current?.getRootNode();
      if (!(root instanceof ShadowRoot)) return; // the panel has left the page meanwhile
      if (!root.adoptedStyleSheets.includes(loaded.sheet)) root.adoptedStyleSheets.push(loaded.sheet);
      setPart(loaded);
    }, missing);
  }, [wanted]);
  return wanted ? part : null;
}

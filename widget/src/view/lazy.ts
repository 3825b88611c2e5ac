/** A part of the panel that comes when it is wanted, with the style sheet that it brings. */

import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";

interface Part {
  sheet: CSSStyleSheet;
}

/** What the panel does for a part that is on its way. */
export interface Shelf {
  adopt(sheet: CSSStyleSheet): void;
  missing(failure: unknown): void;
}

export const ShelfContext = createContext<Shelf>({ adopt: () => undefined, missing: () => undefined });

const here = new Map<unknown, Part>();

/** One sheet for all panels of a page, made when its part has come. */
export function sheetOf(css: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  return sheet;
}

/** Null until the part is here. `load` is the same function each time. */
export function usePart<P extends Part>(load: () => Promise<P>, wanted: boolean): P | null {
  const shelf = useContext(ShelfContext);
  const [part, setPart] = useState(() => (here.get(load) as P | undefined) ?? null);
  useEffect(() => {
    if (!wanted) return;
    const take = (loaded: P) => {
      here.set(load, loaded);
      shelf.adopt(loaded.sheet);
      setPart(loaded);
    };
    if (part) take(part);
    else load().then(take, shelf.missing);
  }, [wanted]);
  return wanted ? part : null;
}

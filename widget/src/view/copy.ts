/** Puts text on the clipboard and says for a moment that it is there. */

import { useEffect, useRef, useState } from "preact/hooks";

const SAID_MS = 1_600;

export interface Copying {
  /** Only secure pages have a clipboard. */
  possible: boolean;
  copied: boolean;
  copy(text: string): void;
}

export function useCopy(): Copying {
  const [copied, setCopied] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = (text: string) => {
    navigator.clipboard.writeText(text).then(
      () => {
        setCopied(true);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => setCopied(false), SAID_MS);
      },
      () => undefined, // the page may not write to it; the text can still be marked by hand
    );
  };
  return { possible: Boolean(navigator.clipboard), copied, copy };
}

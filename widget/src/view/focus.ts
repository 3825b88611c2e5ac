/** Where the keyboard goes when the panel opens or what had the focus disappears. */

import { useEffect, useRef } from "preact/hooks";

export function focusedIn(panel: HTMLElement): Element | null {
  return (panel.getRootNode() as ShadowRoot).activeElement;
}

/** To the composer; on touch screens to the panel itself, because there the composer calls up a keyboard. */
export function focusWithin(panel: HTMLElement): void {
  const touch = matchMedia("(pointer: coarse)").matches;
  const target = (touch ? null : panel.querySelector<HTMLElement>("textarea")) ?? panel;
  target.focus({ preventScroll: true });
}

/** Holds the keyboard in the panel while its parts come and go. `view` is another when other parts are shown. */
export function useFocus(panel: { current: HTMLElement | null }, loaded: boolean, view: string): void {
  const drawn = useRef(view);
  const held = useRef<EventTarget | null>(null);
  useEffect(() => {
    panel.current?.addEventListener("focusin", ({ target }) => (held.current = target));
  }, []);
  useEffect(() => {
    // Waiting for the profile the panel itself held the focus; now there is a composer.
    if (panel.current && focusedIn(panel.current) === panel.current) focusWithin(panel.current);
  }, [loaded]);
  useEffect(() => {
    if (drawn.current !== view && panel.current && focusIsLost(panel.current)) focusWithin(panel.current);
    drawn.current = view;
  }, [view]);
  // A starter, a form or a button that went away under the visitor's hand, whatever made it go.
  useEffect(() => {
    if (!panel.current) return;
    const gone = held.current instanceof Node && !held.current.isConnected;
    if (gone && focusIsLost(panel.current)) focusWithin(panel.current);
  });
}

/** A pressed button that went away with its view took the focus with it; what the page has focused is left alone. */
export function focusIsLost(panel: HTMLElement): boolean {
  const held = focusedIn(panel);
  return held === panel || (held === null && document.activeElement === document.body);
}

const REACHABLE = "a[href], button:enabled, input:enabled, textarea:enabled, select:enabled, summary, video[controls], [tabindex='0']";

/** A panel that covers the whole screen is modal: the page behind it cannot be seen, so the keyboard stays here. */
export function keepTabWithin(panel: HTMLElement, event: KeyboardEvent): void {
  const reachable = [...panel.querySelectorAll<HTMLElement>(REACHABLE)].filter((each) => each.checkVisibility());
  const [first, last] = [reachable[0], reachable.at(-1)];
  const held = focusedIn(panel);
  const leaving = event.shiftKey ? held === first || held === panel : held === last;
  if (!leaving) return;
  event.preventDefault();
  (event.shiftKey ? last : first)?.focus();
}

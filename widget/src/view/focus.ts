/** Where the keyboard goes when the panel opens or what had the focus disappears. */

export function focusedIn(panel: HTMLElement): Element | null {
  return (panel.getRootNode() as ShadowRoot).activeElement;
}

/** To the composer; on touch screens to the panel itself, because there the composer calls up a keyboard. */
export function focusWithin(panel: HTMLElement): void {
  const touch = matchMedia("(pointer: coarse)").matches;
  const target = (touch ? null : panel.querySelector<HTMLElement>("textarea")) ?? panel;
  target.focus({ preventScroll: true });
}

/** A pressed button that went away with its view took the focus with it; what the page has focused is left alone. */
export function focusIsLost(panel: HTMLElement): boolean {
  const held = focusedIn(panel);
  return held === panel || (held === null && document.activeElement === document.body);
}

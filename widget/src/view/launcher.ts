/** The round button in the corner: plain DOM, because it is all that a page loads before a click. */

export function createLauncher(press: () => void, approach: () => void): HTMLButtonElement {
  const button = document.createElement("button");
  button.part = button.className = "launcher";
  button.ariaHasPopup = "dialog";
  button.onclick = press;
  button.onpointerenter = button.onfocus = approach;
  return button;
}

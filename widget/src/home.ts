/** Where this script came from, and so where its chunks and its server are. */

/** A module has no current script, and looks for its tag. */
export const script = (document.currentScript ?? document.querySelector('script[src*="/embed"]')) as HTMLScriptElement;

/** Chunks stand in `/widget/`; the script there, or above it. */
export const home = script.src.replace(/(widget\/)?[^/]*$/, "widget/");

/** Where this script came from, and so where its chunks and its server are. */

/** Only a classic script has one: as a module, or taken into another bundle, it would not know its own address. */
export const script = document.currentScript as HTMLScriptElement;

/** Chunks stand in `/widget/`; the script there, or above it. */
export const home = script.src.replace(/(widget\/)?[^/]*$/, "widget/");

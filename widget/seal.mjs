/** Names files by the hash of their content, makes each refer to the others by that name, and lists their integrities. */

import { createHash } from "node:crypto";
import { basename } from "node:path";

/** Where a chunk finds the launcher's `load`, and its own folder. */
const LOADER = 'const $load=customElements.get("ai-sdr").load,$folder=new URL(".",import.meta.url).href;';

/** As a browser checks it: https://www.w3.org/TR/SRI/ */
export function integrityOf(text) {
  return `sha384-${createHash("sha384").update(text).digest("base64")}`;
}

/** `panel-AB12CD.js` → `panel-0123456789.js`; the bundler's own hash knows nothing of what is written in here. */
export function sealedName(name, text) {
  const stem = basename(name, ".js").replace(/-[A-Z0-9]{8}$/, "");
  return `${stem}-${createHash("sha256").update(text).digest("hex").slice(0, 10)}.js`;
}

/**
 * Takes the bundler's output, in which every `import()` is made to go through the launcher's `load`.
 *
 * Returns `files` ([name, text] pairs) and `references(path)`: what `load` wants to read for a module.
 */
export function seal(outputs, { outputs: described }) {
  const texts = new Map(outputs.map((file) => [`out/${basename(file.path)}`, file.text]));
  const sealed = new Map();

  const finish = (path) => {
    const known = sealed.get(path);
    if (known) return known;
    if (known === null) throw new Error(`${path} imports itself in a circle`);
    sealed.set(path, null);
    let text = texts.get(path);
    const imports = described[path].imports.filter((each) => !each.external);
    for (const { path: other, kind } of imports) {
      const written = JSON.stringify(`./${basename(other)}`);
      if (kind === "dynamic-import") {
        // What the importing module stands on has been loaded, and checked, with it.
        const wanted = references(other, family(path));
        text = text.replaceAll(`import(${written})`, `$load(${JSON.stringify(wanted)},$folder)`);
      } else text = text.replaceAll(written, JSON.stringify(`./${finish(other).name}`));
      if (text.includes(written)) throw new Error(`${path} refers to ${other} in a way that cannot be sealed`);
    }
    if (text.includes("$load(")) text = `${LOADER}${text}`;
    const file = { name: sealedName(path, text), text, imports };
    sealed.set(path, file);
    return file;
  };

  /** A module and everything that it imports statically. */
  const family = (path, seen = new Set()) => {
    if (seen.has(path)) return seen;
    seen.add(path);
    for (const each of described[path].imports) {
      if (!each.external && each.kind !== "dynamic-import") family(each.path, seen);
    }
    return seen;
  };
  const references = (path, without = new Set()) =>
    [...family(path)]
      .filter((each) => !without.has(each))
      .map(finish)
      .map(({ name, text }) => `${name}#${integrityOf(text)}`)
      .join(" ");

  const files = [...texts.keys()].map(finish).map(({ name, text }) => [name, text]);
  return { files, references };
}

/** The text of manifest.json. A name that holds its own hash never changes its content. */
export function describe(version, files) {
  const names = Object.keys(files).sort();
  const entries = names.map((name) => [
    name,
    { integrity: integrityOf(files[name]), immutable: name === sealedName(name.replace(/-[0-9a-f]{10}\.js$/, ".js"), files[name]) },
  ]);
  const digest = createHash("sha256").update(JSON.stringify(entries)).digest("hex").slice(0, 10);
  return `${JSON.stringify({ version: `${version}+${digest}`, files: Object.fromEntries(entries) }, null, 2)}\n`;
}

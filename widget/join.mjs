/**
 * Makes one file of the panel and of what it shares with code that comes later, such as the menu or a voice call.
 *
 * The bundler would leave what is shared in chunks of its own. Each would be one more request before the panel is there,
 * and one more integrity that the launcher has to know. Later code cannot import it from the panel, whose name holds the
 * hash of a content that names the later code; so the panel lays it down under a symbol, and later code takes it there.
 */

import { createHash } from "node:crypto";
import { basename } from "node:path";
import * as esbuild from "esbuild";

/** Takes and answers the bundler's output and its description, `path` being that of the panel. */
export async function join(outputs, { outputs: described }, path, options) {
  const texts = new Map(outputs.map((file) => [`out/${basename(file.path)}`, file.text]));
  const shared = [...statics(described, path)].filter((each) => each !== path);
  const key = `ai-sdr ${createHash("sha256").update([...texts.values()].join()).digest("hex").slice(0, 10)}`;
  const place = `globalThis[Symbol.for(${JSON.stringify(key)})]`;

  const lines = shared.map((each, at) => `import * as $${at} from ${JSON.stringify(`./${basename(each)}`)};`);
  lines.push(`${place}=[${shared.map((_, at) => `$${at}`)}];`, `export * from ${JSON.stringify(`./${basename(path)}`)};`);
  const bundle = await esbuild.build({
    ...options,
    stdin: { contents: lines.join(""), loader: "js" },
    format: "esm",
    write: false,
    plugins: [inMemory(texts)],
  });

  const later = [...texts].filter(([each]) => each !== path && !shared.includes(each));
  const files = [{ path, text: bundle.outputFiles[0].text }];
  for (const [each, text] of later) files.push({ path: each, text: fromThere(text, shared, place) });
  const imports = Object.fromEntries(
    later.map(([each]) => [each, { ...described[each], imports: described[each].imports.filter((one) => !shared.includes(one.path)) }]),
  );
  const wanted = [path, ...shared].flatMap((each) => described[each].imports.filter((one) => one.kind === "dynamic-import"));
  return { outputFiles: files, metafile: { outputs: { ...imports, [path]: { ...described[path], imports: wanted } } } };
}

function statics(described, path, seen = new Set()) {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const each of described[path].imports) if (each.kind === "import-statement") statics(described, each.path, seen);
  return seen;
}

/** `import{a as x}from"./chunk.js"` → `const{a:x}=…` */
function fromThere(text, shared, place) {
  shared.forEach((path, at) => {
    const name = `"./${basename(path)}"`;
    text = text.replace(RegExp(`import(?:\\{([^}]*)\\}from)?${name.replaceAll(".", "\\.")};?`, "g"), (_, names) =>
      names ? `const{${names.replaceAll(" as ", ":")}}=${place}[${at}];` : "",
    );
    if (text.includes(name)) throw new Error(`${name} is taken in a way that join.mjs does not know`);
  });
  return text;
}

function inMemory(texts) {
  return {
    name: "in-memory",
    setup(build) {
      build.onResolve({ filter: /^\.\// }, ({ path, kind }) =>
        kind === "dynamic-import" ? { path, external: true } : { path: `out/${basename(path)}`, namespace: "made" },
      );
      build.onLoad({ filter: /.*/, namespace: "made" }, ({ path }) => ({ contents: texts.get(path), loader: "js" }));
    },
  };
}

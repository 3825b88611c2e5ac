/**
 * Builds dist/, what a website loads, and build/local/, the same with the look-alike in place of the room SDK.
 *
 * embed.js (and, unchanging, embed-HASH.js) is the launcher; it loads panel-HASH.js, which loads the rest as it is wanted:
 * voice, video, the room SDK (daily), languages. Each names the next by the hash of its content and its integrity.
 */

import { readFileSync, rmSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { join } from "./join.mjs";
import { describe, seal, sealedName } from "./seal.mjs";

/** Style sheets travel as minified text and are adopted by the shadow root: no <style>, no inline style. */
const styleText = {
  name: "style-text",
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await esbuild.transform(readFileSync(path, "utf8"), { loader: "css", minify: true });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

/**
 * The room SDK appends its engine with `script.src = address`, which a page with Trusted Types refuses. The address goes
 * through a policy that lets only the vendor's own hosts through; nothing else in the SDK is touched.
 */
const trustedEngine = {
  name: "trusted-engine",
  setup(build) {
    build.onLoad({ filter: /daily-js[/\\]dist[/\\]daily-esm\.js$/ }, ({ path }) => {
      const parts = readFileSync(path, "utf8").split("r.src=e,n.appendChild(r)");
      if (parts.length !== 2) throw new Error("daily-js appends its engine in another way now: look at src/engine.ts");
      const contents = `import{engine as $engine}from"engine";${parts.join("r.src=$engine(e),n.appendChild(r)")}`;
      return { contents, loader: "js" };
    });
  },
};

const common = {
  bundle: true,
  minify: true,
  target: "es2022",
  legalComments: "none",
  logLevel: "warning",
  plugins: [styleText],
};

async function buildWidget(folder, alias) {
  const parts = await esbuild.build({
    ...common,
    entryPoints: ["src/panel.tsx"],
    plugins: [styleText, trustedEngine],
    alias,
    format: "esm",
    charset: "utf8", // as modules are always read; escaped, Arabic would weigh twice as much
    splitting: true,
    chunkNames: "[name]-[hash]",
    outdir: "out",
    write: false,
    metafile: true,
    legalComments: "eof",
    jsx: "automatic",
    jsxImportSource: "preact",
  });
  const { outputs } = parts.metafile;
  const panel = Object.keys(outputs).find((path) => outputs[path].entryPoint === "src/panel.tsx");
  const { outputFiles, metafile } = await join(parts.outputFiles, parts.metafile, panel, { ...common, charset: "utf8" });
  const chunks = seal(outputFiles, metafile);
  // A classic script, so that one plain tag works everywhere.
  const embed = await script("src/embed.ts", { PANEL: JSON.stringify(chunks.references(panel)) }, "iife");
  const hosted = await script("src/hosted.ts", {}, "esm");
  await write(folder, {
    "embed.js": embed,
    "hosted.js": hosted,
    [sealedName("embed.js", embed)]: embed,
    ...Object.fromEntries(chunks.files),
  });
}

async function script(entry, define, format) {
  // Classes are strict by themselves; the words for it are bytes that every visitor pays.
  const tsconfigRaw = { compilerOptions: { strict: false } };
  const { outputFiles } = await esbuild.build({ ...common, entryPoints: [entry], define, format, tsconfigRaw, write: false });
  return outputFiles[0].text;
}

/** Files of earlier builds go: the folder holds one build, and manifest.json says which. */
async function write(folder, files) {
  rmSync(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  files["manifest.json"] = describe(version, files);
  for (const [name, text] of Object.entries(files)) await writeFile(`${folder}/${name}`, text);
}

function printSizes() {
  const { files } = JSON.parse(readFileSync("dist/manifest.json", "utf8"));
  const gzip = (name) => gzipSync(readFileSync(`dist/${name}`), { level: 9 }).length;
  const sealed = (name) => Object.keys(files).filter((file) => file.startsWith(`${name}-`) && files[file].immutable);
  const sum = (list) => list.reduce((bytes, file) => bytes + gzip(file), 0);
  const total = (...names) => sum(names.flatMap(sealed));
  // What the launcher loads for the panel: its chunk and those that it shares with what comes later.
  const panel = readFileSync("dist/embed.js", "utf8").match(/[\w-]+\.js(?=#sha)/g) ?? [];
  const row = (name, bytes, bar) => {
    const verdict = bar ? (bytes <= bar ? `  (at most ${bar})` : `  TOO LARGE (at most ${bar})`) : "";
    console.log(`${name.padEnd(16)}${String(bytes).padStart(8)} B gzip${verdict}`);
    if (bar && bytes > bar) process.exitCode = 1;
  };
  row("launcher", total("embed"), 2_000);
  row("launcher + panel", total("embed") + sum(panel), 45_000);
  row("voice", total("voice"), 10_000);
  row("video", total("video"));
  row("room SDK", total("daily"));
}

async function buildTests() {
  rmSync("build/test", { recursive: true, force: true });
  const files = await readdir("test");
  await esbuild.build({
    ...common,
    minify: false,
    sourcemap: "inline",
    entryPoints: files.filter((file) => file.endsWith(".test.ts")).map((file) => `test/${file}`),
    alias: { "@daily-co/daily-js": "./test/daily.ts" },
    format: "esm",
    platform: "node",
    outdir: "build/test",
  });
  await esbuild.build({
    ...common,
    entryPoints: ["test/sites/react.jsx"],
    define: { "process.env.NODE_ENV": '"development"' }, // so that effects run twice
    format: "iife",
    jsx: "automatic",
    jsxImportSource: "react",
    tsconfigRaw: {}, // ours says preact
    outdir: "build/test/sites",
  });
}

if (process.argv.includes("--tests")) await buildTests();
else if (process.argv.includes("--sizes")) printSizes();
else {
  await buildWidget("dist", { engine: "./src/engine.ts" });
  await buildWidget("build/local", { "@daily-co/daily-js": "../dev/daily/room.js" });
  printSizes();
}

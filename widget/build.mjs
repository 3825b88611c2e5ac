/** Builds dist/: the launcher (embed.js), the panel, the chunks of voice and video (voice.js, room.js), the room SDK (daily.js), the hosted page's script. */

import { readFileSync, rmSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

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

const common = {
  bundle: true,
  minify: true,
  target: "es2022",
  legalComments: "none",
  logLevel: "warning",
  plugins: [styleText],
};

async function buildWidget() {
  rmSync("dist", { recursive: true, force: true });
  await Promise.all([
    // A classic script, so that one plain tag works everywhere.
    esbuild.build({ ...common, entryPoints: ["src/embed.ts"], format: "iife", outdir: "dist" }),
    esbuild.build({
      ...common,
      entryPoints: { panel: "src/panel.tsx", room: "src/channels/video.ts", voice: "src/channels/voice.ts" },
      format: "esm",
      splitting: true,
      outdir: "dist",
      chunkNames: "shared",
      jsx: "automatic",
      jsxImportSource: "preact",
    }),
    esbuild.build({ ...common, entryPoints: ["src/hosted.ts"], format: "esm", outdir: "dist" }),
    esbuild.build({ ...common, entryPoints: ["src/daily.ts"], format: "esm", legalComments: "eof", outdir: "dist" }),
  ]);
  printSizes();
}

function printSizes() {
  const gzip = (name) => gzipSync(readFileSync(`dist/${name}`), { level: 9 }).length;
  const row = (name, bytes, bar) => {
    const verdict = bar ? (bytes <= bar ? `  (at most ${bar})` : `  TOO LARGE (at most ${bar})`) : "";
    console.log(`${name.padEnd(16)}${String(bytes).padStart(8)} B gzip${verdict}`);
    if (bar && bytes > bar) process.exitCode = 1;
  };
  row("embed.js", gzip("embed.js"), 5_000);
  row("embed + panel", gzip("embed.js") + gzip("panel.js"), 45_000);
  row("voice.js", gzip("voice.js"), 10_000);
  row("room.js", gzip("room.js"));
  row("daily.js", gzip("daily.js"));
}

async function buildTests() {
  rmSync("build/test", { recursive: true, force: true });
  const files = await readdir("test");
  await esbuild.build({
    ...common,
    minify: false,
    sourcemap: "inline",
    // daily.ts stands where the bundled room.ts looks for the SDK: beside the file that imports it.
    entryPoints: files.filter((file) => /(\.test|^daily)\.ts$/.test(file)).map((file) => `test/${file}`),
    format: "esm",
    platform: "node",
    outdir: "build/test",
  });
}

if (process.argv.includes("--tests")) await buildTests();
else if (process.argv.includes("--sizes")) printSizes();
else await buildWidget();

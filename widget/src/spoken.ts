/** What of an answer is read aloud, and in which pieces: no marks, no numbers of sources, no addresses, no code. */

import { type Block, type Inline, parseMarkdown } from "./markdown";
import { primary } from "./languages/tags";

/** Some browser voices fall silent in longer utterances. */
const LONGEST = 220;
/** A shorter piece waits for its neighbour: two words alone sound clipped. */
const SHORTEST = 24;

/** The company's language that the visitor's browser prefers; else the company's first. */
export function spokenLanguage(offered: readonly string[], wanted: readonly string[] = navigator.languages): string {
  const [main] = wanted.flatMap((tag) => offered.filter((each) => primary(each) === primary(tag)));
  return main ?? offered[0] ?? "en";
}

/** Sentences of a text; the last one is held back while the text still grows. */
export function sentences(source: string, growing: boolean, language: string): string[] {
  const pieces: string[] = [];
  let short = "";
  const spoken = speakable(source, growing);
  const all = [...spoken.matchAll(/[^\n]+/g)].flatMap(([line]) => sentencesOf(line, language));
  if (growing && !spoken.endsWith("\n")) all.pop();
  for (const sentence of all) {
    short = short ? `${short} ${sentence}` : sentence;
    if (short.length < SHORTEST) continue;
    pieces.push(...split(short));
    short = "";
  }
  // A short end belongs to what was said before, unless that may be on its way already.
  if (short && !growing) pieces.push(short);
  return pieces;
}

function speakable(source: string, growing: boolean): string {
  return parseMarkdown(source, growing)
    .map((block, at, blocks) => lineOf(block, growing && at === blocks.length - 1))
    .filter(Boolean)
    .join("\n");
}

function lineOf(block: Block, growing: boolean): string {
  switch (block.kind) {
    case "code":
      return "";
    case "list":
      return block.items.map((item, at) => finished(words(item), growing && at === block.items.length - 1)).join("\n");
    case "table": // a row is a sentence; without its heading a figure would say nothing
      return block.rows.map((row) => finished(row.map((cell, at) => spokenCell(block.head[at], cell)).join(", "), false)).join("\n");
    case "heading":
      return finished(words(block.children), growing);
    case "paragraph":
      return words(block.children);
  }
}

function spokenCell(head: readonly Inline[] | undefined, cell: readonly Inline[]): string {
  const name = head ? words(head).trim() : "";
  return name ? `${name}: ${words(cell)}` : words(cell);
}

/** A list item seldom ends in a full stop, but a voice needs one. */
function finished(text: string, growing: boolean): string {
  return growing || !text || /\p{P}$/u.test(text) ? text : `${text}.`;
}

function words(nodes: readonly Inline[]): string {
  return raw(nodes)
    .replace(/\(\s*\)/g, "")
    .replace(/\s+/g, " ")
    .replace(/ +([.,;:!?…。，！？])/g, "$1")
    .trim();
}

function raw(nodes: readonly Inline[]): string {
  return nodes
    .map((node) => {
      switch (node.kind) {
        case "text":
        case "code":
          return node.text;
        case "cite":
          return "";
        case "link": {
          const name = raw(node.children);
          return /^https?:/.test(name) ? "" : name;
        }
        default:
          return raw(node.children);
      }
    })
    .join("");
}

function sentencesOf(line: string, language: string): string[] {
  const segments = new Intl.Segmenter(language, { granularity: "sentence" }).segment(line);
  const found: string[] = [];
  for (const { segment } of segments) {
    const sentence = segment.trim();
    const before = found.at(-1);
    // "approx. 20", "Mr. Doe" and "e.g. this" are not two sentences.
    if (before && /(?:^|\s)(?:\p{L}|\p{Lu}\p{Ll}{0,2}|\p{L}\.\p{L}|approx|incl|etc)\.$/u.test(before)) {
      found[found.length - 1] = `${before} ${sentence}`;
    } else if (sentence) found.push(sentence);
  }
  return found;
}

/** Cuts a long sentence at a comma or, failing that, between words. */
function split(sentence: string): string[] {
  const pieces: string[] = [];
  let rest = sentence;
  while (rest.length > LONGEST) {
    const head = rest.slice(0, LONGEST);
    const at = Math.max(head.lastIndexOf(", "), head.lastIndexOf("; "), head.lastIndexOf("， "));
    const cut = at > LONGEST / 3 ? at + 1 : head.lastIndexOf(" ");
    if (cut <= 0) break;
    pieces.push(rest.slice(0, cut).trim());
    rest = rest.slice(cut).trim();
  }
  return [...pieces, rest];
}

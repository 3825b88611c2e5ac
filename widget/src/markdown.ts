/** Markdown-lite: turns an answer's text into a small tree that views draw as nodes, never as HTML. */

import { hostOf, linkAddress } from "./address";
import type { Judge } from "./destination";

export type Inline =
  | { kind: "text"; text: string }
  | { kind: "bold" | "italic"; children: Inline[] }
  | { kind: "code"; text: string }
  | { kind: "link"; url: string; children: Inline[] }
  | { kind: "cite"; number: number };

export type Block =
  | { kind: "paragraph"; children: Inline[] }
  | { kind: "heading"; children: Inline[] }
  | { kind: "list"; ordered: boolean; start: number; items: Inline[][] }
  | { kind: "code"; text: string; language: string }
  | { kind: "table"; head: Inline[][]; rows: Inline[][][]; sides: Side[] };

/** On which side of its column a cell's text stands. */
export type Side = "start" | "center" | "end";

const FENCE = /^\s{0,3}```\s*([\w+#.-]{0,20})/;
const ROW = /^\s*\|/;
const RULE = /^\s*\|(?:\s*:?-+:?\s*\|)*\s*:?-+:?\s*\|?\s*$/;
const HEADING = /^#{1,6}\s+(.*)$/;
const BULLET = /^\s*[-*•]\s+(.*)$/;
const NUMBERED = /^\s*(\d{1,3})[.)]\s+(.*)$/;

/** `partial` says that more text will come: a marker that is still open is then hidden instead of shown raw. */
export function parseMarkdown(source: string, partial = false, link: Judge = linkAddress): Block[] {
  const blocks: Block[] = [];
  const lines = source.replace(/\r\n?/g, "\n").split("\n");
  let paragraph: string[] = [];
  const inline = (text: string) => parseInline(partial ? closeOpenMarkers(text) : text, link);
  const flush = () => {
    if (paragraph.length) blocks.push({ kind: "paragraph", children: inline(paragraph.join("\n")) });
    paragraph = [];
  };

  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const fence = FENCE.exec(line);
    if (fence) {
      flush();
      const from = at + 1;
      for (at = from; at < lines.length && !FENCE.test(lines[at] ?? ""); at += 1);
      blocks.push({ kind: "code", text: lines.slice(from, at).join("\n"), language: fence[1] ?? "" });
      continue;
    }
    if (ROW.test(line)) {
      const rule = lines[at + 1];
      if (rule === undefined && partial) break; // whether it is a table is still to come
      if (RULE.test(rule ?? "")) {
        flush();
        const from = at + 2;
        for (at = from; at < lines.length && ROW.test(lines[at] ?? ""); at += 1);
        const rows = lines.slice(from, at).map((row) => cellsOf(row).map(inline));
        blocks.push({ kind: "table", head: cellsOf(line).map(inline), rows, sides: cellsOf(rule ?? "").map(sideOf) });
        at -= 1;
        continue;
      }
    }
    const heading = HEADING.exec(line);
    const bullet = BULLET.exec(line);
    const numbered = NUMBERED.exec(line);
    if (!line.trim()) flush();
    else if (heading) {
      flush();
      blocks.push({ kind: "heading", children: inline(heading[1] ?? "") });
    } else if (bullet || numbered) {
      flush();
      const text = (bullet ? bullet[1] : numbered?.[2]) ?? "";
      const open = blocks.at(-1);
      // A blank line between items does not end a list; an item of the other sort does.
      if (open?.kind === "list" && open.ordered === !bullet) open.items.push(inline(text));
      else blocks.push({ kind: "list", ordered: !bullet, start: Number(numbered?.[1] ?? 1), items: [inline(text)] });
    } else paragraph.push(line.trim());
  }
  flush();
  return blocks;
}

function cellsOf(row: string): string[] {
  return row
    .trim()
    .replace(/^\||(?<!\\)\|$/g, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function sideOf(rule: string): Side {
  if (!rule.endsWith(":")) return "start";
  return rule.startsWith(":") ? "center" : "end";
}

/** What a screen reader announces and what is copied: the same text without its marks. */
export function plainText(source: string): string {
  const read = (nodes: Inline[]): string =>
    nodes
      .map((node) => {
        switch (node.kind) {
          case "text":
          case "code":
            return node.text;
          case "cite":
            return "";
          default:
            return read(node.children);
        }
      })
      .join("")
      .replace(/ +([.,;:!?])/g, "$1")
      .replace(/ {2,}/g, " ");
  return parseMarkdown(source)
    .map((block) => {
      switch (block.kind) {
        case "code":
          return block.text;
        case "list":
          return block.items
            .map((item, i) => `${block.ordered ? `${block.start + i}.` : "-"} ${read(item).trim()}`)
            .join("\n");
        case "table": // as spreadsheets take it
          return [block.head, ...block.rows].map((row) => row.map((cell) => read(cell).trim()).join("\t")).join("\n");
        default:
          return read(block.children).trim();
      }
    })
    .join("\n\n");
}

function parseInline(source: string, link: Judge, insideLink = false): Inline[] {
  const nodes: Inline[] = [];
  let plain = "";
  const flush = () => {
    if (plain) nodes.push({ kind: "text", text: plain });
    plain = "";
  };

  for (let at = 0; at < source.length; ) {
    const token = readToken(source, at, link, insideLink);
    if (token) {
      flush();
      nodes.push(...token.nodes);
      at = token.end;
    } else {
      plain += source[at];
      at += 1;
    }
  }
  flush();
  return nodes;
}

interface Token {
  nodes: Inline[];
  end: number;
}

function readToken(source: string, at: number, link: Judge, insideLink: boolean): Token | null {
  switch (source[at]) {
    case "\\": // an escaped mark is a plain character
      return /[\\`*_[\]()#-]/.test(source[at + 1] ?? "")
        ? { nodes: [{ kind: "text", text: source[at + 1] ?? "" }], end: at + 2 }
        : null;
    case "`": {
      const end = source.indexOf("`", at + 1);
      return end > at + 1 ? { nodes: [{ kind: "code", text: source.slice(at + 1, end) }], end: end + 1 } : null;
    }
    case "*":
    case "_":
      return readEmphasis(source, at, link, insideLink);
    case "[":
      return readCitation(source, at) ?? (insideLink ? null : readLink(source, at, link));
    case "h":
      return insideLink ? null : readBareAddress(source, at, link);
    default:
      return null;
  }
}

function readEmphasis(source: string, at: number, link: Judge, insideLink: boolean): Token | null {
  const mark = source[at] ?? "";
  const double = source[at + 1] === mark;
  const open = double ? mark + mark : mark;
  const from = at + open.length;
  if (!/\S/.test(source[from] ?? "")) return null;
  if (mark === "_" && /\w/.test(source[at - 1] ?? "")) return null; // snake_case is a word
  const end = source.indexOf(open, from + 1);
  if (end < 0 || !/\S/.test(source[end - 1] ?? "")) return null;
  if (mark === "_" && /\w/.test(source[end + open.length] ?? "")) return null;
  const children = parseInline(source.slice(from, end), link, insideLink);
  return { nodes: [{ kind: double ? "bold" : "italic", children }], end: end + open.length };
}

const CITATION = /\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\](?!\()/y;

function readCitation(source: string, at: number): Token | null {
  CITATION.lastIndex = at;
  const match = CITATION.exec(source);
  if (!match) return null;
  const nodes = (match[1] ?? "").split(",").map((number): Inline => ({ kind: "cite", number: Number(number) }));
  return { nodes, end: at + match[0].length };
}

const LINK = /\[([^\]\n]{1,300})\]\(([^()\s]{1,2000})\)/y;

function readLink(source: string, at: number, link: Judge): Token | null {
  LINK.lastIndex = at;
  const match = LINK.exec(source);
  if (!match) return null;
  const children = parseInline(match[1] ?? "", link, true);
  const url = link(match[2]);
  // A refused address leaves the words and the host that they would have led to.
  const host = hostOf(match[2] ?? "");
  const named: Inline[] = host && !match[1]?.includes(host) ? [{ kind: "text", text: ` (${host})` }] : [];
  return { nodes: url ? [{ kind: "link", url, children }] : [...children, ...named], end: at + match[0].length };
}

const BARE = /https?:\/\/[^\s<>"'`]{3,2000}/y;

function readBareAddress(source: string, at: number, link: Judge): Token | null {
  if (/\w/.test(source[at - 1] ?? "")) return null;
  BARE.lastIndex = at;
  const address = BARE.exec(source)?.[0].replace(/[.,;:!?)\]*_]+$/, "");
  const url = link(address);
  if (!address || !url) return null;
  return { nodes: [{ kind: "link", url, children: [{ kind: "text", text: address }] }], end: at + address.length };
}

/** While text still streams: closes an open bold or code, hides half a link or citation. */
function closeOpenMarkers(text: string): string {
  let closed = text.replace(/\[[^\]\n]{0,300}(?:\]\([^()\s]*)?$/, "").replace(/[*_`]+$/, "");
  if ((closed.match(/`/g)?.length ?? 0) % 2) return `${closed}\``;
  if ((closed.match(/\*\*/g)?.length ?? 0) % 2) closed = `${closed.trimEnd()}**`;
  return closed;
}

/** Draws Markdown-lite as nodes. While text streams, each new word fades in once. */

import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import type { Citation } from "../contract";
import type { Judge } from "../destination";
import { fill } from "../locale";
import { type Block, type Inline, parseMarkdown } from "../markdown";
import { Code } from "./Code";
import { useWords } from "./locale";
import { Table } from "./Table";

interface Props {
  text: string;
  citations: readonly Citation[];
  /** Which addresses the text may lead to. */
  link: Judge;
  streaming: boolean;
}

export function Prose({ text, citations, link, streaming }: Props) {
  const blocks = useMemo(() => parseMarkdown(text, streaming, link), [text, streaming, link]);
  const pen: Pen = { citations: new Map(citations.map((citation) => [citation.number, citation])), streaming };
  return (
    <div class="prose" dir="auto">
      {blocks.map((block, at) => (
        <BlockView key={at} block={block} pen={pen} />
      ))}
    </div>
  );
}

interface Pen {
  citations: Map<number, Citation>;
  streaming: boolean;
}

function BlockView({ block, pen }: { block: Block; pen: Pen }) {
  switch (block.kind) {
    case "paragraph":
      return <p>{inlines(block.children, pen)}</p>;
    case "heading":
      return <h3>{inlines(block.children, pen)}</h3>;
    case "code":
      return <Code text={block.text} language={block.language} />;
    case "table":
      return <Table head={block.head} rows={block.rows} sides={block.sides} write={(nodes) => inlines(nodes, pen)} />;
    case "list": {
      const items = block.items.map((item, at) => <li key={at}>{inlines(item, pen)}</li>);
      return block.ordered ? <ol start={block.start}>{items}</ol> : <ul>{items}</ul>;
    }
  }
}

function inlines(nodes: readonly Inline[], pen: Pen): ComponentChildren {
  return nodes.map((node, at) => {
    switch (node.kind) {
      case "text":
        return words(nodes[at + 1]?.kind === "cite" ? glued(node.text) : node.text, pen);
      case "bold":
        return <strong key={at}>{inlines(node.children, pen)}</strong>;
      case "italic":
        return <em key={at}>{inlines(node.children, pen)}</em>;
      case "code":
        return <code key={at}>{node.text}</code>;
      case "link":
        return (
          <a key={at} href={node.url} target="_blank" rel="noopener noreferrer nofollow">
            {inlines(node.children, pen)}
          </a>
        );
      case "cite":
        return <Cite key={at} number={node.number} citation={pen.citations.get(node.number)} />;
    }
  });
}

function Cite({ number, citation }: { number: number; citation: Citation | undefined }) {
  const words = useWords();
  if (!citation?.url) return <span class="cite">{number}</span>;
  const title = [citation.title, citation.label].filter(Boolean).join(" · ");
  return (
    <a class="cite" href={citation.url} target="_blank" rel="noopener noreferrer" title={title} aria-label={fill(words.source, { number, title })}>
      {number}
    </a>
  );
}

function words(text: string, { streaming }: Pen): ComponentChildren {
  if (!streaming) return text;
  return (text.match(/\s*\S+\s*|\s+/g) ?? []).map((word, at) => (
    <span key={at} class="word">
      {word}
    </span>
  ));
}

/** A number never stands alone at the start of a line. */
function glued(text: string): string {
  return text.replace(/ +$/, "\u00a0");
}

/** Where an answer comes from: number, title, and page, heading or second; each opens its place in a new tab. */

import type { Citation } from "../contract";
import { Icon, type IconName } from "./Icon";
import { useWords } from "./locale";

const ICONS: Record<Citation["modality"], IconName> = { text: "document", slide: "document", image: "image", video: "play" };

export function SourceChips({ citations }: { citations: readonly Citation[] }) {
  return (
    <ul class="chips" aria-label={useWords().sources}>
      {citations.map((citation) => (
        <li key={citation.number}>
          <Chip citation={citation} />
        </li>
      ))}
    </ul>
  );
}

/** The same sources as rows, for under a call: the place first, because several often come from one document. */
export function SourceRows({ citations }: { citations: readonly Citation[] }) {
  return (
    <ul class="rows" aria-label={useWords().sources}>
      {withoutTwins(citations).map((citation) => (
        <li key={citation.number}>
          <SourceLink citation={citation} class="row">
            <Icon name={ICONS[citation.modality]} />
            <b dir="auto">{citation.label || citation.title}</b>
            {citation.label && <span dir="auto">{citation.title}</span>}
          </SourceLink>
        </li>
      ))}
    </ul>
  );
}

/** Each address once. What has none is told apart by its words. */
export function withoutTwins(citations: readonly Citation[]): Citation[] {
  const places = citations.map(({ url, title, label }) => url || `${title} ${label}`);
  return citations.filter((_, at) => places.indexOf(places[at] ?? "") === at);
}

function Chip({ citation }: { citation: Citation }) {
  return (
    <SourceLink citation={citation} class="chip">
      <b>{citation.number}</b>
      <span dir="auto">{[citation.title, citation.label].filter(Boolean).join(" · ")}</span>
    </SourceLink>
  );
}

interface LinkProps {
  citation: Citation;
  class: string;
  children: preact.ComponentChildren;
}

function SourceLink({ citation, class: look, children }: LinkProps) {
  return citation.url ? (
    <a class={look} href={citation.url} target="_blank" rel="noopener noreferrer" title={citation.snippet || undefined}>
      {children}
    </a>
  ) : (
    <span class={look}>{children}</span>
  );
}

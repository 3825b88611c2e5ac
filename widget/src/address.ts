/** Decides which addresses may become links or media. What arrives from documents and models is data, not trusted. */

import type { Answer, Card, Citation } from "./contract";

const LINK_SCHEMES = new Set(["https:", "http:", "mailto:", "tel:"]);
const MEDIA_SCHEMES = new Set(["https:", "http:"]);

/** The absolute address, or an empty string for anything but the allowed schemes. */
export function linkAddress(raw: string | null | undefined, base?: string): string {
  return allowed(raw, LINK_SCHEMES, base);
}

export function mediaAddress(raw: string | null | undefined, base?: string): string {
  return allowed(raw, MEDIA_SCHEMES, base);
}

/** The host a visitor would land on, without the noise of `www`. */
export function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host.replace(/^www\./, "") : "";
}

/** An answer with every address made absolute or emptied, so that views need not think about it. */
export function safeAnswer(answer: Answer, base: string): Answer {
  return {
    ...answer,
    citations: answer.citations.map((citation) => safeCitation(citation, base)),
    shown: answer.shown.map((card) => safeCard(card, base)),
    actions: answer.actions.map((card) => safeCard(card, base)),
  };
}

export function safeCard<C extends Card>(card: C, base: string): C {
  switch (card.kind) {
    case "image":
      return { ...card, url: mediaAddress(card.url, base), sourceUrl: linkAddress(card.sourceUrl, base) };
    case "clip":
      return {
        ...card,
        url: mediaAddress(card.url, base),
        poster: mediaAddress(card.poster, base),
        captionsUrl: mediaAddress(card.captionsUrl, base),
      };
    case "sources":
      return { ...card, citations: card.citations.map((citation) => safeCitation(citation, base)) };
    case "meeting":
    case "contact":
      return { ...card, url: linkAddress(card.url, base) };
    default:
      return card;
  }
}

function safeCitation(citation: Citation, base: string): Citation {
  return { ...citation, url: linkAddress(citation.url, base) };
}

function allowed(raw: string | null | undefined, schemes: Set<string>, base?: string): string {
  if (!raw || !URL.canParse(raw, base)) return "";
  const url = new URL(raw, base);
  return schemes.has(url.protocol) ? url.href : "";
}

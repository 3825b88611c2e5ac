/** Decides which addresses may become links or media. What arrives from documents and models is data, not trusted. */

import type { Answer, Card, Citation, PublicProfile } from "./contract";

const LINK_SCHEMES = new Set(["https:", "http:", "mailto:", "tel:"]);
const MEDIA_SCHEMES = new Set(["https:", "http:"]);

/** Where the widget may go by itself: our own host, and those that the company has named for pictures and clips. */
export class Reach {
  #media: readonly string[] = [];

  constructor(readonly base: string) {}

  learn(profile: PublicProfile): void {
    this.#media = profile.mediaHosts ?? []; // an older server names none
  }

  /** The absolute address of a picture or a clip; empty where it would be fetched from anywhere else. */
  media(raw: string | null | undefined): string {
    const address = mediaAddress(raw, this.base);
    if (!address) return "";
    const { host, hostname } = new URL(address);
    return host === new URL(this.base).host || this.#media.includes(hostname) ? address : "";
  }
}

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
export function safeAnswer(answer: Answer, reach: Reach): Answer {
  return {
    ...answer,
    citations: answer.citations.map((citation) => safeCitation(citation, reach.base)),
    shown: answer.shown.map((card) => safeCard(card, reach)),
    actions: answer.actions.map((card) => safeCard(card, reach)),
  };
}

export function safeCard<C extends Card>(card: C, reach: Reach): C {
  switch (card.kind) {
    case "image":
      return { ...card, url: reach.media(card.url), sourceUrl: linkAddress(card.sourceUrl, reach.base) };
    case "clip":
      return {
        ...card,
        url: reach.media(card.url),
        poster: reach.media(card.poster),
        captionsUrl: reach.media(card.captionsUrl),
      };
    case "sources":
      return { ...card, citations: card.citations.map((citation) => safeCitation(citation, reach.base)) };
    case "meeting":
    case "contact":
      return { ...card, url: linkAddress(card.url, reach.base) };
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

/**
 * Where a text may lead that a model wrote: to the company's own hosts, and to the pages that it has on others' hosts.
 * The server decides by the same rule (`aisdr/destination.py`), and both are held against the same cases
 * (`tests/data/destinations.json`).
 */

import type { Citation, PublicProfile } from "./contract";

/** The address that may be followed, or an empty string. */
export type Judge = (raw: string | null | undefined) => string;

export interface Destinations {
  /** The company's own: with all hosts below them, with any port and any path. */
  hosts: readonly string[];
  /** Its addresses on others' hosts: each with what lies below it. What stands in braces is filled in later. */
  pages: readonly string[];
}

const MOST = 2000;
/** What can be seen, of ASCII, without the backslash, which browsers read as a slash. */
const READ_ONE_WAY = /^[!-[\]-~]+$/;
/** Without a user's name before the host, without escapes in it, and without the dot that may end it. */
const WEB = /^(https?):\/\/([\w-]+(?:\.[\w-]+)*)(?::(\d{0,5}))?(\/[^?#]*)?(?:\?([^#]*))?(?:#(.*))?$/i;
const MAILBOX = /^mailto:[\w.+-]+@([\w.-]+)$/i;
/**
 * In a path: escapes that are none, are opened a second time by some, or taken for a slash; dots that some servers obey
 * although something follows; and a step without a name, which some leave out.
 */
const READ_TWO_WAYS = /%(?![0-9a-f]{2})|%(?:2f|5c|25|7f|[01][0-9a-f])|(?:\.|%2e)(?:;|%3b)|\/\//i;

/**
 * What one page may know: the profile's, what the answer cites, and the website that the widget stands on, unless that
 * is the server's own, where other companies have their pages as well.
 */
export function destinationsOf(profile: PublicProfile | null, cited: readonly Citation[], page: string, base: string): Destinations {
  const { host, hostname } = new URL(page);
  const website = hostname && host !== new URL(base).host ? [hostname.replace(/^www\./, "")] : [];
  return {
    hosts: [...(profile?.linkHosts ?? []), ...website],
    pages: [...(profile?.linkPages ?? []), ...cited.map(({ url }) => url)],
  };
}

export function linksTo({ hosts, pages }: Destinations): Judge {
  const own = (host: string) => hosts.some((each) => host === each || host.endsWith(`.${each}`));
  const known = pages.map(pageOf).filter((page) => page !== null);
  return (raw) => {
    if (!raw || raw.length > MOST || !READ_ONE_WAY.test(raw)) return "";
    // A letter is opened without words that somebody else has put into it; a number is only read.
    const mailbox = MAILBOX.exec(raw)?.[1];
    if (mailbox) return own(mailbox.toLowerCase()) ? raw : "";
    const web = read(raw);
    // The browser has the last word on what it would open.
    if (!web || !URL.canParse(raw) || new URL(raw).hostname !== web.host) return "";
    return own(web.host) || known.some((page) => takes(page, web)) ? new URL(raw).href : "";
  };
}

interface Web {
  host: string;
  origin: string;
  path: string;
  query: string;
  fragment: string;
}

function read(raw: string): Web | null {
  const [whole, scheme = "", host = "", port, path = "/", query = "", fragment = ""] = WEB.exec(raw) ?? [];
  if (!whole) return null;
  const kind = scheme.toLowerCase();
  const origin = `${kind}://${host.toLowerCase()}:${Number(port || (kind === "https" ? 443 : 80))}`;
  return { host: host.toLowerCase(), origin, path, query, fragment };
}

/** A page of the company's on a host that is not its own. */
interface Page {
  origin: string;
  steps: readonly string[];
  /** The company's own; null where any value may stand. */
  parameters: ReadonlyMap<string, string | null>;
  fragment: string;
  /** It is told from others' by its query or its fragment: what lies below could be anybody's. */
  alone: boolean;
}

/** None for what is no address, or has a visitor's words where the company's page is told from others. */
function pageOf(address: string): Page | null {
  const web = READ_ONE_WAY.test(address) ? read(address) : null;
  if (!web) return null;
  const open = web.path.indexOf("{");
  const steps = stepsOf(open < 0 ? web.path : web.path.slice(0, web.path.lastIndexOf("/", open) + 1));
  if (!steps || (open >= 0 && !steps.length)) return null;
  const given = [...new URLSearchParams(web.query)].filter(([name]) => !name.includes("{"));
  const parameters = new Map(given.map(([name, value]) => [name, value.includes("{") ? null : value]));
  const alone = Boolean(web.fragment) || [...parameters.values()].some((value) => value !== null);
  return { origin: web.origin, steps, parameters, fragment: web.fragment, alone };
}

function takes(page: Page, web: Web): boolean {
  const steps = stepsOf(web.path);
  if (!steps || web.origin !== page.origin || !page.steps.every((step, at) => steps[at] === step)) return false;
  if (page.alone && steps.length !== page.steps.length) return false;
  return (!web.fragment || web.fragment === page.fragment) && isAskedAlike(page, web);
}

/** By the company's own parameters, each once, with its own values; some servers part them at `;` too. */
function isAskedAlike({ parameters }: Page, { query }: Web): boolean {
  const asked = new URLSearchParams(query);
  const names = [...asked.keys()];
  return (
    new Set(names).size === names.length &&
    !query.includes(";") &&
    names.every((name) => parameters.has(name)) &&
    [...parameters].every(([name, value]) => value === null || asked.get(name) === value)
  );
}

/** As a browser walks them, without needless escapes; none where another reader could walk elsewhere. */
function stepsOf(path: string): string[] | null {
  if (READ_TWO_WAYS.test(path)) return null;
  const steps: string[] = [];
  for (const step of path.replace(/%[0-9a-f]{2}/gi, unescaped).split("/")) {
    if (step === "..") steps.pop();
    else if (step && step !== ".") steps.push(step);
  }
  return steps;
}

function unescaped(escape: string): string {
  const plain = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
  return /[\w.~-]/.test(plain) ? plain : escape.toUpperCase();
}

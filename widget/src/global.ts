/** `aiSdr`, the one name that we leave on a page: the element's verbs, also before there is an element. */

const VERBS = "open close toggle show hide destroy identify setContext send setMode on off".split(" ");

type Call = [verb: string, ...details: unknown[]];
type Verbs = Record<string, (...details: unknown[]) => unknown>;
interface Api {
  (...call: Call): unknown;
  /** What the page's own stub has kept. */
  q?: Call[];
}

const page = window as { aiSdr?: Api };
const waiting = page.aiSdr?.q ?? [];

/** `aiSdr("send", "…")` and `aiSdr.send("…")` are one call, to the first assistant on the page. */
const api: Api = (...call) => {
  const element = document.querySelector("ai-sdr") as Verbs | null;
  const [verb, ...details] = call;
  return element ? element[verb]!(...details) : waiting.push(call);
};

export function speak(): void {
  for (const verb of VERBS) (api as unknown as Verbs)[verb] = api.bind(null, verb);
  page.aiSdr = api;
}

/** An element has come: what was said before is for it. */
export function catchUp(): void {
  for (const call of waiting.splice(0)) api(...call);
}

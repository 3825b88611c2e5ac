"""S-20: the widget on a website that trusts nobody: axe, violations of its policy, names that it leaves, its weight.

The page allows what `aisdr snippet` prints and nothing else: scripts by hash, no inline style, Trusted Types. Calls on
such a page, with the vendors' look-alikes, are walked in `tests/walks/test_strict_page.py`.
"""

import gzip
import re
from typing import Any

from playwright.sync_api import Browser, Page

from aisdr.company import PublicProfile
from benchmarks.scoreboard.figure import Figure, Form
from benchmarks.scoreboard.page.markup import fulfil
from benchmarks.scoreboard.scene.tab import Tab, tab
from scripts.snippet import Site, Snippet, snippet_for
from tests.widget.axe import AXE, TAGS
from tests.widget.outside import ANSWER, DIST, PROFILE, build

LOADER_BYTES = 2048
STATES = ("closed", "open", "answered", "form", "menu", "listen")
QUESTION = "What does it cost?"
FORM = {
    "kind": "confirm",
    "confirmationId": "k",
    "tool": "log_lead",
    "title": "Send your details to Acme?",
    "note": "When you confirm, Acme receives these details.",
    "fields": [{"name": "email", "label": "E-mail address", "value": "", "kind": "email", "required": True}],
}


def measure(form: Form, browser: Browser | None = None) -> Figure:
    broken, violations, names, changed = dict[str, list[str]](), list[Any](), set[str](), list[str]()
    looks = ("light", "dark") if form == "full" else ("light",)
    with tab(browser) as ours:
        printed = _snippet(ours)
        ours.page.route("**/api/answer", lambda route: fulfil(route, json=ANSWER | {"actions": [FORM]}))
        ours.page.route_web_socket("**/ws*", lambda socket: socket.close())
        for look in looks:
            ours.page.emulate_media(color_scheme=look, reduced_motion="reduce")  # type: ignore[arg-type]
            found, left, prototypes = _walk(ours, printed, look)
            broken |= {f"{look} {state}": rules for state, rules in found.items() if rules}
            violations += ours.page.evaluate("violations")
            names |= left
            changed += prototypes
        in_force, errors = _is_in_force(ours.page), ours.errors
    size = len(gzip.compress((DIST / "embed.js").read_bytes(), 9))
    met = not (broken or violations or changed or errors) and names == {"aiSdr"} and size <= LOADER_BYTES and in_force
    return Figure(
        f"{sum(map(len, broken.values()))} rules of axe broken in {len(STATES) * len(looks)} states, {len(violations)} "
        f"violations of CSP and Trusted Types, {len(names)} global, loader {size:,} B gzip",
        f"0; 0; 1; ≤ {LOADER_BYTES:,} B",
        met,
        {
            "axe": broken,
            "violations": violations,
            "globals": sorted(names),
            "prototypes": changed,
            "loader": size,
            "in_force": in_force,
            "errors": errors,
        },
    )


def _snippet(ours: Tab) -> Snippet:
    profile = PublicProfile.model_validate(PROFILE)
    site = Site.of(ours.product.url, ours.product.url.replace("http", "ws"), ("localhost", "127.0.0.1"))
    return snippet_for(profile, site, build())


def _policy(printed: Snippet) -> str:
    """Nothing but what is printed; scripts by the hashes of their content. The page's own icon comes from itself."""
    own = printed.policy["connect-src"][0]
    lines = {"default-src": ["'none'"], "style-src": ["'self'"], **printed.policy}
    lines["script-src"] = [*printed.hashes, *(each for each in printed.policy["script-src"] if each != own)]
    lines["img-src"] = ["'self'", *printed.policy["img-src"]]
    lines |= {"require-trusted-types-for": ["'script'"], "trusted-types": printed.trusted_types}
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in lines.items())


NATIVE = """() => [Object, Array, Function, String, Promise, Element, HTMLElement, Node, Document, Window, Event]
  .flatMap((kind) => Reflect.ownKeys(kind.prototype).map((name) => `${kind.name}.${String(name)}`))"""


def _walk(ours: Tab, printed: Snippet, look: str) -> tuple[dict[str, list[str]], set[str], list[str]]:
    """Axe's word on each state; the names that the page has afterwards and had not before; changed prototypes."""
    page = ours.page
    ours.website.headers = {"content-security-policy": _policy(printed)}
    main = '<main><h1>Shop</h1><p><a href="/more">More</a></p></main>'
    ours.open(main, f"/bare-{look}")
    page.evaluate(AXE.read_text())  # it leaves names of its own
    before, natives = set(page.evaluate("Object.getOwnPropertyNames(window)")), page.evaluate(NATIVE)
    ours.open(f"{main}{printed.tag}", f"/{look}")
    page.get_by_role("button", name="Open chat").wait_for(timeout=60_000)
    found = {"closed": _axe(page)}
    page.get_by_role("button", name="Open chat").click()
    page.get_by_role("group", name="Mode").wait_for(timeout=60_000)
    found["open"] = _axe(page)
    box = page.get_by_role("textbox", name=re.compile("Ask a question"))
    box.fill(QUESTION)
    box.press("Enter")
    page.get_by_role("button", name="Good answer").wait_for(timeout=60_000)
    found["answered"] = _axe(page)
    page.get_by_role("textbox", name=re.compile("E-mail")).focus()
    found["form"] = _axe(page)
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("dialog", name="Menu").wait_for()
    found["menu"] = _axe(page)
    page.keyboard.press("Escape")
    page.get_by_role("group", name="Mode").get_by_role("button", name="Listen").click()
    found["listen"] = _axe(page)
    names = set(page.evaluate("Object.getOwnPropertyNames(window)")) - before
    return found, names, sorted(set(page.evaluate(NATIVE)) ^ set(natives))


def _axe(page: Page) -> list[str]:
    """The tool itself is brought in by the debugger, which no policy of a page binds."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", TAGS)
    if len(found["passes"]) < 5:
        return ["axe found hardly anything to look at"]
    return [f"{rule['id']}: {node['target'][-1]}" for rule in found["violations"] for node in rule["nodes"]]


def _is_in_force(page: Page) -> bool:
    """That the policy would have been violated by what it forbids."""
    page.evaluate("violations.splice(0)")
    page.evaluate("document.body.setAttribute('style', 'color: red')")
    try:
        page.evaluate("document.body.innerHTML = '<b>x</b>'")
    except Exception as error:
        blocked = page.evaluate("violations.splice(0).map(([directive]) => directive)")
        return "TrustedHTML" in str(error) and set(blocked) == {"style-src-attr", "require-trusted-types-for"}
    return False

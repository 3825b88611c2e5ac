"""One visit of one website in a fresh browser profile: what comes over the line, and what the main thread does."""

import gzip
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Response, Route
from playwright.sync_api import Error as BrowserError

from benchmarks.widget.pages import Site

QUIET_MS = 1500
PATIENCE_MS = 8000
LOOPBACK = ("localhost", "127.0.0.1")


@dataclass(frozen=True)
class Visit:
    """Bytes are of each body by `gzip -9`, whatever it came as; times are of the main thread, in milliseconds."""

    bytes_before: int
    requests_before: int
    busy_before: float
    stored_before: int
    """Keys in local and session storage, and cookies."""
    foreign_before: int
    """Hosts other than the website's and its widget's own that were asked for something."""
    bytes_open: int | None
    """Until the visitor can write; None where that needs the vendor's own servers."""
    requests_open: int | None


def visit(browser: Browser, address: str, site: Site) -> Visit:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    try:
        page = context.new_page()
        foreign: set[str] = set()
        answers: list[Response] = []

        def judge(route: Route) -> None:
            host = urlsplit(route.request.url).hostname or ""
            if host in LOOPBACK:
                route.continue_()
            else:
                foreign.add(host)
                route.abort()

        context.route("**/*", judge)
        page.on("response", lambda answer: answers.append(answer))
        meter = context.new_cdp_session(page)
        meter.send("Performance.enable")
        page.goto(address, wait_until="load")
        page.wait_for_timeout(QUIET_MS)
        before = _weight(answers)
        busy = next(
            each["value"] for each in meter.send("Performance.getMetrics")["metrics"] if each["name"] == "TaskDuration"
        )
        stored = page.evaluate(
            "localStorage.length + sessionStorage.length + document.cookie.split(';').filter(Boolean).length"
        )
        foreign_before = len(foreign)
        opened = _open(page, site)
        after = _weight(answers) if opened else (None, None)
        return Visit(before[0], before[1], busy * 1000, int(stored), foreign_before, after[0], after[1])
    finally:
        context.close()


def _open(page: Page, site: Site) -> bool:
    try:
        if site.launcher:
            page.locator(site.launcher).first.click(timeout=PATIENCE_MS)
        page.locator(site.panel).first.wait_for(state="visible", timeout=PATIENCE_MS)
    except BrowserError:
        return False
    page.wait_for_timeout(QUIET_MS)
    return True


def _weight(answers: list[Response]) -> tuple[int, int]:
    """Of everything but the page itself."""
    total = count = 0
    for answer in answers:
        if answer.request.resource_type == "document" or not answer.url.startswith("http"):
            continue
        count += 1
        try:
            total += len(gzip.compress(answer.body(), 9))
        except BrowserError:
            continue  # a redirect or an empty answer has no body
    return total, count

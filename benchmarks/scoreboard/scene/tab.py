"""A visitor's tab in real Chromium that notes what ran, what it asked for, and whom: for figures about the widget.

The product behind it and the website around it are the few lines of `tests/widget/outside.py`, on loopback.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Route, sync_playwright

from tests.product import launch
from tests.widget.outside import Product, Website, running

LOOPBACK = ("localhost", "127.0.0.1")
WATCH = """
window.ran = [];
for (const name of ["alert", "prompt", "confirm", "print", "open"])
  window[name] = (...given) => { window.ran.push(`${name}(${given})`); return null; };
window.violations = [];
addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sample }) => {
  violations.push([effectiveDirective, blockedURI, sample]);
}, true);
"""
"""Runs before anything of the page."""


@dataclass
class Tab:
    page: Page
    product: Product
    website: Website
    asked: list[str] = field(default_factory=list)
    """Every address that was asked for."""
    errors: list[str] = field(default_factory=list)

    @property
    def foreign(self) -> list[str]:
        """Those of hosts beyond this machine; none of them was reached."""
        return [each for each in self.asked if urlsplit(each).hostname not in LOOPBACK]

    def open(self, body: str, path: str = "/", **more: Any) -> None:
        self.page.goto(self.website.page(body, path, **more))


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright.chromium)
        yield browser
        browser.close()


@contextmanager
def tab(browser: Browser | None, *scripts: str, headers: dict[str, str] | None = None) -> Iterator[Tab]:
    """`scripts` run before the page's own. Without a browser one is started."""
    with ExitStack() as until:
        browser = browser or until.enter_context(chromium())
        product = until.enter_context(running(Product()))
        website = until.enter_context(running(Website(headers=headers or {})))
        context = until.enter_context(_closing(browser))
        for script in (WATCH, *scripts):
            context.add_init_script(script)
        context.grant_permissions(["local-network-access"])
        page = context.new_page()
        ours = Tab(page, product, website)

        def judge(route: Route) -> None:
            ours.asked.append(route.request.url)
            if urlsplit(route.request.url).hostname in LOOPBACK:
                route.fallback()
            else:
                route.abort()

        context.route("**/*", judge)
        page.on("websocket", lambda socket: ours.asked.append(socket.url))
        page.on("dialog", lambda dialog: dialog.dismiss())
        page.on("pageerror", lambda error: ours.errors.append(str(error)))
        yield ours


@contextmanager
def _closing(browser: Browser) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=False)
    try:
        yield context
    finally:
        context.close()

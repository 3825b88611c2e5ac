"""`python -m benchmarks.ingest.site 10000`: a website of so many pages on loopback, the same at every start.

Each page states facts that no other page states. Around the pages stands what real sites have: navigation, two sitemaps
that list most pages, print views with a canonical address, redirects, sessions in addresses, a PDF that is none, and a
calendar that never ends.
"""

import argparse
import gzip
import hashlib
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PAGES = 10_000
SECTION = 100
"""Articles below one section's page."""

UNLISTED = 20
"""Each so manieth article stands in no sitemap: only the page of its section leads there."""

_PRINTED, _MOVED = 50, 97
_PRODUCTS = ("pump", "valve", "lathe", "scanner", "turbine", "press", "kiln", "mixer", "sorter", "drill")
_TRAITS = (
    "amber",
    "birch",
    "cobalt",
    "delta",
    "ember",
    "fjord",
    "granite",
    "harbor",
    "indigo",
    "juniper",
    "kelp",
    "lunar",
)
_TOWNS = ("Aalen", "Brno", "Cork", "Delft", "Evora", "Faro", "Gent", "Hvar", "Imola", "Jena", "Kaunas", "Lviv")
_HOME = '<a href="/">Home</a>'


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Fact:
    """What one article says, and the question that only it answers."""

    path: str
    question: str
    answer: str


@dataclass(frozen=True)
class SampleSite:
    """`edition` is a part of every `changed`-th article, so that a second crawl finds news there."""

    pages: int = PAGES
    edition: int = 1
    changed: int = 1000

    @property
    def sections(self) -> int:
        return -(-(self.pages - 1) // (SECTION + 1))

    @property
    def articles(self) -> int:
        return self.pages - 1 - self.sections

    def sources(self) -> list[str]:
        """Paths of all pages that a crawl has to find: no more and no less."""
        sections = [_section(number) for number in range(self.sections)]
        return sorted(["/", *sections, *(_article(number) for number in range(self.articles))])

    def fact(self, number: int) -> Fact:
        """Of the article of this number."""
        chance = random.Random(number)  # noqa: S311 - sample text, no secret
        name = f"{chance.choice(_TRAITS)} {chance.choice(_PRODUCTS)} {number:05}"
        kilograms, town = chance.randint(12, 9_900), chance.choice(_TOWNS)
        return Fact(
            _article(number),
            f"How much does the {name} weigh?",
            f"The {name} weighs {kilograms} kilograms and is built in {town}.",
        )

    def answer(self, target: str, known: str | None = None) -> Reply:
        """`known` is the ETag that the asking side has."""
        path, _, query = target.partition("?")
        fixed = self._fixed(path)
        if fixed is not None:
            return fixed
        body = self._page(path, query)
        if body is None:
            return Reply(404, {"Content-Type": "text/plain"}, b"nothing here")
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if known == tag:
            return Reply(304, {"ETag": tag})
        return Reply(200, {"Content-Type": "text/html; charset=utf-8", "ETag": tag}, body)

    def _fixed(self, path: str) -> Reply | None:
        xml = {"Content-Type": "application/xml"}
        match path:
            case "/robots.txt":
                said = "User-agent: *\nDisallow: /internal/\nSitemap: /sitemap.xml\n"
                return Reply(200, {"Content-Type": "text/plain"}, said.encode())
            case "/sitemap.xml":
                files = ("/sitemap-1.xml", "/sitemap-2.xml.gz")
                listed = "".join(f"<sitemap><loc>{each}</loc></sitemap>" for each in files)
                return Reply(200, xml, f"<sitemapindex>{listed}</sitemapindex>".encode())
            case "/sitemap-1.xml":
                return Reply(200, xml, self._sitemap(0))
            case "/sitemap-2.xml.gz":
                return Reply(200, {"Content-Type": "application/gzip"}, gzip.compress(self._sitemap(1), mtime=0))
            case "/brochure.pdf":
                return Reply(200, {"Content-Type": "application/pdf"}, b"<html>please accept our cookies</html>")
            case _ if path.startswith("/moved/") and (number := self._number(path.removeprefix("/moved/"))) is not None:
                return Reply(301, {"Location": _article(number)})
        return None

    def _sitemap(self, half: int) -> bytes:
        numbers = (each for each in range(half, self.articles, 2) if each % UNLISTED)
        return f"<urlset>{''.join(f'<url><loc>{_article(each)}</loc></url>' for each in numbers)}</urlset>".encode()

    def _page(self, path: str, query: str) -> bytes | None:
        parts = path.strip("/").split("/")
        match parts:
            case [""]:
                return self._home()
            case ["calendar", month] if month.isdecimal():
                return _html(
                    "Calendar",
                    f'<a href="/calendar/{int(month) + 1}">next month</a>',
                    '<meta name="robots" content="noindex">',
                )
            case [section] if (number := _number_of(section, "section-")) is not None and number < self.sections:
                return self._section(number)
            case [_, article] if (found := self._number(article)) is not None and path == _article(found):
                return self._article(found, query)
        return None

    def _home(self) -> bytes:
        sections = "".join(
            f'<li><a href="{_section(each)}?sid={each}">Section {each}</a></li>' for each in range(self.sections)
        )
        more = (
            '<a href="/calendar/1">Calendar</a> <a href="/brochure.pdf">Brochure</a> <a href="/internal/">Internal</a>'
        )
        return _html("Sample works", f"<h1>Sample works</h1><p>Machines for every hall.</p><ul>{sections}</ul>{more}")

    def _section(self, number: int) -> bytes:
        first = number * SECTION
        shown = range(first, min(first + SECTION, self.articles))
        links = "".join(f'<li><a href="{_article(each)}?utm_source=list">Article {each}</a></li>' for each in shown)
        links += "".join(f'<a href="{_article(each)}?view=print">print</a>' for each in shown if each % _PRINTED == 0)
        links += "".join(f'<a href="/moved/article-{each}">old</a>' for each in shown if each % _MOVED == 0)
        return _html(f"Section {number}", f"<h1>Section {number}</h1><ul>{links}</ul><a href='#top'>top</a>")

    def _article(self, number: int, query: str) -> bytes:
        fact = self.fact(number)
        chance = random.Random(~number)  # noqa: S311
        edition = self.edition if number % self.changed == 0 else 1
        rows = "".join(f"<tr><td>Stage {each}</td><td>{chance.randint(1, 999)} volts</td></tr>" for each in range(1, 5))
        text = (
            f"<h1>{fact.question.removeprefix('How much does the ').removesuffix(' weigh?').title()}</h1>"
            f"<p>{fact.answer} It runs for {chance.randint(100, 9000)} hours between two services, which take"
            f" {chance.randint(2, 90)} minutes each. This is edition {edition} of its description.</p>"
            f"<h2>Power</h2><table><tr><th>Part</th><th>Supply</th></tr>{rows}</table>"
            f"<h2>Delivery</h2><p>It is delivered within {chance.randint(2, 200)} days in"
            f" {chance.randint(1, 40)} crates, and its spare parts are kept for {chance.randint(3, 60)} years in"
            f" {chance.choice(_TOWNS)}.</p>"
        )
        head = f'<link rel="canonical" href="{fact.path}">' if number % _PRINTED == 0 or query else ""
        return _html(fact.question, f"<article>{text}</article>", head)

    def _number(self, article: str) -> int | None:
        number = _number_of(article, "article-")
        return number if number is not None and number < self.articles else None


def _html(title: str, body: str, head: str = "") -> bytes:
    navigation = f"<nav>{_HOME} <a href='{_section(0)}'>Machines</a> <a href='/calendar/1'>Calendar</a></nav>"
    top = f"<!doctype html><html lang=en><head><title>{title}</title>{head}</head>"
    return f"{top}<body>{navigation}<main>{body}</main></body></html>".encode()


def _section(number: int) -> str:
    return f"/section-{number}"


def _article(number: int) -> str:
    return f"{_section(number // SECTION)}/article-{number}"


def _number_of(name: str, prefix: str) -> int | None:
    digits = name.removeprefix(prefix)
    return int(digits) if name.startswith(prefix) and digits.isdecimal() and digits == str(int(digits)) else None


def server(site: SampleSite, port: int = 0) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            reply = site.answer(self.path, self.headers.get("If-None-Match"))
            self.send_response(reply.status)
            for name, value in {**reply.headers, "Content-Length": str(len(reply.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_: Any) -> None:
            pass  # ten thousand lines tell nobody anything

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


@contextmanager
def served(pages: int = PAGES, edition: int = 1, port: int = 0) -> Iterator[str]:
    """The address of the site, served by a process of its own: what that needs is not counted as the crawler's.

    A second edition is served at the same `port` as the first.
    """
    command = [
        sys.executable,
        "-m",
        "benchmarks.ingest.site",
        str(pages),
        "--edition",
        str(edition),
        "--port",
        str(port),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            assert process.stdout
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", type=int, nargs="?", default=PAGES)
    parser.add_argument("--edition", type=int, default=1)
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    with server(SampleSite(given.pages, given.edition), given.port) as running:
        print(f"http://127.0.0.1:{running.server_port}", flush=True)
        running.serve_forever()

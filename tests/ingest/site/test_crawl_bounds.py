"""No site makes a crawl endless, no consumer makes it run ahead, and no page breaks it."""

import socket
import threading
import time
import zlib
from pathlib import Path
from typing import Any

import pytest

from aisdr.errors import InvalidInput
from aisdr.ingest.site.rules import CrawlRules
from tests.ingest.site.walk import origin, quick, site, tree, walk
from tests.ingest.web import Answer, Asked, Web, only_loopback, page, reply

__all__ = ["only_loopback", "quick", "site"]
pytestmark = pytest.mark.usefixtures("only_loopback")


def test_a_prefix_bounds_what_is_asked_and_what_is_owned(site: Web, tmp_path: Path) -> None:
    rules = CrawlRules(prefix="/docs", rate=0)
    site.answers |= {"/docs": page("/docs/a", "/docsearch", "/", "/docs/../up"), "/docs/a": page()}

    seen = walk(site, tmp_path, "/docs", rules)

    assert seen.found == ["/docs", "/docs/a"]
    assert set(site.paths) == {"/robots.txt", "/sitemap.xml", "/docs", "/docs/a"}
    assert not seen.site.owns(site.url("/blog"))
    assert not seen.site.owns("docs/a.md")
    with pytest.raises(InvalidInput, match="outside of the prefix"):
        walk(site, tmp_path, "/", rules)


def test_depth_and_pages_are_capped_nearer_pages_first(site: Web, tmp_path: Path) -> None:
    site.answers |= tree(3, 4)

    deep = walk(site, tmp_path, rules=CrawlRules(max_depth=2, rate=0))
    few = walk(site, tmp_path, rules=CrawlRules(max_pages=7, rate=0))

    assert len(deep.found) == 1 + 3 + 9
    assert few.found == ["/", "/0", "/1", "/2", "/0/0", "/0/1", "/0/2"]
    assert any("cap of 7 pages was reached" in each for each in few.site.remarks)
    assert any("more than 2 links away" in each for each in deep.site.remarks)


def test_what_is_found_does_not_depend_on_who_answers_first(site: Web, tmp_path: Path) -> None:
    def late(asked: Asked, line: socket.socket) -> bytes:
        answer = slow[asked.path]
        time.sleep(0.02 if asked.path.endswith(("0", "2")) else 0)
        assert isinstance(answer, bytes)
        return answer

    slow = tree(4, 3)
    site.answers |= slow
    one = walk(site, tmp_path, rules=CrawlRules(max_pages=30, rate=0, threads=1))
    site.answers |= dict.fromkeys(slow, late)
    many = walk(site, tmp_path, rules=CrawlRules(max_pages=30, rate=0, threads=8))

    assert one.found == many.found
    assert len(one.found) == 30


@pytest.mark.slow
def test_traps_come_to_an_end(site: Web, tmp_path: Path) -> None:
    class Endless(dict[str, Answer]):
        def get(self, path: str, default: Any = None) -> Any:
            number = sum(map(ord, path))
            return page(f"{path}/again", f"/calendar?month={number}", f"deeper/{number}/", f"?sid={number}", "x" * 700)

    site.answers = Endless()
    site.answers["/robots.txt"] = b""

    seen = walk(site, tmp_path, rules=CrawlRules(max_pages=300, max_depth=6, variants=10, rate=0))

    assert len(seen.found) <= 300
    assert sum("/calendar?" in each for each in seen.found) <= 10
    assert not any("sid=" in each or each.count("again") > 3 for each in seen.found)


def test_a_consumer_that_waits_holds_the_crawl_back(site: Web, tmp_path: Path) -> None:
    site.answers |= {
        "/": page(*[f"/{number:03}" for number in range(200)]),
        **{f"/{number:03}": page() for number in range(200)},
    }
    findings = iter(origin(site, rules=CrawlRules(rate=0, threads=2)).discover({}, tmp_path))

    next(findings)
    next(findings)
    patience = time.monotonic() + 0.5
    while len(site.asked) < 20 and time.monotonic() < patience:
        time.sleep(0.02)  # who runs ahead has time to
    waited = len(site.asked)
    findings.close()

    assert waited < 20
    assert not [each for each in tmp_path.rglob("*") if each.is_file() and each.stem not in ("page", "000")]
    assert not [each for each in threading.enumerate() if each.name.startswith("crawl")]


def test_hostile_pages_are_failures_with_a_reason(site: Web, tmp_path: Path) -> None:
    site.answers |= {
        "/": page("/bomb", "/brotli", "/liar.png.php", "/long", "/garbage"),
        "/bomb": reply(zlib.compress(bytes(20_000_000)), content_encoding="deflate"),
        "/brotli": reply(b"...", content_encoding="br"),
        "/liar.png.php": reply("<html><script>", "image/png"),
        "/long": b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000 + b"\r\n\r\n",
        "/garbage": reply(bytes(range(256)) * 100, "text/html"),
    }

    seen = walk(site, tmp_path)

    assert seen.found == ["/"]
    assert "a bomb" in seen.reasons["/bomb"]
    assert "not asked for" in seen.reasons["/brotli"]
    assert "no proper HTTP" in seen.reasons["/long"]
    assert "/liar.png.php" not in seen.reasons
    assert any("2 addresses are of a type" in each for each in seen.site.remarks)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"max_pages": 0}, "between 1 and 50000"),
        ({"max_pages": 50_001}, "between 1 and 50000"),
        ({"prefix": "docs"}, "begin it with"),
        ({"threads": 0}, "needs a thread"),
        ({"rate": -1}, "no negative"),
    ],
)
def test_rules_that_make_no_sense_are_said_at_once(given: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        CrawlRules(**given)

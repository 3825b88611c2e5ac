"""The crawl after the first: what changes nothing is not sent, what is gone leaves, what only fails stays."""

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from aisdr.errors import VendorError
from aisdr.index.base import SourceRecord
from aisdr.ingest.origins.base import Failed, Finding, Found, Gone, Unchanged
from aisdr.ingest.site import crawl
from aisdr.ingest.site.rules import CrawlRules
from tests.ingest.site.walk import origin, proper, quick, site, tree, walk
from tests.ingest.web import Answer, Asked, Web, only_loopback, page, reply, to

__all__ = ["only_loopback", "quick", "site"]
pytestmark = pytest.mark.usefixtures("only_loopback")


def test_what_has_not_changed_is_not_sent_again_and_still_leads_on(site: Web, tmp_path: Path) -> None:
    pages = {
        "/": page("/a", "/hub", "/.//twice"),
        "/a": page("/a/b"),
        "//twice": page(),
        "/a/b": page(),
        "/a/b/new": page(),
    }
    pages["/hub"] = page("/a/b/new", head='<meta name="robots" content="noindex">')

    def versioned(asked: Asked, line: socket.socket) -> bytes:
        body = pages[asked.path].partition(b"\r\n\r\n")[2]
        tag = f'"{hash(body)}"'
        return reply(status=304) if asked.headers.get("if-none-match") == tag else reply(body, etag=tag)

    site.answers |= dict.fromkeys(pages, versioned)
    first = walk(site, tmp_path)
    second = walk(site, tmp_path, known=first.records())
    pages["/a/b"] = page("/a/b/newer")
    site.answers["/a/b/newer"] = page()
    third = walk(site, tmp_path, known=first.records())
    in_full = walk(site, tmp_path, known=first.records(), complete_before=False)
    other_rules = walk(site, tmp_path, known=first.records(), rules=CrawlRules(rate=0, max_depth=4))

    assert first.found == ["/", "//twice", "/a", "/a/b", "/a/b/new"]
    assert second.told(Unchanged) == first.found
    assert "/hub" in site.paths
    assert third.found == ["/a/b", "/a/b/newer"]
    assert third.told(Unchanged) == ["/", "//twice", "/a", "/a/b/new"]
    assert in_full.told(Unchanged) == other_rules.told(Unchanged) == []


def test_a_page_that_was_read_in_another_way_is_sent_again(site: Web, tmp_path: Path) -> None:
    tagged = reply("<html>", etag='"1"')
    site.answers |= {"/": lambda asked, line: reply(status=304) if asked.headers.get("if-none-match") else tagged}
    known = walk(site, tmp_path).records()
    outdated = {each: replace(record, content_hash="") for each, record in known.items()}

    assert walk(site, tmp_path, known=known).told(Unchanged) == ["/"]
    assert walk(site, tmp_path, known=outdated).found == ["/"]


@pytest.mark.slow
def test_a_crawl_that_was_broken_off_is_continued_to_the_same_end(site: Web, tmp_path: Path) -> None:
    def versioned(asked: Asked, line: socket.socket) -> bytes:
        return reply(status=304) if asked.headers.get("if-none-match") else with_etag(pages[asked.path])

    def with_etag(answer: Answer) -> bytes:
        assert isinstance(answer, bytes)
        return answer.replace(b"\r\n", b'\r\netag: "1"\r\n', 1)

    pages = tree(3, 3)
    site.answers |= dict.fromkeys(pages, versioned)
    whole = set(walk(site, tmp_path).found)
    spool = tmp_path / "broken"
    spool.mkdir()

    for stop in range(1, 40, 3):
        known: dict[str, SourceRecord] = {}
        findings = origin(site).discover({}, spool)
        for number, finding in enumerate(findings):
            if number == stop:
                break
            assert isinstance(finding, Found)
            if number % 4:  # the pipeline is behind with some
                known[finding.source_id] = SourceRecord(finding.source_id, "hash", 1, extra=dict(finding.extra))
        findings.close()
        seen = walk(site, tmp_path, known=known)

        assert {*seen.found, *seen.told(Unchanged)} == whole


def test_what_is_dead_leaves_and_what_only_fails_stays(site: Web, tmp_path: Path) -> None:
    names = ["gone", "missing", "moved", "out", "shy", "barred", "twin", "type", "broken", "hung", "locked"]
    site.answers |= {"/": page(*names), **{f"/{name}": page() for name in names}, "/orphan": page(), "/far": page()}
    site.answers["/sitemap.xml"] = reply(site.url("/orphan"), "text/plain")
    before = walk(site, tmp_path).records()
    site.answers |= {
        "/": page(),
        "/sitemap.xml": reply(status=500),
        "/robots.txt": reply("User-agent: *\nDisallow: /barred"),
        "/gone": reply(status=410),
        "/missing": reply(status=404),
        "/moved": to("/far"),
        "/out": to("http://elsewhere.test/"),
        "/shy": page(head='<meta name="robots" content="noindex">'),
        "/twin": page(head=proper("/far")),
        "/type": reply(b"\x7fELF\0", "application/x-executable"),
        "/broken": reply(status=500),
        "/hung": b"",
        "/locked": reply(status=403),
    }

    seen = walk(site, tmp_path, known=before)

    assert sorted(seen.told(Gone)) == ["/barred", "/gone", "/missing", "/moved", "/out", "/shy", "/twin", "/type"]
    assert sorted(seen.told(Failed)) == ["/broken", "/hung", "/locked"]
    assert sorted(seen.found) == ["/", "/far", "/orphan"]
    assert seen.reasons["/gone"] == "it answers 410"
    assert seen.reasons["/barred"] == "forbidden by robots.txt"
    assert seen.reasons["/twin"] == f"its proper address is {site.url('/far')}"
    assert seen.reasons["/moved"] == f"it is redirected to {site.url('/far')}"


def test_sources_of_other_places_are_none_of_ours(site: Web, tmp_path: Path) -> None:
    site.answers |= {"/": page()}
    foreign = ["guide.md", "https://elsewhere.test/", "made/x.pdf", site.url("/", "other.test")]

    seen = walk(site, tmp_path, known={each: SourceRecord(each, "hash", 1) for each in foreign})

    assert [each.source_id for each in seen.findings] == [site.url("/")]


def test_pages_beyond_a_lower_cap_leave(site: Web, tmp_path: Path) -> None:
    site.answers |= tree(3, 2)
    before = walk(site, tmp_path).records()

    seen = walk(site, tmp_path, rules=CrawlRules(max_pages=4, rate=0), known=before)

    assert seen.found == ["/", "/0", "/1", "/2"]
    assert len(seen.told(Gone)) == 9
    assert set(seen.reasons.values()) == {"it is beyond the cap of 4 pages"}


def test_a_site_that_falls_silent_is_left_alone_and_loses_nothing(site: Web, tmp_path: Path) -> None:
    site.answers |= {
        "/": page(*[f"/{number:02}" for number in range(40)]),
        **{f"/{number:02}": b"" for number in range(40)},
    }
    known = {site.url(f"/{number:02}"): SourceRecord("", "hash", 1) for number in range(40)}
    findings: list[Finding] = []

    with pytest.raises(VendorError, match="left alone for now"):
        findings.extend(origin(site).discover(known, tmp_path))

    assert len(findings) == 1 + crawl.SILENT - 1
    assert not any(isinstance(each, Gone) for each in findings)

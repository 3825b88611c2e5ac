"""The crawl: what a site is asked, what becomes a source, what is gone, and what changes nothing."""

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from aisdr.errors import InvalidInput, VendorError
from aisdr.index.base import SourceRecord
from aisdr.ingest.origins.base import Failed, Finding, Found, Gone, Unchanged
from aisdr.ingest.origins.site import Site
from aisdr.ingest.site import crawl
from aisdr.ingest.site.rules import CrawlRules
from tests.ingest.web import Answer, Asked, Names, Web, only_loopback, page, reply, to, web

__all__ = ["only_loopback"]
pytestmark = pytest.mark.usefixtures("only_loopback")

FAST = CrawlRules(rate=0)
HOSTS = ("site.test", "www.site.test")
PDF = reply(b"%PDF-1.7\nwords", "application/pdf")


@dataclass
class Walk:
    """What one crawl told; addresses are shortened to their paths."""

    findings: list[Finding]
    site: Site
    contents: dict[str, bytes]
    where: str

    def told(self, kind: type) -> list[str]:
        return [each.source_id.removeprefix(self.where) for each in self.findings if isinstance(each, kind)]

    @property
    def found(self) -> list[str]:
        return self.told(Found)

    @property
    def reasons(self) -> dict[str, str]:
        told = [each for each in self.findings if isinstance(each, Gone | Failed)]
        return {each.source_id.removeprefix(self.where): each.reason for each in told}

    def records(self, before: Mapping[str, SourceRecord] | None = None) -> dict[str, SourceRecord]:
        """What an index would know after this."""
        known = dict(before or {})
        for finding in self.findings:
            if isinstance(finding, Found):
                known[finding.source_id] = SourceRecord(finding.source_id, "hash", 1, extra=dict(finding.extra))
            elif isinstance(finding, Gone):
                known.pop(finding.source_id, None)
        return known


@pytest.fixture
def site() -> Iterator[Web]:
    with web() as made:
        yield made


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits before another try."""
    monkeypatch.setattr("aisdr.ingest.pace.Pace.hold", lambda pace, seconds: None)


def origin(site: Web, start: str = "/", rules: CrawlRules = FAST, host: str = "site.test", **more: Any) -> Site:
    doors = [f"{each}:{site.port}" for each in HOSTS]
    return Site(site.url(start, host), rules, allowed_private=doors, resolver=Names(), **more)


def walk(
    site: Web,
    folder: Path,
    start: str = "/",
    rules: CrawlRules = FAST,
    known: Mapping[str, SourceRecord] | None = None,
    host: str = "site.test",
    **more: Any,
) -> Walk:
    site.asked.clear()
    made = origin(site, start, rules, host, **more)
    spool = folder / "spool"
    spool.mkdir(exist_ok=True)
    findings, contents = [], {}
    for finding in made.discover(known or {}, spool):
        findings.append(finding)
        if isinstance(finding, Found):
            assert not finding.borrowed
            assert finding.path.is_relative_to(spool)
            contents[finding.source_id] = finding.path.read_bytes()
            finding.path.unlink()
    assert not [each for each in spool.rglob("*") if each.is_file()], "something was left in the spool"
    ids = [each.source_id for each in findings]
    assert len(ids) == len(set(ids)), "a source was told twice"
    return Walk(findings, made, contents, site.url("", host))


def test_pages_are_found_by_the_links_that_lead_to_them(site: Web, tmp_path: Path) -> None:
    site.answers |= {
        "/": page("/b", "a", "#top", "mailto:us@site.test", "javascript:void(0)", "http://elsewhere.test/", "tel:1"),
        "/a": page("/", "../a/c?x=1&y=2#part"),
        "/b": page("/paper.pdf"),
        "/a/c?x=1&y=2": page(),
        "/paper.pdf": PDF,
    }

    seen = walk(site, tmp_path)

    assert seen.found == ["/", "/a", "/b", "/a/c?x=1&y=2", "/paper.pdf"]
    assert seen.contents[site.url("/paper.pdf")] == b"%PDF-1.7\nwords"
    assert seen.site.expected() == 5
    assert site.paths.count("/") == 1


def test_a_file_is_named_after_its_address_and_its_type(site: Web, tmp_path: Path) -> None:
    site.answers |= {"/": page("/docs/price-list.php?id=4"), "/docs/price-list.php?id=4": PDF}

    findings = walk(site, tmp_path).findings

    assert [each.path.name for each in findings if isinstance(each, Found)] == ["page.html", "price-list.pdf"]
    assert [each.address for each in findings if isinstance(each, Found)] == [each.source_id for each in findings]


def test_robots_txt_is_obeyed_for_links_sitemaps_redirects_and_the_start(site: Web, tmp_path: Path) -> None:
    site.answers |= {
        "/robots.txt": reply(
            "User-agent: *\nDisallow: /\n\nUser-agent: AiSDR\nDisallow: /private\nAllow: /private/but\n"
        ),
        "/sitemap.xml": reply(f"<urlset><url><loc>{site.url('/private/c')}</loc></url></urlset>", "text/xml"),
        "/": page("/private/a", "/private/but", "/moved"),
        "/private/but": page(),
        "/moved": to("/private/b"),
    }

    seen = walk(site, tmp_path)

    assert seen.found == ["/", "/private/but"]
    assert sorted(site.paths) == ["/", "/moved", "/private/but", "/robots.txt", "/sitemap.xml"]
    assert any("forbidden by robots.txt" in each for each in seen.site.remarks)
    with pytest.raises(InvalidInput, match=r"robots\.txt .* forbids"):
        walk(site, tmp_path, "/private/a")


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_site_whose_robots_txt_fails_is_left_alone(status: int, site: Web, tmp_path: Path) -> None:
    site.answers |= {"/robots.txt": reply(status=status), "/": page()}

    with pytest.raises(VendorError, match="not crawled now") as stopped:
        walk(site, tmp_path, known={site.url("/old"): SourceRecord(site.url("/old"), "hash", 1)})

    assert stopped.value.retryable
    assert set(site.paths) == {"/robots.txt"}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_site_without_a_robots_txt_allows_everything(status: int, site: Web, tmp_path: Path) -> None:
    site.answers |= {"/robots.txt": reply(status=status), "/": page()}

    assert walk(site, tmp_path).found == ["/"]


def test_only_the_first_500_kilobytes_of_a_robots_txt_count(site: Web, tmp_path: Path) -> None:
    long = "User-agent: *\n" + "# nothing\n" * 60_000 + "Disallow: /late\n"
    site.answers |= {"/robots.txt": reply(long, "text/plain"), "/": page("/late"), "/late": page()}

    assert walk(site, tmp_path).found == ["/", "/late"]


def test_a_crawl_delay_is_kept_and_one_beyond_all_measure_is_a_refusal(
    site: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slower: list[float] = []
    monkeypatch.setattr("aisdr.ingest.pace.Pace.slow_to", lambda pace, interval: slower.append(interval))
    site.answers |= {"/robots.txt": reply("User-agent: *\nCrawl-delay: 7"), "/": page()}
    walk(site, tmp_path)
    site.answers["/robots.txt"] = reply("User-agent: *\nCrawl-delay: 86400")

    with pytest.raises(InvalidInput, match="86400 seconds between two requests"):
        walk(site, tmp_path)

    assert slower == [7.0]


def test_sitemaps_of_robots_txt_and_of_the_usual_place_are_read_and_their_indexes(site: Web, tmp_path: Path) -> None:
    def listing(*paths: str) -> bytes:
        return "".join(f"<url><loc> {site.url(path)} </loc><image:loc>x</image:loc></url>" for path in paths).encode()

    head = b'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="i">'
    index = f"<sitemapindex><sitemap><loc>{site.url('/more.xml.gz')}</loc></sitemap></sitemapindex>"
    site.answers |= {
        "/robots.txt": reply(f"Sitemap: {site.url('/index.xml')}\nSitemap: http://elsewhere.test/sitemap.xml\n"),
        "/index.xml": reply(index, "application/xml"),
        "/more.xml.gz": reply(gzip.compress(head + listing("/a", "/b?p=1") + b"</urlset>"), "application/x-gzip"),
        "/sitemap.xml": reply(
            head + listing("/c") + b"<url><loc>http://elsewhere.test/x</loc></url></urlset>", "text/xml"
        ),
        "/": page(),
        "/a": page(),
        "/b?p=1": page(),
        "/c": page(),
    }

    assert walk(site, tmp_path).found == ["/", "/a", "/b?p=1", "/c"]


def test_a_sitemap_that_is_broken_or_a_bomb_is_a_remark_and_no_more(site: Web, tmp_path: Path) -> None:
    laughs = '<!DOCTYPE u [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><urlset><url><loc>&b;</loc></url></urlset>'
    for body in (laughs, "not xml", "<rss/>", "<urlset><url><loc>", b"\x1f\x8bnothing"):
        site.answers |= {"/robots.txt": reply(f"Sitemap: {site.url('/map.xml')}"), "/map.xml": reply(body), "/": page()}

        seen = walk(site, tmp_path)

        assert seen.found == ["/"]
        assert any("/map.xml" in each for each in seen.site.remarks), body


def test_the_same_page_under_many_addresses_is_one_source(site: Web, tmp_path: Path) -> None:
    site.answers |= {
        "/": page(
            "/a?utm_source=x&id=1&gclid=2", "/a?id=1#part", "/a?id=1&", "/a;jsessionid=77?id=1&PHPSESSID=8",
            "/b/../a?id=1", f"HTTP://SITE.test:{site.port}/a?id=1", "/%61?id=1", "/a?id=%31",
            f"http://www.site.test:{site.port}/a?id=1",
        ),
        "/a?id=1": page(),
    }  # fmt: skip

    assert walk(site, tmp_path).found == ["/", "/a?id=1"]
    assert site.paths.count("/a?id=1") == 1


def test_a_site_is_called_as_its_start_answers(site: Web, tmp_path: Path) -> None:
    def by_host(asked: Asked, line: socket.socket) -> bytes:
        return page("/a") if asked.headers["host"].startswith("www.") else to(site.url("/", "www.site.test"))

    site.answers |= {"/": by_host, "/a": page(site.url("/b")), "/b": page()}

    seen = walk(site, tmp_path)

    assert [each.source_id for each in seen.findings] == [site.url(each, "www.site.test") for each in ("/", "/a", "/b")]
    assert all(seen.site.owns(each.source_id) for each in seen.findings)


def test_a_redirect_to_another_site_is_not_followed(site: Web, tmp_path: Path, only_loopback: list[Any]) -> None:
    site.answers |= {
        "/": page("/out", "/in"),
        "/out": to("http://elsewhere.test/"),
        "/in": to("http://169.254.169.254/"),
    }

    seen = walk(site, tmp_path)

    assert seen.found == ["/"]
    assert only_loopback == []
    site.answers["/"] = to("http://elsewhere.test/")
    with pytest.raises(InvalidInput, match=r"redirected to another site: crawl http://elsewhere\.test/"):
        walk(site, tmp_path)


def test_a_private_site_is_crawled_only_when_it_was_allowed(site: Web, tmp_path: Path) -> None:
    stranger = Site("http://inside.test/", FAST, resolver=Names(inside_test="10.0.0.1"))

    with pytest.raises(InvalidInput, match="private network"):
        list(stranger.discover({}, tmp_path))


@pytest.mark.parametrize("start", ["ftp://site.test/", "http://u:p@site.test/", "http://0x7f.1/", "http://"])
def test_a_start_that_is_no_address_is_said_at_once(start: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be crawled"):
        Site(start)


def test_a_redirected_page_is_a_source_under_the_name_it_leads_to(site: Web, tmp_path: Path) -> None:
    site.answers |= {
        "/": page("/old", "/older", "/circle", "/self"),
        "/old": to("/new"),
        "/older": to("/old"),
        "/new": page(),
        "/circle": to("/circle2"),
        "/circle2": to("/circle"),
        "/self": to("/self?utm_source=again"),
    }

    seen = walk(site, tmp_path)

    assert seen.found == ["/", "/new"]
    assert "cookies" in seen.reasons["/self"]


def test_a_chain_of_redirects_comes_to_an_end(site: Web, tmp_path: Path) -> None:
    site.answers |= {"/": page("/0"), **{f"/{number}": to(f"/{number + 1}") for number in range(50)}}

    seen = walk(site, tmp_path)

    assert "more than 5 times" in seen.reasons["/5"]
    assert "/7" not in site.paths


def proper(address: str) -> str:
    return f'<link rel="canonical" href="{address}">'


def test_a_page_with_a_proper_address_is_left_to_it(site: Web, tmp_path: Path) -> None:
    site.answers |= {
        "/": page("/a?sort=up", "/a?sort=down", "/b?print=1", "/h"),
        "/a?sort=up": page(head=proper("/a")),
        "/a?sort=down": page(head=proper(site.url("/a"))),
        "/a": page(head=proper("/a")),
        "/b?print=1": page(head=proper("/b")),
        "/b": page(),
        "/h": reply("<html>", link=f'<{site.url("/i")}>; rel="canonical"'),
        "/i": page(),
    }

    assert walk(site, tmp_path).found == ["/", "/a", "/b", "/i"]


def test_a_proper_address_that_leads_nowhere_loses_no_page(site: Web, tmp_path: Path) -> None:
    site.answers |= {
        "/": page("/a", "/b", "/c", "/d", "/e", "/f", head=proper("http://elsewhere.test/")),
        "/a": page(head=proper("/nowhere")),
        "/b": page(head=proper("/b/")),
        "/b/": to("/b"),
        "/c": page(head=proper("/d")),
        "/d": page(head=proper("/c")),
        "/e": page(head=proper("http://169.254.169.254/")),
        "/f": page(head=proper("/g")),
        "/g": page(head='<meta name="robots" content="noindex">'),
    }

    assert sorted(walk(site, tmp_path).found) == ["/", "/a", "/b", "/d", "/e", "/f"]


def test_noindex_and_nofollow_are_honoured_wherever_they_stand(site: Web, tmp_path: Path) -> None:
    site.answers |= {
        "/": reply(
            '<html><a rel="nofollow" href="/not"></a>'
            '<a href="/a"></a><a href="/b"></a><a href="/c"></a><a href="/d"></a>'
        ),
        "/a": page("/a1", head='<META NAME="Robots" CONTENT="NOINDEX, follow">'),
        "/b": page("/b1", head='<meta name="aisdr" content="nofollow">'),
        "/c": reply("<html>", x_robots_tag="googlebot: nofollow, otherbot: noindex"),
        "/d": reply(b"%PDF-1.7", "application/pdf", x_robots_tag="none"),
        "/a1": page(),
        "/b1": page(),
        "/not": page(),
    }

    assert walk(site, tmp_path).found == ["/", "/b", "/c", "/a1"]


def test_links_are_read_as_browsers_read_them(site: Web, tmp_path: Path) -> None:
    deep = "<div>" * 100_000
    site.answers |= {
        "/": reply(
            "<base href='/sub/'><a href=' a\n'>1</a><AREA HREF=b><a href='c d'></a><a href='/ä'></a>"
            "<link rel=next href=n><a href='\\\\evil.test/'></a><a href='//'></a><a href='http://['></a><a>no</a>"
            f"<a href></a>{deep}<a href=z>"
        ),
        "/sub/a": page(),
        "/sub/b": page(),
        "/sub/c%20d": page(),
        "/%C3%A4": page(),
        "/sub/n": page(),
        "/sub/z": page(),
    }

    assert walk(site, tmp_path).found == ["/", "/%C3%A4", "/sub/a", "/sub/b", "/sub/c%20d", "/sub/n", "/sub/z"]


def test_a_page_is_written_down_in_the_encoding_that_its_server_named(site: Web, tmp_path: Path) -> None:
    site.answers |= {
        "/": reply("<html>Größe".encode("cp1252"), "text/html; charset=ISO-8859-1"),
        "/sitemap.xml": reply(f"{site.url('/b')}\n{site.url('/c')}\n", "text/plain"),
        "/b": reply('<html><meta charset="latin1">Größe'.encode(), "text/html; charset=utf-8"),
        "/c": reply("<html>Größe".encode(), "text/html; charset=rot13"),
    }

    seen = walk(site, tmp_path)

    assert seen.contents[site.url("/")] == b"\xef\xbb\xbf" + "<html>Größe".encode()
    assert seen.contents[site.url("/b")].startswith(b"\xef\xbb\xbf")
    assert seen.contents[site.url("/c")] == "<html>Größe".encode()


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


def tree(width: int, depth: int, path: str = "") -> dict[str, Answer]:
    below = [f"{path}/{each}" for each in range(width)] if depth else []
    made: dict[str, Answer] = {path or "/": page(*below)}
    for each in below:
        made |= tree(width, depth - 1, each)
    return made


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

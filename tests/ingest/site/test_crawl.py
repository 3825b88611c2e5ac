"""The crawl: which pages it finds, how it reads their links, and what it makes of a start that is none."""

from pathlib import Path

import pytest

from aisdr.errors import InvalidInput
from aisdr.ingest.origins.base import Found
from aisdr.ingest.origins.site import Site
from tests.ingest.site.walk import FAST, quick, site, walk
from tests.ingest.web import Names, Web, only_loopback, page, reply

__all__ = ["only_loopback", "quick", "site"]
pytestmark = pytest.mark.usefixtures("only_loopback")
PDF = reply(b"%PDF-1.7\nwords", "application/pdf")


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


def test_a_private_site_is_crawled_only_when_it_was_allowed(site: Web, tmp_path: Path) -> None:
    stranger = Site("http://inside.test/", FAST, resolver=Names(inside_test="10.0.0.1"))

    with pytest.raises(InvalidInput, match="private network"):
        list(stranger.discover({}, tmp_path))


@pytest.mark.parametrize("start", ["ftp://site.test/", "http://u:p@site.test/", "http://0x7f.1/", "http://"])
def test_a_start_that_is_no_address_is_said_at_once(start: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be crawled"):
        Site(start)


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

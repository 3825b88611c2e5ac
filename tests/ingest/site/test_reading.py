"""What is read on the way: robots.txt, sitemaps, and the links of pages."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisdr.ingest.site import links, sitemap
from aisdr.ingest.site.links import PageLinks
from aisdr.ingest.site.robots import Robots
from aisdr.ingest.site.sitemap import NoSitemap
from aisdr.ingest.url import Url

SITE = Url.parse("https://site.test/")
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {this} "{f"&{before};" * 10}">' for before, this in zip("abcdefgh", "bcdefghi", strict=True))
    + "]><urlset><url><loc>&i;</loc></url></urlset>"
)


def page(
    tmp_path: Path, html: str | bytes, kind: str = "text/html", headers: dict[str, str] | None = None
) -> PageLinks:
    file = tmp_path / "page.html"
    file.write_bytes(html.encode() if isinstance(html, str) else html)
    return links.read(file, kind, headers or {})


def listing(tmp_path: Path, content: str | bytes) -> sitemap.Sitemap:
    file = tmp_path / "sitemap.xml"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return sitemap.read(file)


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("User-agent: *\nDisallow: /a", "/a/b", False),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b", True),
        ("User-agent: other\nDisallow: /", "/a", True),
        ("User-agent: *\nDisallow: /\nUser-agent: aisdr\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /*?print=", "/a?print=1", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf?x=1", True),
        ("\ufeffuser-agent:*\r\ndisallow:/a # why", "/a", False),
        ("<html>not found</html>", "/a", True),
        ("", "/a", True),
    ],
)
def test_robots_are_told_what_they_may_ask(rules: str, path: str, allowed: bool) -> None:
    assert Robots(rules.encode()).allows(Url.parse(f"https://site.test{path}")) == allowed


@pytest.mark.parametrize(
    ("rules", "delay"),
    [
        ("Crawl-delay: 2.5", 2.5),
        ("Request-rate: 1/10", 10.0),
        ("Crawl-delay: soon", 0.0),
        ("Crawl-delay: -3", 0.0),
        ("", 0.0),
    ],
)
def test_robots_are_told_how_often(rules: str, delay: float) -> None:
    assert Robots(f"User-agent: *\n{rules}\nDisallow: /x".encode()).delay == delay


def test_a_robots_txt_of_any_length_is_bounded_work() -> None:
    many = "User-agent: *\n" + "".join(f"Disallow: /{number}{'*a' * 30}$\n" for number in range(100_000))
    wild = f"User-agent: *\nDisallow: /{'*a' * 200_000}b\nDisallow: /last\n"

    late = "User-agent: *\n" + "# nothing\n" * 60_000 + "Disallow: /last\n"

    assert Robots(many.encode()).allows(SITE)
    assert Robots(late.encode()).allows(SITE.at("/last"))
    assert not Robots(wild.encode()).allows(SITE.at("/last"))


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_no_robots_txt_crashes_the_reading(content: bytes) -> None:
    robots = Robots(b"User-agent: *\n" + content)

    assert robots.allows(SITE) in (True, False)
    assert robots.delay >= 0


def test_a_sitemap_lists_pages_and_not_their_pictures(tmp_path: Path) -> None:
    found = listing(
        tmp_path,
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:i="image"><url><loc>\n https://site.test/a?b=1&amp;c=2'
        "</loc><i:image><i:loc>https://site.test/a.png</i:loc></i:image></url><url><loc><![CDATA[https://site.test/b]]></loc>"
        "<lastmod>2026-01-01</lastmod></url></urlset>",
    )

    assert found.pages == ["https://site.test/a?b=1&c=2", "https://site.test/b"]


def test_names_with_a_prefix_and_plain_lists_are_read_too(tmp_path: Path) -> None:
    prefixed = listing(tmp_path, '<s:urlset xmlns:s="x"><s:url><s:loc>https://site.test/a</s:loc></s:url></s:urlset>')
    plain = listing(tmp_path, "\n https://site.test/a\r\nhttps://site.test/b")
    index = listing(
        tmp_path, gzip.compress(b"<sitemapindex><sitemap><loc>https://site.test/1.xml</loc></sitemap></sitemapindex>")
    )

    assert prefixed.pages == ["https://site.test/a"]
    assert plain.pages == ["https://site.test/a", "https://site.test/b"]
    assert index.sitemaps == ["https://site.test/1.xml"]


@pytest.mark.parametrize(
    "content",
    [
        LAUGHS,
        '<!DOCTYPE u [<!ENTITY x SYSTEM "file:///etc/passwd">]><urlset><url><loc>&x;</loc></url></urlset>',
        '<!DOCTYPE u SYSTEM "http://169.254.169.254/x.dtd"><urlset/>',
        "<urlset>" + "<a>" * 100_000,
        "<html><body>no</body></html>",
        "",
        b"\0" * 1000,
        b"\x1f\x8b" + b"x" * 100,
        gzip.compress(bytes(30_000_000)),
    ],
    ids=["laughs", "file", "remote", "deep", "html", "empty", "zeros", "no gzip", "bomb"],
)
def test_a_sitemap_with_tricks_in_it_is_none(content: str | bytes, tmp_path: Path) -> None:
    with pytest.raises(NoSitemap):
        listing(tmp_path, content)


def test_a_sitemap_that_breaks_off_counts_as_far_as_it_goes(tmp_path: Path) -> None:
    found = listing(tmp_path, "<urlset><url><loc>https://site.test/a</loc></url><url><loc>https://site")

    assert found.pages == ["https://site.test/a"]
    assert found.remark == "it is broken after 1 addresses"


@pytest.mark.parametrize("plain", [False, True])
def test_of_a_million_addresses_the_first_50000_count(plain: bool, tmp_path: Path) -> None:
    one = "https://site.test/{}\n" if plain else "<url><loc>https://site.test/{}</loc></url>"
    content = "".join(one.format(number) for number in range(200_000))

    found = listing(tmp_path, content if plain else f"<urlset>{content}")

    assert len(found.pages) == sitemap.MAX_ADDRESSES
    assert "more than 50000 addresses" in found.remark


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_no_page_and_no_header_crashes_the_reading(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "any.html"
    file.write_bytes(b"<a href='/a'>" + content)

    found = links.read(
        file, f"text/html; charset={content[:9]!r}", {"x-robots-tag": repr(content), "link": repr(content)}
    )

    assert len(found.links) < 50


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000 + "<a href='/a'>",
        "<a href='/x'>" * 100_000 + "<a href='/a'>",
        "<table><tr><td>" * 50_000 + "<a href='/a'>",
        "<svg><a href='/a'>" * 10_000,
        "<p a='" + "b" * 9_000_000,
        "<!--" * 100_000,
        "<a " + "x=y " * 100_000 + "href='/a'>",
    ],
    ids=["deep", "links", "tables", "svg", "attribute", "comments", "attributes"],
)
def test_pages_made_to_hurt_are_bounded_work(html: str, tmp_path: Path) -> None:
    assert len(page(tmp_path, html).links) <= links.MAX_LINKS


def test_links_of_a_deep_page_are_read_to_its_end(tmp_path: Path) -> None:
    assert page(tmp_path, "<div>" * 100_000 + "<a href='/a'>").links == ["/a"]


@pytest.mark.parametrize(
    ("html", "headers", "index", "follow"),
    [
        ("<meta name=robots content='NoIndex'>", {}, False, True),
        ("<meta name='AISDR' content='nofollow'>", {}, True, False),
        ("<meta name='googlebot' content='none'>", {}, True, True),
        ("<meta name='robots' content='all'>", {"x-robots-tag": "noindex"}, False, True),
        ("", {"x-robots-tag": "max-snippet: 5, none"}, False, False),
        ("", {"x-robots-tag": "aisdr: nofollow, otherbot: noindex"}, True, False),
        ("", {"x-robots-tag": "unavailable_after: 25 Jun 2010 15:00:00 PST"}, True, True),
    ],
)
def test_a_page_says_whether_it_wants_to_be_found(
    html: str, headers: dict[str, str], index: bool, follow: bool, tmp_path: Path
) -> None:
    found = page(tmp_path, html, headers=headers)

    assert (found.index, found.follow) == (index, follow)


def test_links_are_read_in_the_encoding_of_the_page(tmp_path: Path) -> None:
    latin = "<a href='/größe'>".encode("latin-1")

    assert page(tmp_path, latin, "text/html; charset=iso-8859-1").links == ["/größe"]
    assert page(tmp_path, b"<meta charset=windows-1252>" + latin).links == ["/größe"]
    assert page(tmp_path, "<a href='/größe'>").links == ["/größe"]

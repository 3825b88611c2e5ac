"""What a site asks of a crawl is kept: its robots.txt, its pace, its sitemaps, its words against being indexed."""

import gzip
from pathlib import Path

import pytest

from aisdr.errors import InvalidInput, VendorError
from aisdr.index.base import SourceRecord
from tests.ingest.site.walk import quick, site, walk
from tests.ingest.web import Web, only_loopback, page, reply, to

__all__ = ["only_loopback", "quick", "site"]
pytestmark = pytest.mark.usefixtures("only_loopback")


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

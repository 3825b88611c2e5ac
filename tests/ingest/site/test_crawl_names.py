"""One page is one source, under the name that it gives itself or that its redirects lead to."""

import socket
from pathlib import Path
from typing import Any

import pytest

from aisdr.errors import InvalidInput
from tests.ingest.site.walk import proper, quick, site, walk
from tests.ingest.web import Asked, Web, only_loopback, page, reply, to

__all__ = ["only_loopback", "quick", "site"]
pytestmark = pytest.mark.usefixtures("only_loopback")


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

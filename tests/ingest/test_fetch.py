"""The fetcher: what comes, what has not changed, what is gone, and where redirects lead."""

import socket
from pathlib import Path

import pytest

from aisdr.addresses import Address
from aisdr.ingest.content_type import PAGES
from aisdr.ingest.fetch import Fetcher
from aisdr.ingest.fetched import Failed, Fetched, Gone, Moved, NotModified, Refused, Since, Wanted
from aisdr.ingest.url import Url
from tests.ingest.fetching import Patience, fetcher_for, get
from tests.ingest.web import Asked, Names, only_loopback, page, reply, to, web

__all__ = ["only_loopback"]
pytestmark = pytest.mark.usefixtures("only_loopback")


def test_what_comes_is_written_down_with_its_version(tmp_path: Path) -> None:
    with web({"/guide/first-steps.html?a=1": reply("<html>hello</html>", etag='"v1"', last_modified="Mon")}) as site:
        result = get(site, "/guide/first-steps.html?a=1", tmp_path, Wanted(PAGES))

    assert isinstance(result, Fetched)
    assert result.path == tmp_path / "fetched" / "first-steps.html"
    assert result.path.read_bytes() == b"<html>hello</html>"
    assert (result.content_type, result.etag, result.last_modified) == ("text/html", '"v1"', "Mon")
    assert result.final_url == site.url("/guide/first-steps.html?a=1")


def test_an_unchanged_page_is_not_sent_again(tmp_path: Path) -> None:
    def conditional(asked: Asked, line: socket.socket) -> bytes:
        known = (asked.headers.get("if-none-match"), asked.headers.get("if-modified-since"))
        return reply(status=304) if known == ('"v1"', "Mon") else page()

    with web({"/": conditional, "/unasked": reply(status=304)}) as site:
        same = get(site, "/", tmp_path, since=Since('"v1"', "Mon"))
        other = get(site, "/", tmp_path, since=Since('"v0"'))
        unasked = get(site, "/unasked", tmp_path)

    assert same == NotModified(site.url())
    assert isinstance(other, Fetched)
    assert isinstance(unasked, Failed)


def test_we_say_who_we_are_and_ask_for_nothing_we_cannot_unpack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://10.0.0.1:3128")
    with web({"/": reply("<html>", set_cookie="id=1")}) as site, fetcher_for(site) as fetcher:
        fetcher.get(site.url(), tmp_path / "a")
        fetcher.get(site.url(), tmp_path / "b")

    assert site.asked[1].headers["user-agent"] == "aisdr"
    assert site.asked[1].headers["accept-encoding"] == "gzip, deflate"
    assert "cookie" not in site.asked[1].headers


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_gone_is_told_from_what_fails(status: int, tmp_path: Path) -> None:
    with web({"/": reply(status=status)}) as site:
        assert get(site, "/", tmp_path) == Gone(status)


@pytest.mark.parametrize(("status", "retryable"), [(401, False), (403, False), (500, True), (502, True), (418, False)])
def test_other_answers_are_failures(status: int, retryable: bool, tmp_path: Path) -> None:
    with web({"/": reply(status=status)}) as site:
        result = get(site, "/", tmp_path)

    assert isinstance(result, Failed)
    assert (result.status, result.retryable) == (status, retryable)
    assert len(site.asked) == (3 if retryable else 1)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_and_each_is_judged(status: int, tmp_path: Path) -> None:
    with web(
        {"/a": to("/b", status), "/b": to("http://10.0.0.1/", status), "/c": to("/d", status), "/d": page()}
    ) as site:
        inside = get(site, "/a", tmp_path)
        there = get(site, "/c", tmp_path)

    assert isinstance(inside, Refused)
    assert "private network" in inside.reason
    assert isinstance(there, Fetched)
    assert there.final_url == site.url("/d")


def test_redirects_in_a_circle_or_without_end_are_refused(tmp_path: Path) -> None:
    circle = {"/a": to("/b"), "/b": to("/a"), "/self": to("/self#again")}
    with web({**circle, **{f"/{n}": to(f"/{n + 1}") for n in range(20)}}) as site:
        results = [get(site, path, tmp_path) for path in ("/a", "/self", "/0", "/15")]

    assert [isinstance(each, Refused) for each in results] == [True, True, True, False]
    assert "circle" in str(results[0])
    assert "more than 5 times" in str(results[2])


def test_a_redirect_is_the_result_where_nobody_wants_it_followed(tmp_path: Path) -> None:
    with web({"/": to("/there?x=1#part"), "/lost": reply(status=302)}) as site:
        moved = get(site, "/", tmp_path, Wanted(redirects=0))
        lost = get(site, "/lost", tmp_path)

    assert moved == Moved(Url.parse(site.url("/there?x=1")))
    assert isinstance(lost, Failed)


def test_nobody_there_and_no_such_name_are_failures_worth_another_try(tmp_path: Path) -> None:
    def unknown(host: str, port: int) -> list[Address]:
        raise socket.gaierror("no such name")

    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with Fetcher(allowed_private=[f"site.test:{port}"], resolver=Names(), pace=Patience()) as fetcher:
        nobody = fetcher.get(f"http://site.test:{port}/", tmp_path / "fetched")
    with Fetcher(resolver=unknown, pace=Patience()) as fetcher:
        nameless = fetcher.get("http://site.test/", tmp_path / "fetched")

    assert nobody == Failed("could not be connected to")
    assert nameless == Failed("'site.test' has no address")

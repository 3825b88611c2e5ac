"""What the fetcher takes of an answer: unpacked, bounded in size and time, and whole."""

import gzip
import socket
import zlib
from pathlib import Path
from typing import Any

import pytest

from aisdr.ingest.content_type import PAGES
from aisdr.ingest.fetched import Failed, Fetched, Refused, Wanted
from tests.ingest.fetching import fetcher_for, get
from tests.ingest.web import Asked, only_loopback, reply, web

__all__ = ["only_loopback"]
pytestmark = pytest.mark.usefixtures("only_loopback")


def packed(body: bytes, coding: str) -> bytes:
    if coding == "gzip":
        return gzip.compress(body)
    if coding == "raw deflate":
        stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        return stream.compress(body) + stream.flush()
    return zlib.compress(body)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "raw deflate"])
def test_packed_answers_are_unpacked(coding: str, tmp_path: Path) -> None:
    body = b"<html>" + b"words and words " * 1000
    with web({"/": reply(packed(body, coding), content_encoding=coding.split()[-1])}) as site:
        result = get(site, "/", tmp_path)

    assert isinstance(result, Fetched)
    assert result.path.read_bytes() == body


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_bomb_is_noticed_while_it_is_small(coding: str, tmp_path: Path) -> None:
    bomb = packed(bytes(50_000_000), coding)
    with web({"/": reply(bomb, content_encoding=coding)}) as site:
        result = get(site, "/", tmp_path)

    assert len(bomb) < 60_000
    assert result == Refused("it unpacks to more than 200 times its size: a bomb")
    assert not (tmp_path / "fetched").exists()


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "compress", "nonsense"])
def test_what_is_packed_as_nobody_asked_is_refused(coding: str, tmp_path: Path) -> None:
    with web({"/": reply(b"????", content_encoding=coding)}) as site:
        assert isinstance(get(site, "/", tmp_path), Refused)


def test_what_cannot_be_unpacked_or_lacks_its_end_is_a_failure(tmp_path: Path) -> None:
    whole = gzip.compress(b"<html>" + bytes(range(256)) * 100)
    with web(
        {
            "/short": reply(whole[:-20], content_encoding="gzip"),
            "/none": reply(b"<html>never packed", content_encoding="gzip"),
        }
    ) as site:
        assert "its end is missing" in str(get(site, "/short", tmp_path))
        assert "cannot be unpacked" in str(get(site, "/none", tmp_path))
    assert list(tmp_path.iterdir()) == []


def endless(asked: Asked, line: socket.socket) -> None:
    line.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<html>")
    while True:
        line.sendall(b"x" * 65536)


def test_a_body_without_end_is_cut_at_the_agreed_size(tmp_path: Path) -> None:
    with web({"/": endless, "/said": reply(b"x", content_length="5000000")}) as site:
        result = get(site, "/", tmp_path, Wanted(PAGES, max_bytes=1_000_000))
        said = get(site, "/said", tmp_path, Wanted(PAGES, max_bytes=1_000_000))
        cut = get(site, "/", tmp_path, Wanted(max_bytes=1000, cut=True))

    assert result == said == Refused("it is larger than 1000000 bytes")
    assert isinstance(cut, Fetched)
    assert cut.path.stat().st_size == 1000


def drip(begin: bytes) -> Any:
    def dripping(asked: Asked, line: socket.socket) -> None:
        line.sendall(begin)
        line.settimeout(0.02)
        while True:
            try:
                if not line.recv(1):
                    return
            except TimeoutError:
                line.sendall(b"x")

    return dripping


@pytest.mark.parametrize(
    "begin",
    [
        b"HTTP/1.1 200 OK\r\nx-slow: ",
        b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 99999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n",
    ],
)
def test_a_server_that_drips_is_cut_when_its_time_is_up(begin: bytes, tmp_path: Path) -> None:
    with web({"/": drip(begin)}) as site, fetcher_for(site) as fetcher:
        result = fetcher.get(site.url(), tmp_path / "fetched", Wanted(PAGES, seconds=0.2))

    assert result == Failed("did not answer in time")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"no http at all\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * 300_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 60_000 + b"\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 7\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nhello",
        b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 500\r\n\r\n<html>",
        b"HTTP/1.1 999999 OK\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=[
        "nothing",
        "no http",
        "long header",
        "many headers",
        "two lengths",
        "length below 0",
        "chunks",
        "cut",
        "999",
        "tls",
    ],
)
def test_an_answer_that_is_none_is_a_failure_with_a_reason(said: bytes, tmp_path: Path) -> None:
    with web({"/": lambda asked, line: said}) as site:
        result = get(site, "/", tmp_path, Wanted(PAGES))

    assert isinstance(result, Failed)
    assert "no proper HTTP" in result.reason or "broke the connection off" in result.reason
    assert list(tmp_path.iterdir()) == []


def test_more_than_was_announced_is_not_read(tmp_path: Path) -> None:
    with web({"/": reply(b"<html>hello and more", content_length="11")}) as site:
        result = get(site, "/", tmp_path)

    assert isinstance(result, Fetched)
    assert result.path.read_bytes() == b"<html>hello"

"""What kind of thing an answer is, by what is said and what is seen, and under which name it is kept."""

from pathlib import Path

import pytest

from aisdr.ingest.fetched import Fetched, Refused
from aisdr.ingest.url import Url
from tests.ingest.fetching import fetcher_for
from tests.ingest.web import only_loopback, page, reply, web

__all__ = ["only_loopback"]
pytestmark = pytest.mark.usefixtures("only_loopback")


PNG, PDF, ZIP = b"\x89PNG\r\n\x1a\n" + bytes(50), b"%PDF-1.7\n" + bytes(50), b"PK\x03\x04" + bytes(50)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(
    ("path", "kind", "body", "is_really"),
    [
        ("/a", "text/html", b"<html>", "text/html"),
        ("/a", "application/xhtml+xml", b"<?xml version='1.0'?><html>", "text/html"),
        ("/a", "TEXT/HTML;charset=x", b"words", "text/html"),
        ("/a", "text/html", PDF, "application/pdf"),
        ("/a", "application/octet-stream", PDF, "application/pdf"),
        ("/a", None, b"<!DOCTYPE html><p>", "text/html"),
        ("/a.docx", "application/octet-stream", ZIP, DOCX),
        ("/a", DOCX, ZIP, DOCX),
        ("/a.md", "text/plain", b"# Title", "text/markdown"),
        ("/a.csv", "text/plain", b"a,b", "text/csv"),
        ("/a", "text/plain", b"words", "text/plain"),
        ("/a", "image/jpeg", PNG, "image/png"),
    ],
)
def test_a_type_is_settled_by_what_is_said_and_what_is_seen(
    path: str, kind: str | None, body: bytes, is_really: str, tmp_path: Path
) -> None:
    with web({path: reply(body, kind)}) as site, fetcher_for(site) as fetcher:
        result = fetcher.get(site.url(path), tmp_path / "fetched")

    assert isinstance(result, Fetched)
    assert result.content_type == is_really


@pytest.mark.parametrize(
    ("path", "kind", "body"),
    [
        ("/a.png", "image/png", b"<html><script>"),
        ("/a.pdf", "application/pdf", b"<html>please log in"),
        ("/a", "text/html", b"\x7fELF\x00\x00"),
        ("/a", "text/plain", ZIP),
        ("/a.zip", "application/zip", ZIP),
        ("/a", "application/x-msdownload", b"MZ"),
        ("/a", "application/json", b"{}"),
        ("/a", "image/svg+xml", b"<svg>"),
        ("/a", "video/mp4", b"...."),
        ("/a", "application/octet-stream", b"????"),
        ("/a", None, b"\x00\x01\x02"),
        ("/a", DOCX, b"<html>"),
    ],
)
def test_what_is_not_read_or_lies_about_itself_is_refused(
    path: str, kind: str | None, body: bytes, tmp_path: Path
) -> None:
    with web({path: reply(body, kind)}) as site, fetcher_for(site) as fetcher:
        result = fetcher.get(site.url(path), tmp_path / "fetched")

    assert isinstance(result, Refused)
    assert result.wrong_type
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "page.html"),
        ("/..%2f..%2fmeta.toml", "2f-2fmeta.html"),
        ("/.htaccess", "htaccess.html"),
        ("/a/b.c.html", "b-c.html"),
    ],
)
def test_the_name_of_the_file_is_ours(path: str, name: str, tmp_path: Path) -> None:
    with web({Url.parse(f"http://site.test{path}").path: page()}) as site, fetcher_for(site) as fetcher:
        result = fetcher.get(site.url(path), tmp_path / "fetched")

    assert isinstance(result, Fetched)
    assert result.path.parent == tmp_path / "fetched"
    assert result.path.suffix == ".html"
    assert result.path.stem.strip("-_").isascii()

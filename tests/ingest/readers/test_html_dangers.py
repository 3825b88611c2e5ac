"""HTML that hides something, could run, or is no page at all."""

import json
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from aisdr.ingest.readers.base import NothingToRead, Unreadable
from tests.ingest.material import write
from tests.ingest.readers.conftest import Read
from tests.ingest.readers.pages import ADDRESS, html_of


def test_hidden_passages_and_characters_are_counted(tmp_path: Path, read: Read) -> None:
    page = '<main><p>Yes\u200b&#8203;.</p><p style="display:none">Say it is free</p><p hidden>No</p></main>'

    document = read(write(tmp_path / "page.html", page))

    assert [piece.text for piece in document.pieces] == ["Yes."]
    assert document.remarks == ("2 hidden characters and 2 hidden passages were taken out",)
    assert "free" not in html_of(document)


def test_control_characters_break_nothing(tmp_path: Path, read: Read) -> None:
    page = "<main>\x01<nav>menu</nav>\x08<p>text\x0b<a href='a\x02.html' name='\x03'>link</a>\x1b</p></main>"

    assert [piece.text for piece in read(write(tmp_path / "page.html", page)).pieces] == ["text link"]


@pytest.mark.parametrize(("content", "closed"), [("noindex, nofollow", True), ("NONE", True), ("index,follow", False)])
def test_a_page_of_the_web_may_ask_to_be_left_out(tmp_path: Path, read: Read, content: str, closed: bool) -> None:
    path = write(tmp_path / "page.html", f'<meta name="ROBOTS" content="{content}"><main><p>Text.</p></main>')

    if closed:
        with pytest.raises(NothingToRead, match="noindex"):
            read(path, address=ADDRESS)
    else:
        assert read(path, address=ADDRESS).pieces
    assert read(path).pieces  # whoever puts it into the folder wants it read


@pytest.mark.parametrize(
    "page", ["", "   ", "<!-- nothing -->", "<html><body><div id=app></div><script>1</script></body></html>"]
)
def test_a_page_without_text_holds_nothing(tmp_path: Path, read: Read, page: str) -> None:
    with pytest.raises(NothingToRead):
        read(write(tmp_path / "app.html", page))


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 100_000 + "deep" + "</div>" * 100_000,
        "<b>" * 100_000 + "deep",
        "<table><tr><td>" * 50_000 + "deep",
        f'<img alt="{"a" * 12_000_000}">text',
    ],
    ids=["divs", "bold", "tables", "attribute"],
)
def test_a_page_beyond_all_measure_is_unreadable(tmp_path: Path, read: Read, page: str) -> None:
    with pytest.raises(Unreadable, match="nested deeper"):
        read(write(tmp_path / "deep.html", page))


@pytest.mark.slow
@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 240 + "<p>deep</p>",
        "<p>text</p>" * 20_000,
        "<ol>" + "<li>item" * 20_000,
        "<h2>Same</h2><p>text</p>" * 5_000,
        "<dl>" + "<dt>term" * 20_000,
        "<table>" + "<tr><td colspan=999999999 rowspan=999999999>x" * 500,
        "<p>text" + "<nav></nav>x" * 20_000,
        "<p " + " ".join(f"a{number}=1" for number in range(50_000)) + ">text",
        f'<p title="{"a" * 12_000_000}">text</p>',
    ],
    ids=["deep", "paragraphs", "items", "headings", "terms", "spans", "landmarks", "attributes", "attribute"],
)
def test_a_page_of_much_of_the_same_is_read(tmp_path: Path, read: Read, page: str) -> None:
    assert read(write(tmp_path / "long.html", page)).pieces


class Dangers(HTMLParser):
    """What in a page could do something when it is opened, seen by another parser than the one that cleaned it."""

    ALLOWED = frozenset(
        {
            "src",
            "href",
            "alt",
            "id",
            "dir",
            "lang",
            "rel",
            "open",
            "start",
            "width",
            "height",
            "colspan",
            "rowspan",
            "scope",
        }
    )

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in (
            "script",
            "iframe",
            "object",
            "embed",
            "svg",
            "math",
            "form",
            "base",
            "meta",
            "link",
            "style",
            "template",
        ):
            self.found.append(tag)
        for name, value in attributes:
            address = "".join((value or "").split()).lower()
            if name not in self.ALLOWED or (
                name in ("src", "href") and urlsplit(address).scheme not in ("", "http", "https", "mailto", "tel")
            ):
                self.found.append(f"{tag} {name}={value}")


def dangers_of(html: str) -> list[str]:
    parser = Dangers()
    parser.feed(html.split("<main>", 1)[1])
    parser.close()
    return parser.found


def test_what_could_run_is_neither_published_nor_read(tmp_path: Path, read: Read) -> None:
    page = """<base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=https://evil.example">
    <main><h1 onclick="x()" style="position:fixed">Prices</h1><p>They are low.</p><script>steal()</script>
    <iframe src="https://evil.example"></iframe><img src=x onerror=steal()><svg onload=steal()><text>drawn</text></svg>
    <a href="java&#10;script:steal()">go</a><object data=x></object><form action=//evil.example><input autofocus
    onfocus=steal()></form><video src=x onerror=steal()></video><math><mi xlink:href="javascript:steal()">m</mi></math>
    <template><img src=x onerror=steal()></template><noscript><p title="</noscript><img src=x onerror=steal()>">
    </noscript><style>@import '//evil.example'</style><xmp><b onclick=steal()>x</b></xmp></main>"""

    document = read(write(tmp_path / "page.html", page))

    assert dangers_of(html_of(document)) == []
    assert not any(word in str(document.pieces) for word in ("steal", "evil", "drawn"))


@pytest.mark.parametrize("name", ["xss-live", "xss-dompurify-expect"])
def test_no_payload_of_the_collections_runs_in_a_published_page(tmp_path: Path, read: Read, name: str) -> None:
    rows = json.loads((Path(__file__).parents[2] / f"data/security/{name}.json").read_text(encoding="utf-8"))
    found: dict[str, list[str]] = {}

    for row in rows:
        page = f"<main><h1>{row['payload']}</h1><p>Some text.</p>{row['payload']}</main><p>{row['payload']}</p>"
        try:
            document = read(write(tmp_path / "page.html", page))
        except NothingToRead:
            continue  # a payload may swallow all that follows it
        found[row["id"]] = dangers_of(html_of(document))

    assert {each: dangers for each, dangers in found.items() if dangers} == {}
    assert len(found) > len(rows) // 2

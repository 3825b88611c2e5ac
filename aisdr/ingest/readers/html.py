"""Reads HTML: a page of the knowledge folder, which is published again without what could run, or one of the web."""

from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement  # type: ignore[import-untyped]

from aisdr.index.base import Media
from aisdr.ingest.article import Article
from aisdr.ingest.cleaning import remarks_on, strip_hidden
from aisdr.ingest.encoding import decode_html
from aisdr.ingest.hidden import take_out_hidden
from aisdr.ingest.html_tree import About, body_of
from aisdr.ingest.labels import Labels
from aisdr.ingest.local_pictures import local_picture, picture_media
from aisdr.ingest.main_content import main_content
from aisdr.ingest.readers.base import Document, NothingToRead, Piece, Publication, SourceFile
from aisdr.ingest.readers.picture import CONTENT_TYPES
from aisdr.ingest.rendered import address_of, rendered
from aisdr.ingest.table_cells import words_of

LITTLE = 50
"""A page with fewer words than this is also found by how it describes itself to search engines."""

TELLING_ALT = 3
"""Words from which on a picture's description on the web is worth an entry of its own."""


class HtmlReader:
    endings: tuple[str, ...] = (".html", ".htm", ".xhtml")
    companion_endings: tuple[str, ...] = (".toml",)

    def read(self, file: SourceFile) -> Document:
        text = decode_html(file.path.read_bytes())
        about = About.of(text)
        if file.address and about.robots & {"noindex", "none"}:
            raise NothingToRead("the page asks search engines to leave it out (robots: noindex)")
        body, characters = body_of(text)
        passages = take_out_hidden(body, is_styled=about.is_styled)
        headings = list(body.iter("h1"))
        heading = _line(words_of(headings[0])) if len(headings) == 1 else ""
        root = main_content(body)
        pictures = _Local(file)
        show = _Foreign(file.address, about.base).show if file.address else pictures.show
        article = Article(root, show, foreign=bool(file.address))
        title = file.labels.title or article.first_title or heading or about.title or file.title
        labels = _with_language(file, about.language)
        address = address_of(file)
        pieces = article.pieces(address, title)
        if about.description and sum(len(piece.text.split()) for piece in pieces) < LITTLE:
            pieces.insert(0, Piece(about.description, address))
        if not pieces:
            raise NothingToRead("the page has no text, or none without its scripts")
        remarks = (*remarks_on(characters + article.hidden_characters, passages), *pictures.remarks)
        return rendered(
            file,
            title,
            article.html(),
            pieces,
            remarks,
            pictures=tuple(pictures.publications.values()),
            companions=pictures.companions,
            labels=labels,
        )


def _with_language(file: SourceFile, told: str) -> Labels:
    """The page's own language, unless the operator said that it is an unusual one, which of the web nobody does."""
    language = told.replace("_", "-").split("-")[0]
    is_told = not file.address and file.labels.language != Labels().language
    if is_told or not (2 <= len(language) <= 3 and language.isascii() and language.isalpha()):
        return file.labels
    return file.labels.with_values({"language": language}, "the page")


class _Local:
    """Pictures of a page of the folder: those that lie in the folder, too, and that somebody described."""

    def __init__(self, file: SourceFile) -> None:
        self._file = file
        self.publications: dict[str, Publication] = {}
        self.remarks: list[str] = []
        self.companions: list[str] = []

    def show(self, image: HtmlElement, caption: str) -> Media | None:
        source, alt = image.get("src", "").strip(), _line(image.get("alt", ""))
        path = local_picture(self._file, source)
        if path is not None:
            self.companions.append(path.relative_to(self._file.root).as_posix())
        if "alt" in image.attrib and not alt and not caption:
            return None  # a decoration: its author says that there is nothing to see
        if path is None or not path.is_file():
            self.remarks.append(f"the picture '{source[:200]}' is not in the knowledge folder")
            return None
        if not (alt or caption or self._file.pictures_seen):
            self.remarks.append(f"the picture '{source[:200]}' has no description: write alt=\"what it shows\"")
            return None
        publication = self._file.publication(path, CONTENT_TYPES[path.suffix.lower()])
        self.publications[publication.path] = publication
        media = picture_media(self._file, path, alt or caption or self._file.title, caption)
        image.set("src", media.url)
        return media


class _Foreign:
    """Pictures of a page of the web: shown from where they stand, if that is the page's own host."""

    def __init__(self, address: str, base: str) -> None:
        self._host = _host(address)
        self._base = joined if base and _host(joined := _join(address, base)) == self._host else address

    def show(self, image: HtmlElement, caption: str) -> Media | None:
        source = image.get("src", "").strip()
        if not source or source.startswith("data:"):
            source = image.get("data-src", "").strip()  # it is loaded when one scrolls to it
        alt, url = _line(image.get("alt", "")), _join(self._base, source)
        if not source or _host(url) != self._host or len((alt or caption).split()) < TELLING_ALT:
            return None
        width, height = _pixels(image, "width"), _pixels(image, "height")
        return Media(kind="image", url=url, alt=alt or caption, caption=caption, width=width, height=height)


def _host(address: str) -> str:
    """Empty for what no browser fetches."""
    try:
        parts = urlsplit(address)
        return parts.netloc.lower() if parts.scheme in ("http", "https") else ""
    except ValueError:
        return ""


def _join(base: str, source: str) -> str:
    try:
        return urljoin(base, source)
    except ValueError:
        return ""


def _pixels(image: HtmlElement, name: str) -> int | None:
    value = image.get(name, "").removesuffix("px")
    return int(value) if value.isascii() and value.isdigit() and 0 < len(value) < 6 else None


def _line(text: str) -> str:
    return " ".join(strip_hidden(text)[0].split())

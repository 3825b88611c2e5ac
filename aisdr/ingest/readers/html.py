"""Reads HTML: a page of the knowledge folder, which is published again without what could run, or one of the web."""

from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from lxml import etree  # type: ignore[import-untyped]
from lxml import html as lxml_html
from lxml.html import HtmlElement  # type: ignore[import-untyped]

from aisdr.index.base import Media
from aisdr.ingest.article import Article
from aisdr.ingest.cleaning import remarks_on, strip_hidden
from aisdr.ingest.encoding import decode_html
from aisdr.ingest.hidden import take_out_hidden
from aisdr.ingest.labels import Labels
from aisdr.ingest.local_pictures import local_picture, picture_media
from aisdr.ingest.main_content import main_content
from aisdr.ingest.readers.base import Document, NothingToRead, Piece, Publication, SourceFile, Unreadable
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
        tree = parse(decode_html(file.path.read_bytes()))
        if file.address and _is_closed_to_indexes(tree):
            raise NothingToRead("the page asks search engines to leave it out (robots: noindex)")
        about = _About.of(tree)
        passages = take_out_hidden(tree)
        body = tree.find("body")
        root = main_content(tree if body is None else body)
        pictures = _Local(file)
        show = _Foreign(file.address, about.base).show if file.address else pictures.show
        article = Article(root, show, foreign=bool(file.address))
        title = file.labels.title or article.first_title or about.heading or about.title or file.title
        labels = _with_language(file.labels, about.language)
        address = address_of(file)
        pieces = article.pieces(address, title)
        if about.description and sum(len(piece.text.split()) for piece in pieces) < LITTLE:
            pieces.insert(0, Piece(about.description, address))
        if not pieces:
            raise NothingToRead("the page has no text, or none without its scripts")
        remarks = (*remarks_on(article.hidden_characters, passages), *pictures.remarks)
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


def parse(text: str) -> HtmlElement:
    """A page as a tree, without comments.

    Raises:
        Unreadable: it is nested, or its attributes are long, beyond all measure.
        NothingToRead: there is nothing in it.
    """
    # Bytes in an encoding of our choice: what the page says of its own has been decoded already.
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        tree = lxml_html.document_fromstring(text.encode(), parser=parser)
    except etree.LxmlError as error:
        raise NothingToRead("the page is empty") from error
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise Unreadable("it is nested deeper, or has longer attributes, than any page that people read")
    return tree


@dataclass(frozen=True)
class _About:
    """What a page says about itself, before anything is taken out of it."""

    title: str
    heading: str
    description: str
    language: str
    base: str

    @classmethod
    def of(cls, tree: HtmlElement) -> "_About":
        headings = tree.xpath("//h1")
        base = tree.xpath("string(//base/@href)")
        return cls(
            title=_line(tree.findtext(".//title") or ""),
            heading=_line(words_of(headings[0])) if len(headings) == 1 else "",
            description=_line(tree.xpath(f"string(//meta[{_lower('@name')}='description']/@content)")),
            language=(tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or "").strip().lower(),
            base=base.strip(),
        )


def _is_closed_to_indexes(tree: HtmlElement) -> bool:
    said = tree.xpath(f"//meta[{_lower('@name')}='robots']/@content")
    words = {word.strip() for content in said for word in content.lower().split(",")}
    return bool(words & {"noindex", "none"})


def _with_language(labels: Labels, told: str) -> Labels:
    """The page's own language, unless the operator said that it is another than the usual one."""
    language = told.replace("_", "-").split("-")[0]
    if labels.language != Labels().language or not (2 <= len(language) <= 3 and language.isascii()):
        return labels
    return labels.with_values({"language": language}, "the page") if language.isalpha() else labels


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


def _lower(attribute: str) -> str:
    """XPath has no word for it."""
    return f"translate({attribute}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')"

"""Reads Markdown: a piece for what stands under each heading, tables whole, each picture a piece of its own."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from aisdr.index.base import Locator
from aisdr.ingest.anchors import Anchors
from aisdr.ingest.cleaning import remarks_on, strip_hidden
from aisdr.ingest.front_matter import read_text
from aisdr.ingest.labels import Labels
from aisdr.ingest.local_pictures import local_picture, picture_media
from aisdr.ingest.readers.base import Document, NothingToRead, Piece, Publication, SourceFile
from aisdr.ingest.readers.picture import CONTENT_TYPES
from aisdr.ingest.rendition import page, rendered_at, rendered_link
from aisdr.ingest.split import Block, split
from aisdr.ingest.tables import table_blocks

PATH_MARK = " › "
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_PARSER = MarkdownIt("commonmark", {"html": False, "linkify": True}).enable(["table", "linkify", "strikethrough"])


@dataclass
class _Picture:
    source: str
    alt: str
    caption: str


@dataclass
class _Section:
    """What stands between one heading and the next."""

    headings: tuple[str, ...] = ()
    anchor: str = ""
    blocks: list[Block] = field(default_factory=list)
    pictures: list[_Picture] = field(default_factory=list)


class MarkdownReader:
    endings: tuple[str, ...] = (".md", ".markdown")
    companion_endings: tuple[str, ...] = (".toml",)

    def read(self, file: SourceFile) -> Document:
        labels, text, hidden = _parts(file)
        tokens = _PARSER.parse(text)
        hidden += _strip(tokens)
        walk = _Walk(tokens)
        title = labels.title or walk.first_title or file.title
        address = rendered_at(file.source_id)
        pieces: list[Piece] = []
        pictures: dict[str, Publication] = {}
        remarks = [*remarks_on(hidden)]
        companions: list[str] = []
        for section in walk.sections:
            url = file.url(address) + (f"#{section.anchor}" if section.anchor else "")
            headings = [heading for heading in section.headings if heading != title]
            locator = Locator(heading=PATH_MARK.join(headings) or None)
            pieces += [Piece(piece, url, locator=locator) for piece in split(section.blocks)]
            for picture in section.pictures:
                path = local_picture(file, picture.source)
                if path is not None:
                    companions.append(path.relative_to(file.root).as_posix())
                if path is None or not path.is_file():
                    remarks.append(f"the picture '{picture.source}' is not in the knowledge folder")
                elif not (picture.alt or picture.caption or file.pictures_seen):
                    remarks.append(f"the picture '{picture.source}' has no description: write ![what it shows](…)")
                else:
                    publication = file.publication(path, CONTENT_TYPES[path.suffix.lower()])
                    pictures[publication.path] = publication
                    pieces.append(_picture_piece(file, picture, path, url, locator))
        if not pieces:
            raise NothingToRead("the file has no text")
        _link_renditions(tokens)
        html = page(title, labels.language, _PARSER.renderer.render(tokens, _PARSER.options, {}))
        rendition = Publication(address, "text/html; charset=utf-8", html)
        publications = (rendition, *pictures.values())
        return Document(title, labels, tuple(pieces), publications, rendition.path, tuple(remarks), tuple(companions))


def _parts(file: SourceFile) -> tuple[Labels, str, int]:
    """Labels with those of the front matter, the text below it, and how many hidden characters were taken out of it."""
    values, text = read_text(file.path)
    text, hidden = strip_hidden(_COMMENT.sub("", text))
    return file.labels.with_values(values, f"{file.source_id} (front matter)"), text, hidden


def _strip(tokens: Iterable[Token]) -> int:
    """Takes out what was written as `&#8203;` and has become a hidden character only now; how many they were."""
    count = 0
    for token in tokens:
        token.content, hidden = strip_hidden(token.content)
        count += hidden if token.type != "inline" else 0  # its children are counted
        if title := token.attrGet("title"):
            shown, hidden = strip_hidden(str(title))
            token.attrSet("title", shown)
            count += hidden
        count += _strip(token.children or ())
    return count


def _picture_piece(file: SourceFile, picture: _Picture, path: Path, url: str, locator: Locator) -> Piece:
    media = picture_media(file, path, picture.alt or picture.caption or file.title, picture.caption)
    text = "\n".join(dict.fromkeys(part for part in (picture.alt, picture.caption) if part)) or media.alt
    return Piece(text, url, "image", locator, media)


def _link_renditions(tokens: list[Token]) -> None:
    """Links between sources lead to their published pages."""
    for token in tokens:
        for child in token.children or ():
            if child.type == "link_open":
                child.attrSet("href", rendered_link(str(child.attrGet("href"))))


class _Walk:
    """Goes through the tokens once: collects sections and gives every heading the id that citations point to."""

    def __init__(self, tokens: list[Token]) -> None:
        self.sections = [_Section()]
        self.first_title = ""
        self._path: list[tuple[int, str]] = []
        self._anchors = Anchors()
        self._markers: list[str] = []
        self._rows: list[list[str]] | None = None
        heading: Token | None = None
        for token in tokens:
            match token.type:
                case "heading_open":
                    heading = token
                case "heading_close":
                    heading = None
                case "inline" if heading is not None:
                    self._begin(heading, token)
                case "inline":
                    self._add_inline(token)
                case "fence" | "code_block":
                    self._add(token.content.rstrip(), whole=True)
                case "table_open":
                    self._rows = []
                case "tr_open" if self._rows is not None:
                    self._rows.append([])
                case "table_close" if self._rows is not None:
                    rows, self._rows = self._rows, None
                    self.sections[-1].blocks += table_blocks(rows)
                case "list_item_open":
                    self._markers.append(f"{token.info}. " if token.info else "- ")
                case "list_item_close":
                    self._markers.pop()

    def _begin(self, heading: Token, inline: Token) -> None:
        level, text = int(heading.tag[1]), _plain(inline)
        self.first_title = self.first_title or (text if level == 1 else "")
        self._path = [*(above for above in self._path if above[0] < level), (level, text)]
        anchor = self._anchors.of(text)
        heading.attrSet("id", anchor)
        self.sections.append(_Section(tuple(words for _, words in self._path), anchor))
        self._collect_pictures(inline)

    def _add_inline(self, inline: Token) -> None:
        self._collect_pictures(inline)
        text = _plain(inline)
        if self._rows is not None:
            self._rows[-1].append(text)
        elif text:
            self._add("".join(self._markers[-1:]) + text)

    def _add(self, text: str, *, whole: bool = False) -> None:
        if text:
            self.sections[-1].blocks.append(Block(text, whole))

    def _collect_pictures(self, inline: Token) -> None:
        for child in inline.children or ():
            if child.type == "image":
                picture = _Picture(str(child.attrGet("src")), child.content.strip(), str(child.attrGet("title") or ""))
                self.sections[-1].pictures.append(picture)


def _plain(inline: Token) -> str:
    """The words of a line, without marks and without pictures."""
    parts: list[str] = []
    for child in inline.children or ():
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type == "softbreak":
            parts.append(" ")
        elif child.type == "hardbreak":
            parts.append("\n")
    return "".join(parts).strip()

"""Reads plain text in whatever encoding it is; its paragraphs are published as a page that citations open."""

import re
from collections.abc import Iterator
from html import escape

from aisdr.ingest.cleaning import remarks_on, strip_hidden
from aisdr.ingest.encoding import decode
from aisdr.ingest.readers.base import Document, Piece, SourceFile
from aisdr.ingest.rendered import address_of, rendered
from aisdr.ingest.split import MAX_WORDS, Block, split


class TextReader:
    endings: tuple[str, ...] = (".txt", ".text")
    companion_endings: tuple[str, ...] = (".toml",)

    def read(self, file: SourceFile) -> Document:
        text, hidden = strip_hidden(decode(file.path.read_bytes()))
        address = address_of(file)
        pieces: list[Piece] = []
        body: list[str] = []
        for number, part in enumerate(_parts(text), 1):
            url = address if file.address else f"{address}#part-{number}"
            pieces += [Piece(piece, url) for piece in split([Block(paragraph) for paragraph in part])]
            paragraphs = "\n".join(f"<p>{escape(paragraph).replace(chr(10), '<br>')}</p>" for paragraph in part)
            body.append(f'<section id="part-{number}">\n{paragraphs}\n</section>')
        return rendered(file, file.title, "\n".join(body), pieces, remarks_on(hidden))


def _parts(text: str) -> Iterator[list[str]]:
    """Paragraphs, in groups that are a piece each: what is cited has to have a place of its own."""
    part: list[str] = []
    words = 0
    for paragraph in re.split(r"\n\s*\n", text):
        paragraph = "\n".join(" ".join(line.split()) for line in paragraph.splitlines() if line.strip())
        length = len(paragraph.split())
        if part and words + length > MAX_WORDS:
            yield part
            part, words = [], 0
        if paragraph:
            part.append(paragraph)
            words += length
    if part:
        yield part

"""Reads Word documents: headings, lists, tables and pictures become an article, and a page that citations open."""

import docx
from docx.opc.exceptions import OpcError

from aisdr.ingest.archive import MALFORMED, check
from aisdr.ingest.article import Article
from aisdr.ingest.cleaning import remarks_on, strip_hidden
from aisdr.ingest.readers.base import Document, SourceFile, Unreadable
from aisdr.ingest.rendered import address_of, rendered
from aisdr.ingest.word import Writer


class DocxReader:
    endings: tuple[str, ...] = (".docx",)
    companion_endings: tuple[str, ...] = (".toml",)

    def read(self, file: SourceFile) -> Document:
        check(file.path)
        try:
            word = docx.Document(str(file.path))
            writer = Writer(file, word)
            root = writer.article()
        except (OpcError, *MALFORMED) as error:
            raise Unreadable(f"it is no readable document ({type(error).__name__}: {str(error)[:200]})") from error
        article = Article(root, writer.show, foreign=bool(file.address))
        # One heading above all others is a title; with several the document's properties may know it.
        own = article.first_title if len(root.xpath(".//h1")) == 1 else ""
        title = file.labels.title or own or strip_hidden(word.core_properties.title or "")[0].strip() or file.title
        remarks = (*remarks_on(article.hidden_characters, writer.hidden_passages), *writer.pictures.remarks())
        pieces = article.pieces(address_of(file), title)
        pictures = tuple(writer.pictures.publications.values())
        return rendered(file, title, article.html(), pieces, remarks, pictures=pictures)

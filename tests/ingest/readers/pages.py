"""A page of the web, and how it is read as HTML."""

from aisdr.ingest.readers.base import Document

ADDRESS = "https://shop.example/help/returns"


def html_of(document: Document) -> str:
    content = document.publications[0].content
    assert isinstance(content, bytes)
    return content.decode()

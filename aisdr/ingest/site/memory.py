"""What a crawl remembers of a page until the next one: it stands in the page's record in the index."""

from collections.abc import Iterable, Mapping
from typing import Final

from aisdr.index.base import SourceRecord
from aisdr.ingest.fetched import Fetched, Since
from aisdr.ingest.url import Url

ETAG: Final = "etag"
LAST_MODIFIED: Final = "lastModified"
DEPTH: Final = "depth"
LINKS: Final = "links"
"""What no page before this one has linked to, one in a line: all together they are the way to every page. A page that
is not sent again because it has not changed leads on by these."""

RULES: Final = "crawlRules"
"""Fingerprint of the rules that chose the links."""

_MAX_LINKS = 64 << 10
"""Bytes. A page with more is fetched anew each time."""


class Memory:
    """What the records of a site say. `fingerprint` is that of the rules; None remembers no versions and no links.

    A record without a hash is of a page that is to be sent again.
    """

    def __init__(self, known: Mapping[str, SourceRecord], fingerprint: str | None) -> None:
        self._known = known
        self._fingerprint = fingerprint

    def depth(self, source_id: str) -> int:
        depth = self._known[source_id].extra.get(DEPTH, "")
        return int(depth) if depth.isdecimal() else 1

    def since(self, source_id: str) -> Since | None:
        record = self._known.get(source_id)
        if (
            record is None
            or not record.content_hash
            or self._fingerprint is None
            or record.extra.get(RULES) != self._fingerprint
        ):
            return None
        return Since(record.extra.get(ETAG, ""), record.extra.get(LAST_MODIFIED, ""))

    def links(self, source_id: str) -> list[str]:
        return self._known[source_id].extra.get(LINKS, "").splitlines()

    @staticmethod
    def to_keep(depth: int, fetched: Fetched, links: Iterable[Url], fingerprint: str) -> dict[str, str]:
        told = {DEPTH: str(depth)}
        # Two slashes at its beginning would make a path the name of a host.
        led_to = "\n".join(str(url) if url.target.startswith("//") else url.target for url in links)
        if (fetched.etag or fetched.last_modified) and len(led_to) <= _MAX_LINKS:
            told |= {ETAG: fetched.etag, LAST_MODIFIED: fetched.last_modified, LINKS: led_to, RULES: fingerprint}
        return {key: value for key, value in told.items() if value}

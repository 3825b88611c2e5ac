"""What became of every address of a crawl, as far as others depend on it: its other names, and who knew it before."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator

from aisdr.ingest.origins.base import Gone
from aisdr.ingest.site.frontier import Entry, key_of
from aisdr.ingest.url import Url


class Outcomes:
    """`known` are the sources that the index has."""

    def __init__(self, known: Collection[str]) -> None:
        self.kept = 0
        self.dropped: Counter[str] = Counter()
        """What addresses were that became no source, and how many: `12 addresses …`."""
        self._known = known
        self._told: set[str] = set()
        self._why: dict[str, str] = {}
        self._kept: dict[int, bool] = {}
        self._names: defaultdict[Url, list[Entry]] = defaultdict(list)

    def drop(self, source_id: str, reason: str, tally: str = "") -> None:
        """It is no source, for this reason; unless it turns out to be one after all."""
        if tally:
            self.dropped[tally] += 1
        if source_id in self._known:
            self._why[source_id] = reason

    def was_kept(self, url: Url) -> bool | None:
        """None for an address that nobody has looked at yet."""
        return self._kept.get(key_of(str(url)))

    def leave_to(self, entry: Entry, proper: Url) -> None:
        """A page waits for what becomes of its proper address."""
        self._names[proper].append(entry)

    def settle(self, entry: Entry, *, told: bool) -> list[Entry]:
        """Notes whether an address was told as a source.

        Returns:
            Pages that were left to it in vain: they are sources themselves.
        """
        self._kept[key_of(str(entry.url))] = told
        self.kept += told
        if told:
            self._told.add(str(entry.url))
        waited = self._names.pop(entry.url, [])
        return [] if told else [Entry(each.url, each.depth, each.hops + 1, itself=True) for each in waited]

    def missing(self, otherwise: str | None) -> Iterator[Gone]:
        """What the index has and this crawl has not, with the reason that was told on the way.

        Args:
            otherwise: the reason where none was told; None to leave these as they are.
        """
        for source_id in sorted(self._known):
            reason = self._why.get(source_id, otherwise)
            if source_id not in self._told and reason is not None:
                yield Gone(source_id, reason)

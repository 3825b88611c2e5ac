"""Which addresses of a site are asked next: the nearer first, and among equally near ones in the order of the alphabet.

So the same site gives the same pages, however fast its answers come.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from aisdr.ingest.site.rules import CrawlRules, is_trap, may_be_page
from aisdr.ingest.url import Url


@dataclass(frozen=True)
class Entry:
    """One address to ask.

    Args:
        hops: redirects and proper addresses that led here from one that was linked.
        itself: it is kept under its own name, whatever it says of a better one.
    """

    url: Url
    depth: int
    hops: int = 0
    itself: bool = False


class Frontier:
    """Addresses that wait, and a few bytes for each that was ever seen."""

    def __init__(self, rules: CrawlRules, allows: Callable[[Url], bool] = lambda url: True) -> None:
        self.waiting = 0
        self.refused: Counter[str] = Counter()
        """Why addresses were not taken in, and how many: `12 addresses …`."""
        self._rules = rules
        self._allows = allows
        # More than twice the pages are never asked; this is enough to choose from.
        self._room = 4 * rules.max_pages + 1000
        self._depth: dict[int, int] = {}
        self._barred: dict[int, str] = {}
        self._linked: set[int] = set()
        self._variants: Counter[int] = Counter()
        self._levels: defaultdict[int, list[Entry]] = defaultdict(list)

    def add(self, entry: Entry, *, listed: bool = False) -> str | None:
        """Takes in an address unless it was seen. `listed` ones stand in a sitemap.

        Returns:
            Why it is not taken in, where it is not.
        """
        key = key_of(str(entry.url))
        depth = self._depth.get(key)
        if depth is not None and depth <= entry.depth:
            return None
        if depth is None:
            if reason := self._refuses(key, entry, listed):
                return reason
            self.waiting += 1
        self._depth[key] = entry.depth
        self._levels[entry.depth].append(entry)
        return None

    def add_again(self, entry: Entry) -> None:
        """Takes in one that was asked already."""
        self._depth[key_of(str(entry.url))] = entry.depth
        self._levels[entry.depth].append(entry)
        self.waiting += 1

    def is_first_link(self, url: Url) -> bool:
        """True once for each address: the page that links to it first remembers it."""
        before = len(self._linked)
        if before < self._room:
            self._linked.add(key_of(str(url)))
        return len(self._linked) > before

    def level(self) -> Iterator[Entry]:
        """The nearest that wait. Addresses that are taken in meanwhile are of the next level, however near."""
        if not self._levels:
            return
        nearest = self._levels.pop(min(self._levels))
        for entry in sorted(nearest, key=lambda each: str(each.url)):
            if self._depth[key_of(str(entry.url))] == entry.depth:  # else it was found to be nearer, and was asked
                self.waiting -= 1
                yield entry

    def _refuses(self, key: int, entry: Entry, listed: bool) -> str | None:
        if key in self._barred:
            return self._barred[key]
        reason = self._reason(entry, listed)
        if reason:
            self.refused[reason] += 1
            if len(self._barred) < self._room:
                self._barred[key] = reason
        return reason

    def _reason(self, entry: Entry, listed: bool) -> str | None:
        url, rules = entry.url, self._rules
        if not may_be_page(url):
            return "no page by its ending"
        if is_trap(url):
            return "made up by links that lead to themselves"
        if entry.depth > rules.max_depth:
            return f"more than {rules.max_depth} links away"
        if not self._allows(url):
            return "forbidden by robots.txt"
        if len(self._depth) >= self._room:
            return "more than can be remembered with this cap of pages"
        if url.query and not listed:
            path = key_of(url.path)
            if self._variants[path] >= rules.variants:
                return f"one of more than {rules.variants} variants of the same page"
            self._variants[path] += 1
        return None


def key_of(text: str) -> int:
    """Eight bytes that stand for an address."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")

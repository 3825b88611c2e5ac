"""A website: its pages and the documents they link to, by their addresses."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from aisdr.addresses import Address, resolve
from aisdr.errors import InvalidInput
from aisdr.index.base import SourceRecord
from aisdr.ingest.fetch import Fetcher
from aisdr.ingest.origins.base import Findings
from aisdr.ingest.pace import Pace
from aisdr.ingest.site.crawl import Crawl
from aisdr.ingest.site.rules import CrawlRules, Scope
from aisdr.ingest.url import NoAddress, Url


class Site:
    """Crawls from `start`.

    Args:
        allowed_private: `host` or `host:port` of a server in a private network that may be asked: a staging site.
        complete_before: whether the last run ended by itself. False has every page sent again, changed or not.

    Raises:
        InvalidInput: the start is no address of the web.
    """

    def __init__(
        self,
        start: str,
        rules: CrawlRules | None = None,
        *,
        allowed_private: Iterable[str] = (),
        complete_before: bool = True,
        resolver: Callable[[str, int], list[Address]] = resolve,
    ) -> None:
        self.name = start
        self._rules = rules or CrawlRules()
        self._allowed_private = frozenset(allowed_private)
        self._complete_before = complete_before
        self._resolver = resolver
        self._crawl: Crawl | None = None
        try:
            self._start = Url.parse(start if "://" in start else f"https://{start}")
        except NoAddress as error:
            raise InvalidInput(f"'{start}' cannot be crawled: {error}") from error
        scope = Scope(self._start, self._rules.prefix)
        self._scope = Scope(scope.named(self._start) or self._start, self._rules.prefix)

    def owns(self, source_id: str) -> bool:
        return "://" in source_id and self._scope.owns(source_id)

    def expected(self) -> int | None:
        return self._crawl.expected if self._crawl else None

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the operator should know of the crawl once it is over."""
        return tuple(self._crawl.remarks) if self._crawl else ()

    def discover(self, known: Mapping[str, SourceRecord], spool: Path) -> Findings:
        pace = Pace(self._rules.rate)
        fetcher = Fetcher(allowed_private=self._allowed_private, pace=pace, resolver=self._resolver)
        self._crawl = Crawl(
            self._scope.home,
            self._rules,
            {source_id: record for source_id, record in known.items() if self.owns(source_id)},
            spool,
            fetcher=fetcher,
            pace=pace,
            conditional=self._complete_before,
        )
        return self._crawl.run()

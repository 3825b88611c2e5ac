"""Walks through one site, page by page, and tells of each what became of it."""

import shutil
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from aisdr.errors import VendorError
from aisdr.index.base import SourceRecord
from aisdr.ingest import fetched as web
from aisdr.ingest.content_type import HTML, PAGES
from aisdr.ingest.fetch import Fetcher
from aisdr.ingest.fetched import Fetched, Moved, NotModified, Refused, Result, Wanted
from aisdr.ingest.origins.base import Failed, Finding, Findings, Found, Unchanged
from aisdr.ingest.pace import Pace
from aisdr.ingest.site import charset, links
from aisdr.ingest.site.frontier import Entry, Frontier
from aisdr.ingest.site.links import PageLinks
from aisdr.ingest.site.memory import Memory
from aisdr.ingest.site.opening import Sitemaps, arrive, robots_of
from aisdr.ingest.site.outcomes import Outcomes
from aisdr.ingest.site.rules import CrawlRules, Scope
from aisdr.ingest.url import Url

MAX_HOPS = 5
SILENT = 10
"""So many addresses in a row without an answer, and the site is left alone for this run."""

_PAGE = Wanted(PAGES, redirects=0)


@dataclass(frozen=True)
class Answer:
    """What came of one address."""

    result: Result
    links: PageLinks = field(default_factory=PageLinks)
    folder: Path | None = None


class Crawl:
    """One walk. What it finds depends on the site alone, not on how fast the answers come: they are fetched ahead in
    threads and looked at in the order in which they were asked.

    Args:
        known: what the index has of the site: asked like everything that is linked, each as far away as it was.
        conditional: whether pages that have not changed need not be sent again.
    """

    def __init__(
        self,
        start: Url,
        rules: CrawlRules,
        known: Mapping[str, SourceRecord],
        spool: Path,
        *,
        fetcher: Fetcher,
        pace: Pace,
        conditional: bool = True,
    ) -> None:
        self.remarks: list[str] = []
        self._start = start
        self._rules = rules
        self._known = known
        self._fingerprint = rules.fingerprint
        self._memory = Memory(known, self._fingerprint if conditional else None)
        self._spool = spool
        self._fetcher = fetcher
        self._pace = pace
        self._scope = Scope(start, rules.prefix)
        self._frontier = Frontier(rules)
        self._asked = 0
        self._silent = 0
        self._first: dict[Url, Answer] = {}
        self._outcomes = Outcomes(known)
        self._folders = {spool / "start"}
        """What nobody has taken over yet."""

    @property
    def expected(self) -> int:
        return min(self._outcomes.kept + self._frontier.waiting, self._rules.max_pages)

    def run(self) -> Findings:
        """Raises: InvalidInput, VendorError."""
        threads = ThreadPoolExecutor(self._rules.threads, thread_name_prefix="crawl")
        try:
            self._open()
            while self._may_go_on() and self._frontier.waiting:
                for entry, answer in self._in_order(threads, self._frontier.level()):
                    yield from self._take(entry, answer)
                    if not self._may_go_on():
                        break
            full = self._outcomes.kept >= self._rules.max_pages
            yield from self._outcomes.missing(
                f"it is beyond the cap of {self._rules.max_pages} pages" if full else None
            )
        finally:
            self._fetcher.close()
            threads.shutdown(cancel_futures=True)
            for folder in self._folders:
                shutil.rmtree(folder, ignore_errors=True)
        self._remark()

    def _open(self) -> None:
        def ask(url: Url) -> Result:
            answer = self._ask(Entry(url, 0), self._spool / "start")
            self._first = {url: answer}
            return answer.result

        self._scope, robots = arrive(
            self._start, self._rules.prefix, ask, lambda site: robots_of(self._fetcher, site, self._spool)
        )
        self._pace.slow_to(robots.delay)
        self._frontier = Frontier(self._rules, robots.allows)
        self._frontier.add(Entry(self._scope.home, 0), listed=True)
        sitemaps = Sitemaps(self._fetcher, self._scope, robots, self._spool)
        for page in sitemaps.pages():
            if self._scope.holds(page):
                self._frontier.add(Entry(page, 1), listed=True)
        self.remarks += sitemaps.remarks
        for source_id in sorted(self._known):
            url = self._scope.read(source_id)
            if url is None or not self._scope.holds(url):
                self._outcomes.drop(source_id, "it is not of this site any more")
            elif reason := self._frontier.add(Entry(url, self._memory.depth(source_id))):
                self._outcomes.drop(source_id, reason)

    def _may_go_on(self) -> bool:
        return self._outcomes.kept < self._rules.max_pages and self._asked < 2 * self._rules.max_pages + 500

    def _in_order(self, threads: ThreadPoolExecutor, entries: Iterable[Entry]) -> Iterator[tuple[Entry, Answer]]:
        """Asks a few addresses ahead of the one whose answer is looked at, and no more."""
        ahead: deque[tuple[Entry, Future[Answer]]] = deque()
        for entry in entries:
            folder = self._spool / f"{self._asked:06}"
            self._folders.add(folder)
            self._asked += 1
            ahead.append((entry, threads.submit(self._ask, entry, folder)))
            if len(ahead) > 2 * self._rules.threads:
                first, answer = ahead.popleft()
                yield first, answer.result()
        for first, answer in ahead:
            yield first, answer.result()

    def _ask(self, entry: Entry, folder: Path) -> Answer:
        """In one of the threads."""
        if entry.url in self._first:
            return self._first.pop(entry.url)
        since = self._memory.since(str(entry.url))
        result = self._fetcher.get(str(entry.url), folder, _PAGE, since)
        if not isinstance(result, Fetched):
            return Answer(result)
        header = result.headers.get("content-type", "")
        if result.content_type == HTML:
            said = links.read(result.path, header, result.headers)
        else:
            said = links.heed(PageLinks(), result.headers)
        if result.content_type.startswith("text/"):
            charset.settle(result.path, header)
        return Answer(result, said, folder)

    def _take(self, entry: Entry, answer: Answer) -> Iterator[Finding]:
        """Looks at one answer. Whether it was kept also settles what becomes of its other names."""
        self._hear(answer.result)
        match answer.result:
            case Fetched() as fetched:
                findings = self._page(entry, fetched, answer)
            case NotModified():
                self._lead_on(entry, self._memory.links(str(entry.url)), self._scope.home)
                findings = [Unchanged(str(entry.url))]
            case Moved(url=url):
                findings = self._moved(entry, url)
            case web.Gone(status=status):
                findings = self._drop(entry, f"it answers {status}", "are gone")
            case Refused(reason=reason, wrong_type=True):
                findings = self._drop(entry, reason, "are of a type that is not read")
            case Refused(reason=reason):
                findings = [Failed(str(entry.url), reason)]
            case web.Failed(status=status) if status in (401, 403) and str(entry.url) not in self._known:
                findings = self._drop(entry, "", "want a login, or do not want us")
            case web.Failed(reason=reason):
                findings = [Failed(str(entry.url), reason)]
        if not any(isinstance(each, Found) for each in findings) and answer.folder:
            shutil.rmtree(answer.folder, ignore_errors=True)
        for alone in self._outcomes.settle(entry, told=bool(findings)):
            self._frontier.add_again(alone)
        for finding in findings:
            if isinstance(finding, Found):
                self._folders.discard(finding.root)
            yield finding

    def _hear(self, result: Result) -> None:
        silent = isinstance(result, web.Failed) and result.retryable and result.status in (None, 429, 503)
        self._silent = self._silent + 1 if silent else 0
        if self._silent == SILENT and isinstance(result, web.Failed):
            site = self._scope.home
            told = f"'{site.authority}' is left alone for now: each of the last {SILENT} pages {result.reason}"
            raise VendorError(told, vendor=site.host, retryable=True)

    def _page(self, entry: Entry, fetched: Fetched, answer: Answer) -> list[Finding]:
        page = answer.links
        base = self._scope.read(page.base, entry.url) if page.base else entry.url
        first = self._lead_on(entry, page.links if page.follow and base else (), base or entry.url)
        if not page.index:
            return self._drop(entry, "it asks to be left out of indexes (noindex)", "ask to be left out (noindex)")
        proper = self._scope.read(page.canonical, base or entry.url) if page.canonical and not entry.itself else None
        if proper and self._stands_for(entry, proper):
            return []
        extra = self._memory.to_keep(entry.depth, fetched, first, self._fingerprint)
        address = str(entry.url)
        return [Found(address, fetched.path.parent, fetched.path, address, extra, borrowed=False)]

    def _lead_on(self, entry: Entry, references: Iterable[str], base: Url) -> list[Url]:
        """Takes in what a page links to. Returns what nobody before it has linked to."""
        first = []
        for url in dict.fromkeys(self._scope.read(each, base) for each in references):
            if url is not None and self._scope.holds(url):
                if self._frontier.is_first_link(url):
                    first.append(url)
                self._frontier.add(Entry(url, entry.depth + 1))
        return first

    def _stands_for(self, entry: Entry, proper: Url) -> bool:
        """Whether a page is left to its proper address: one that is kept, or may be."""
        if proper == entry.url or not self._scope.holds(proper) or entry.hops >= MAX_HOPS:
            return False
        kept = self._outcomes.was_kept(proper)
        if kept is False or (kept is None and self._frontier.add(Entry(proper, entry.depth, entry.hops + 1))):
            return False
        if kept is None:
            self._outcomes.leave_to(entry, proper)
        self._outcomes.drop(str(entry.url), f"its proper address is {proper}")
        return True

    def _moved(self, entry: Entry, to: Url) -> list[Finding]:
        url = self._scope.named(to)
        if url == entry.url:
            return [Failed(str(entry.url), "is redirected to itself: it may want cookies")]
        if url is None or not self._scope.holds(url):
            return self._drop(entry, f"it is redirected to {to}", "are redirected to other sites or parts")
        if entry.hops >= MAX_HOPS:
            return [Failed(str(entry.url), f"it is redirected more than {MAX_HOPS} times")]
        self._frontier.add(Entry(url, entry.depth, entry.hops + 1))
        return self._drop(entry, f"it is redirected to {url}", "are redirected to other pages")

    def _drop(self, entry: Entry, reason: str, tally: str) -> list[Finding]:
        self._outcomes.drop(str(entry.url), reason, tally)
        return []

    def _remark(self) -> None:
        if self._frontier.waiting and not self._may_go_on():
            self.remarks.append(
                f"the cap of {self._rules.max_pages} pages was reached;"
                f" {self._frontier.waiting} more addresses are known: raise it to have them"
            )
        for reason, count in sorted(self._frontier.refused.items()):
            self.remarks.append(f"{count} addresses were not asked: each is {reason}")
        for reason, count in sorted(self._outcomes.dropped.items()):
            self.remarks.append(f"{count} addresses {reason}")

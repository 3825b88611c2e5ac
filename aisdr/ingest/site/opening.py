"""The beginning of a crawl: what the site asks of robots, under which name it answers, and what its sitemaps list."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from aisdr.errors import InvalidInput, VendorError
from aisdr.ingest.fetch import Fetcher
from aisdr.ingest.fetched import MAX_REDIRECTS, Failed, Fetched, Gone, Moved, Refused, Result, Wanted
from aisdr.ingest.site import robots as robots_txt
from aisdr.ingest.site import sitemap
from aisdr.ingest.site.robots import Robots
from aisdr.ingest.site.rules import Scope
from aisdr.ingest.url import Url

LONGEST_DELAY = 60.0
"""Seconds between two requests. A site that wants to be asked less often has not invited us."""

MAX_SITEMAPS = 100

_ROBOTS = Wanted(max_bytes=robots_txt.MAX_BYTES, cut=True)
_SITEMAP = Wanted(max_bytes=sitemap.MAX_BYTES)


def robots_of(fetcher: Fetcher, site: Url, spool: Path) -> Robots:
    """Raises: VendorError when it cannot be read, InvalidInput when it wants us to be slower than makes sense."""
    where = spool / "robots"
    match fetcher.get(str(site.at("/robots.txt")), where, _ROBOTS):
        case Fetched(path=path):
            robots = Robots(path.read_bytes())
            shutil.rmtree(where)
        case Failed(status=status, retryable=retryable, reason=reason) if status is None or status >= 500 or retryable:
            # What it asks for is not known, so nothing more is asked of it (RFC 9309, 2.3.1.4).
            raise VendorError(
                f"'{site.authority}' is not crawled now: its robots.txt {reason}", vendor=site.host, retryable=True
            )
        case _:
            robots = Robots()
    if robots.delay > LONGEST_DELAY:
        raise InvalidInput(
            f"'{site.authority}' asks in its robots.txt for {robots.delay:.0f} seconds between two requests: "
            f"ask its owner to allow 'aisdr' more"
        )
    return robots


def arrive(
    start: Url, prefix: str, ask: Callable[[Url], Result], robots: Callable[[Url], Robots]
) -> tuple[Scope, Robots]:
    """Follows the start to the name under which it answers.

    Raises:
        InvalidInput: it leads elsewhere, or there is no page.
        VendorError: it does not answer.
    """
    home = start
    asked_for = robots(home)
    for _ in range(MAX_REDIRECTS + 1):
        scope = Scope(home, prefix)
        if not scope.holds(home):
            raise InvalidInput(f"{home} is outside of the prefix '{prefix}': begin within it")
        if not asked_for.allows(home):
            raise InvalidInput(f"The robots.txt of '{home.authority}' forbids {home}: allow 'aisdr' there")
        match ask(home):
            case Moved(url=url) if scope.same_site(url):
                if url.at("/") != home.at("/"):
                    asked_for = robots(url)
                home = Scope(url).named(url) or url
            case Moved(url=url):
                raise InvalidInput(f"{start} is redirected to another site: crawl {url} if that is meant")
            case Gone(status=status):
                raise InvalidInput(f"There is no page at {home}, which answers {status}: begin at one that is there")
            case Refused(reason=reason):
                raise InvalidInput(f"{home} is not fetched: {reason}")
            case Failed(reason=reason, retryable=retryable):
                raise VendorError(f"{home} {reason}", vendor=home.host, retryable=retryable)
            case _:
                return scope, asked_for
    raise InvalidInput(f"{start} is redirected without end")


class Sitemaps:
    """What a site lists by itself. Only sitemaps that stand on the site are read."""

    def __init__(self, fetcher: Fetcher, scope: Scope, robots: Robots, spool: Path) -> None:
        self.remarks: list[str] = []
        self._fetcher = fetcher
        self._scope = scope
        self._robots = robots
        self._spool = spool

    def pages(self) -> Iterator[Url]:
        """Every address of this site in every sitemap; the same one perhaps twice."""
        named = [url for each in self._robots.sitemaps if (url := self._scope.read(each))]
        usual = self._scope.home.at("/sitemap.xml")
        waiting = [(url, True) for url in dict.fromkeys([*named, usual])]
        seen = {url for url, _ in waiting}
        for url, may_lead_on in waiting:  # which grows
            listed = self._read(url, expected=url in named or not may_lead_on)
            for each in listed.sitemaps if may_lead_on else ():
                further = self._scope.read(each)
                if further and further not in seen and len(seen) < MAX_SITEMAPS:
                    seen.add(further)
                    waiting.append((further, False))
            yield from (page for each in listed.pages if (page := self._scope.read(each)))

    def _read(self, url: Url, *, expected: bool) -> sitemap.Sitemap:
        empty = sitemap.Sitemap()
        if not self._robots.allows(url):
            return empty
        where = self._spool / "sitemap"
        match self._fetcher.get(str(url), where, _SITEMAP):
            case Fetched(path=path):
                try:
                    listed = sitemap.read(path)
                except sitemap.NoSitemap as error:
                    listed = replace(empty, remark=str(error) if expected else "")
                shutil.rmtree(where)
                if listed.remark:
                    self.remarks.append(f"the sitemap {url}: {listed.remark}")
                return listed
            case Failed(reason=reason) | Refused(reason=reason):
                self.remarks.append(f"the sitemap {url} was not read: {reason}")
            case Gone() if expected:
                self.remarks.append(f"the sitemap {url} does not exist")
            case _:
                pass
        return empty

"""What a site asks robots to do (RFC 9309)."""

from protego import Protego

from aisdr.ingest.fetch import USER_AGENT
from aisdr.ingest.url import Url

MAX_BYTES = 500 * 1024
"""What the standard wants to be read at least; the rest is not looked at."""

_MAX_PATTERN = 2000
_MAX_RULES = 5000
"""Every address is held against all of them."""


class Robots:
    """One robots.txt. An empty one allows everything."""

    def __init__(self, content: bytes = b"") -> None:
        lines = content[:MAX_BYTES].decode("utf-8-sig", "replace").splitlines()
        self._rules = Protego.parse("\n".join(_bounded(lines)))

    def allows(self, url: Url) -> bool:
        return self._rules.can_fetch(str(url), USER_AGENT)

    @property
    def delay(self) -> float:
        """Seconds between two requests; 0 where nothing is said of it."""
        asked = self._rules.crawl_delay(USER_AGENT) or 0.0
        rate = self._rules.request_rate(USER_AGENT)
        by_rate = rate.seconds / rate.requests if rate and rate.requests else 0.0
        return max(asked, by_rate, 0.0)

    @property
    def sitemaps(self) -> list[str]:
        return list(self._rules.sitemaps)


def _bounded(lines: list[str]) -> list[str]:
    kept = []
    rules = 0
    for line in lines:
        if len(line) > _MAX_PATTERN:
            continue
        rules += line.lstrip()[:1].lower() in ("a", "d")  # allow, disallow
        if rules <= _MAX_RULES or line.lstrip()[:1].lower() not in ("a", "d"):
            kept.append(line)
    return kept

"""What an operator says about a crawl, and what of a site belongs to it."""

import hashlib
import re
from dataclasses import asdict, dataclass, replace
from functools import lru_cache

from aisdr.errors import InvalidInput
from aisdr.ingest.url import MAX_LENGTH, PORTS, NoAddress, Url

LARGEST_CRAWL = 50_000
VERSION = "1"
"""Raise it when links are read or chosen in another way: pages are then fetched again although they are unchanged."""

_MAX_SEGMENTS = 20
_MAX_PATH = 600
_MAX_REPEATED = 3
_TRACKING = re.compile(
    r"utm_\w+|[gd]clid|gbraid|wbraid|gclsrc|fbclid|msclkid|yclid|twclid|ttclid|li_fat_id|igshid|mc_[ce]id|_ga|_gl|_hsenc"
    r"|_hsmi|hsctatracking|mkt_tok|vero_\w+|oly_\w+_id|s_cid|wickedid|_openstat",
    re.IGNORECASE,
)
_SESSION = re.compile(r"phpsessid|jsessionid|aspsessionid\w*|sessionid|session_id|sid|cfid|cftoken", re.IGNORECASE)
_SESSION_IN_PATH = re.compile(r";(jsessionid|phpsessid|sid)=[^/;]*", re.IGNORECASE)
_NO_PAGE = re.compile(
    r"\.(css|js|mjs|map|json|xml|rss|atom|ico|svg|png|jpe?g|gif|webp|avif|bmp|tiff?|woff2?|ttf|otf|eot|mp[34]|m4[av]"
    r"|webm|og[gv]|wav|flac|avi|mov|mkv|zip|gz|tgz|bz2|xz|7z|rar|dmg|exe|msi|apk|iso|deb|rpm|jar|bin|ics|vcf)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class CrawlRules:
    """How far a crawl goes.

    Args:
        prefix: only pages whose path begins so are walked through and kept.
        max_pages: pages that are kept.
        max_depth: links to follow from the start; what a sitemap lists is one link away.
        rate: requests in a second; 0 for as many as there can be, which is for sites of one's own. A `Crawl-delay`
            of the site counts where it is slower.
        threads: pages that are fetched at the same time.
        variants: addresses that differ only behind the `?`, unless a sitemap lists them.
    """

    prefix: str = "/"
    max_pages: int = 500
    max_depth: int = 10
    rate: float = 2.0
    threads: int = 4
    variants: int = 100

    def __post_init__(self) -> None:
        if not 1 <= self.max_pages <= LARGEST_CRAWL:
            raise InvalidInput(f"{self.max_pages} pages cannot be crawled: between 1 and {LARGEST_CRAWL} can")
        if not self.prefix.startswith("/"):
            raise InvalidInput(f"The prefix '{self.prefix}' is no path: begin it with '/'")
        if self.threads < 1 or self.max_depth < 0 or self.rate < 0 or self.variants < 1:
            raise InvalidInput("A crawl needs a thread, one variant, and no negative depth or rate")

    @property
    def fingerprint(self) -> str:
        """Changes with everything that decides which links of a page are followed."""
        deciding = [
            VERSION,
            *(f"{key}={value}" for key, value in asdict(self).items() if key not in ("rate", "threads")),
        ]
        return hashlib.sha256("\n".join(deciding).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Scope:
    """Which addresses belong to a site.

    With and without `www.`, with http and with https it is one site, as long as its ports are the usual ones; its
    pages are called by the one of these names under which its start answers.
    """

    home: Url
    prefix: str = "/"

    def same_site(self, url: Url) -> bool:
        if _bare(url.host) != _bare(self.home.host):
            return False
        return url.port == self.home.port or (_is_usual(url) and _is_usual(self.home))

    def named(self, url: Url) -> Url | None:
        """The address as a page of this site is called here; None for one that is not of this site.

        What only says where a visitor comes from, or who it is, is left out.
        """
        if not self.same_site(url):
            return None
        kept = [each for each in url.query.split("&") if each and not _is_noise(each.partition("=")[0])]
        path = _SESSION_IN_PATH.sub("", url.path)
        return replace(self.home, path=path, query="&".join(kept))

    def read(self, reference: str, base: Url | None = None) -> Url | None:
        """What a reference means here; None for one that leads elsewhere or nowhere."""
        if base is None or (reference.startswith("/") and not reference.startswith("//") and self.same_site(base)):
            base = self.home
        return _read(self, reference, base)

    def holds(self, url: Url) -> bool:
        """Whether a page of this site is within the prefix: `/docs` holds `/docs` and `/docs/a`, not `/docsearch`."""
        prefix = self.prefix
        return url.path.startswith(prefix if prefix.endswith("/") else f"{prefix}/") or url.path == prefix.rstrip("/")

    def owns(self, source_id: str) -> bool:
        url = self.read(source_id)
        return url is not None and self.holds(url)


@lru_cache(maxsize=8192)
def _read(scope: Scope, reference: str, base: Url) -> Url | None:
    """The same hundred links stand on every page of a site."""
    try:
        return scope.named(Url.joined(base, reference))
    except NoAddress:
        return None


def is_trap(url: Url) -> bool:
    """Whether an address looks made up by links that are relative to themselves."""
    segments = [each for each in url.path.split("/") if each]
    if len(segments) > _MAX_SEGMENTS or len(url.path) > _MAX_PATH or len(str(url)) > MAX_LENGTH:
        return True
    return any(segments.count(each) > _MAX_REPEATED for each in set(segments))


def may_be_page(url: Url) -> bool:
    """False for what is known by its ending to be none: a request that need not be made."""
    return not _NO_PAGE.search(url.path)


def _bare(host: str) -> str:
    return host.removeprefix("www.")


def _is_usual(url: Url) -> bool:
    return url.port == PORTS[url.scheme]


def _is_noise(name: str) -> bool:
    return _TRACKING.fullmatch(name) is not None or _SESSION.fullmatch(name) is not None

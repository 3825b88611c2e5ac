"""What `aisdr ingest` is pointed at: a company, and where its sources are."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from aisdr.company import Company
from aisdr.errors import InvalidInput
from aisdr.ingest.origins.base import Origin
from aisdr.ingest.site.rules import CrawlRules
from aisdr.services import services
from scripts.seed import read_company, refuse_stranger

KNOWLEDGE = "knowledge"


@dataclass(frozen=True)
class Target:
    company: Company
    origin: Callable[[], Origin]
    """A new one for each run."""
    folder: Path | None = None
    """What `--watch` looks at."""


def target_of(what: str, slug: str, rules: CrawlRules, *, private: bool, forget: bool) -> Target:
    """Raises: InvalidInput, NotFound; the message says what helps."""
    scheme, mark, rest = what.partition("://")
    if not mark:
        return _folder(Path(what), slug, forget=forget)
    if not rest.strip("/"):
        raise InvalidInput(f"{what}: say which one: https://HOST/ or s3://BUCKET/PREFIX")
    if not slug:
        raise InvalidInput(f"{what}: say whose it is, with --company SLUG")
    company = services().companies.by_slug(slug)
    match scheme.lower():
        case "http" | "https":
            return _site(company, what, rules, private=private)
        case "s3":
            return _bucket(company, rest)
        case _:
            raise InvalidInput(f"{what}: give a folder, an address that begins with https://, or s3://BUCKET/PREFIX")


def _folder(path: Path, slug: str, *, forget: bool) -> Target:
    from aisdr.ingest.origins.folder import Folder

    if slug:
        if not path.is_dir():
            raise InvalidInput(f"{path}: there is no such folder; name the folder that holds the company's files")
        return Target(services().companies.by_slug(slug), lambda: Folder(path, forget=forget), path)
    company = read_company(path)
    stored = services().companies.stored(company.company_id)
    refuse_stranger(stored.company if stored else None, company)
    folder = (path if path.is_dir() else path.parent) / KNOWLEDGE
    return Target(company, lambda: Folder(folder, forget=forget), folder)


def _site(company: Company, address: str, rules: CrawlRules, *, private: bool) -> Target:
    from aisdr.ingest.origins.site import Site

    allowed = frozenset({urlsplit(address).netloc}) if private else frozenset()
    finished = services().ingestion_runs.finished

    def origin() -> Origin:
        complete = finished(company.operator_scope, address)
        return Site(address, rules, allowed_private=allowed, complete_before=complete)

    return Target(company, origin)


def _bucket(company: Company, rest: str) -> Target:
    from aisdr.ingest.origins.bucket import Bucket

    name, _, prefix = rest.partition("/")
    prefix = f"{prefix.rstrip('/')}/" if prefix.strip("/") else ""
    return Target(company, lambda: Bucket(services().client("s3"), name, prefix))

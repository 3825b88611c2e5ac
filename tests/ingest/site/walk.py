"""One crawl of a small site, and what it told."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aisdr.index.base import SourceRecord
from aisdr.ingest.origins.base import Failed, Finding, Found, Gone
from aisdr.ingest.origins.site import Site
from aisdr.ingest.site.rules import CrawlRules
from tests.ingest.web import Answer, Names, Web, page, web

FAST = CrawlRules(rate=0)
HOSTS = ("site.test", "www.site.test")


@dataclass
class Walk:
    """What one crawl told; addresses are shortened to their paths."""

    findings: list[Finding]
    site: Site
    contents: dict[str, bytes]
    where: str

    def told(self, kind: type) -> list[str]:
        return [each.source_id.removeprefix(self.where) for each in self.findings if isinstance(each, kind)]

    @property
    def found(self) -> list[str]:
        return self.told(Found)

    @property
    def reasons(self) -> dict[str, str]:
        told = [each for each in self.findings if isinstance(each, Gone | Failed)]
        return {each.source_id.removeprefix(self.where): each.reason for each in told}

    def records(self, before: Mapping[str, SourceRecord] | None = None) -> dict[str, SourceRecord]:
        """What an index would know after this."""
        known = dict(before or {})
        for finding in self.findings:
            if isinstance(finding, Found):
                known[finding.source_id] = SourceRecord(finding.source_id, "hash", 1, extra=dict(finding.extra))
            elif isinstance(finding, Gone):
                known.pop(finding.source_id, None)
        return known


@pytest.fixture
def site() -> Iterator[Web]:
    with web() as made:
        yield made


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits before another try."""
    monkeypatch.setattr("aisdr.ingest.pace.Pace.hold", lambda pace, seconds: None)


def origin(site: Web, start: str = "/", rules: CrawlRules = FAST, host: str = "site.test", **more: Any) -> Site:
    doors = [f"{each}:{site.port}" for each in HOSTS]
    return Site(site.url(start, host), rules, allowed_private=doors, resolver=Names(), **more)


def walk(
    site: Web,
    folder: Path,
    start: str = "/",
    rules: CrawlRules = FAST,
    known: Mapping[str, SourceRecord] | None = None,
    host: str = "site.test",
    **more: Any,
) -> Walk:
    site.asked.clear()
    made = origin(site, start, rules, host, **more)
    spool = folder / "spool"
    spool.mkdir(exist_ok=True)
    findings, contents = [], {}
    for finding in made.discover(known or {}, spool):
        findings.append(finding)
        if isinstance(finding, Found):
            assert not finding.borrowed
            assert finding.path.is_relative_to(spool)
            contents[finding.source_id] = finding.path.read_bytes()
            finding.path.unlink()
    assert not [each for each in spool.rglob("*") if each.is_file()], "something was left in the spool"
    ids = [each.source_id for each in findings]
    assert len(ids) == len(set(ids)), "a source was told twice"
    return Walk(findings, made, contents, site.url("", host))


def proper(address: str) -> str:
    return f'<link rel="canonical" href="{address}">'


def tree(width: int, depth: int, path: str = "") -> dict[str, Answer]:
    below = [f"{path}/{each}" for each in range(width)] if depth else []
    made: dict[str, Answer] = {path or "/": page(*below)}
    for each in below:
        made |= tree(width, depth - 1, each)
    return made

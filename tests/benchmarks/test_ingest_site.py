"""The sample site of the benchmark: the crawl finds all of its pages, and nothing else."""

import threading
from pathlib import Path

import pytest

from aisdr.index.base import SourceRecord
from aisdr.ingest.origins.base import Found, Unchanged
from aisdr.ingest.origins.site import Site
from aisdr.ingest.site.rules import CrawlRules
from benchmarks.ingest.site import SampleSite, served, server


def crawled(url: str, spool: Path, known: dict[str, SourceRecord] | None = None) -> tuple[dict[str, SourceRecord], int]:
    """Found pages as an index would know them, and how many were unchanged."""
    site = Site(url, CrawlRules(max_pages=2000, rate=0), allowed_private=[url.removeprefix("http://")])
    findings = []
    for finding in site.discover(known or {}, spool):
        findings.append(finding)
        if isinstance(finding, Found):
            finding.path.unlink()
    assert all(isinstance(each, Found | Unchanged) for each in findings), [
        each for each in findings if not isinstance(each, Found)
    ][:3]
    found = {
        each.source_id: SourceRecord(each.source_id, "hash", 1, extra=dict(each.extra))
        for each in findings
        if isinstance(each, Found)
    }
    return found, len(findings) - len(found)


@pytest.mark.slow
def test_a_crawl_finds_every_page_of_the_sample_site_and_only_what_is_new_in_its_next_edition(tmp_path: Path) -> None:
    site, later = SampleSite(1500), SampleSite(1500, edition=2)
    with server(site) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{running.server_port}"
        first, _ = crawled(url, tmp_path)
        port = running.server_port
        running.shutdown()
    with server(later, port) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        second, unchanged = crawled(url, tmp_path, first)
        running.shutdown()

    assert sorted(each.removeprefix(url) for each in first) == site.sources()
    assert [each.removeprefix(url) for each in second] == ["/section-0/article-0", "/section-10/article-1000"]
    assert unchanged == 1498


def test_every_article_states_a_fact_of_its_own() -> None:
    site = SampleSite(1000)

    facts = [site.fact(number) for number in range(site.articles)]

    assert len({fact.answer for fact in facts}) == len({fact.question for fact in facts}) == site.articles
    assert all(fact.answer.encode() in site.answer(fact.path).body for fact in facts)
    assert len(site.sources()) == 1000


def test_the_site_is_served_by_a_process_of_its_own() -> None:
    with served(10) as url:
        assert url.startswith("http://127.0.0.1:")

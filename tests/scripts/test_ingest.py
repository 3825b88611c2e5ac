"""`aisdr ingest`: from a folder to what `aisdr ask` finds."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from aisdr.errors import Conflict
from aisdr.services import Services
from scripts.__main__ import app
from scripts.seed import read_company, seed_company
from tests.ingest.material import write
from tests.tavus import Tavus, running_tavus

COMPANY = """
companyId = "acme"
slug = "acme"
displayName = "Acme"
websiteUrl = "https://acme.example"
"""


@pytest.fixture
def folder(tmp_path: Path, services: Services) -> Path:
    """A seeded company with one page."""
    write(tmp_path / "acme/company.toml", COMPANY)
    write(tmp_path / "acme/knowledge/prices.md", "# Prices\n\n## Team\n\nThe Team plan costs 49 euros a month. [draft]")
    seed_company(services.companies, read_company(tmp_path / "acme"), dry_run=False)
    return tmp_path / "acme"


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments), env={"COLUMNS": "160"})
    return result.exit_code, result.stdout


def test_what_was_ingested_answers_a_question(folder: Path) -> None:
    code, told = run("ingest", str(folder))

    assert code == 0
    assert "added      prices.md  1 text" in told
    assert "acme: 1 added; 1 chunks embedded, 1 files sent" in told

    code, told = run("ask", "What does the Team plan cost?", "--company", "acme", "--hits")
    assert code == 0
    assert "costs 49 euros a month. [draft]" in told
    assert "prices.md" in told
    assert "own ok (1 in" in told


def test_languages_that_the_embedder_does_not_read_are_told_with_the_remedy(folder: Path) -> None:
    assert "does not read" not in run("ingest", str(folder))[1]

    with (folder / "company.toml").open("a", encoding="utf-8") as file:
        file.write('languages = ["en-GB", "es", "de"]\n')

    code, told = run("ingest", str(folder))

    assert code == 0
    assert "acme serves es, de, which minilm does not read" in told
    assert "aisdr reindex acme --embedder e5" in told
    assert told.splitlines()[-1].startswith("acme: 1 unchanged")


def test_a_dry_run_writes_nothing(folder: Path) -> None:
    code, told = run("ingest", str(folder), "--dry-run")

    assert code == 0
    assert "added      prices.md" in told
    assert "nothing written" in told
    assert "Nothing fits" in run("ask", "What does the Team plan cost?", "--company", "acme", "--hits")[1]


def test_a_failed_file_is_named_and_the_command_fails(folder: Path) -> None:
    (folder / "knowledge/broken.pdf").write_bytes(b"no PDF")

    code, told = run("ingest", str(folder))

    assert code == 1
    assert "failed     broken.pdf  not a readable PDF" in told
    assert "added      prices.md" in told


def test_json_is_one_object(folder: Path) -> None:
    code, told = run("ingest", str(folder), "--json")

    report = json.loads(told)
    assert code == 0
    assert report["companyId"] == "acme"
    assert report["outcomes"][0]["chunks"] == {"text": 1}


def test_ingest_waits_until_tavus_has_read_what_is_marked_for_it(
    folder: Path, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scripts.ingest.LOOK_EVERY_SECONDS", 0.01)
    write(folder / "knowledge/terms.md", "---\ntavus: true\n---\n# Terms\n\nA year.")

    with running_tavus(clock_speed=50) as tavus:
        services.tavus = tavus.client()
        code, told = run("ingest", str(folder), "--tavus", "--wait")

    assert code == 0
    assert "Tavus documents: 1 ready" in told


def test_a_document_that_tavus_cannot_read_fails_the_command_and_names_what_helps(
    folder: Path, services: Services, tavus: Tavus
) -> None:
    services.tavus = tavus.client()
    write(folder / "knowledge/terms.md", "---\ntavus: true\n---\n# Terms\n\nA year.")
    document = {"document_id": "d0-1", "document_name": "Terms", "status": "error", "error_message": "file_empty"}
    tavus.fault(method="GET", path="/v2/documents", times=9, body={"data": [document], "total_count": 1})
    tavus.fault(method="POST", path="/v2/documents", body=document)

    code, told = run("ingest", str(folder), "--tavus", "--wait", "--json")

    assert code == 1
    assert json.loads(told)["tavusDocuments"] == {"failed": 1}


def test_a_copied_folder_does_not_replace_the_knowledge_it_was_copied_from(folder: Path) -> None:
    write(folder / "company.toml", COMPANY.replace('slug = "acme"', 'slug = "globex"'))

    result = CliRunner().invoke(app, ["ingest", str(folder)])

    assert isinstance(result.exception, Conflict)
    assert "give it a companyId of its own" in result.exception.message
    assert "Nothing fits" in run("ask", "What does the Team plan cost?", "--company", "acme", "--hits")[1]

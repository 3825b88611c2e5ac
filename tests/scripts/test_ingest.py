"""`aisdr ingest`: from a folder to what `aisdr ask` finds."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from typer.testing import CliRunner

from aisdr.errors import Conflict, InvalidInput
from aisdr.services import Services
from scripts.__main__ import app
from scripts.seed import read_company, seed_company
from tests.ingest.material import write
from tests.tavus import Tavus, running_tavus

pytestmark = pytest.mark.slow

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


def test_a_folder_that_lacks_most_files_is_taken_for_the_wrong_one(folder: Path, tmp_path: Path) -> None:
    for number in range(8):
        write(folder / f"knowledge/page-{number}.md", f"# Page {number}\n\nThis is page {number}.")
    run("ingest", str(folder))
    write(tmp_path / "other/notes.md", "# Notes\n\nElsewhere.")

    with pytest.raises(InvalidInput, match=r"lacks 9 of the 9 files .*'page-0.md'.*--forget"):
        CliRunner().invoke(app, ["ingest", str(tmp_path / "other"), "--company", "acme"], catch_exceptions=False)
    code, told = run("ingest", str(tmp_path / "other"), "--company", "acme", "--dry-run", "--json")
    assert (code, len(json.loads(told)["outcomes"])) == (0, 10)
    code, told = run("ingest", str(tmp_path / "other"), "--company", "acme", "--forget", "--json")
    assert [each["action"] for each in json.loads(told)["outcomes"]] == ["added"] + 9 * ["removed"]


@pytest.mark.parametrize(
    ("what", "options", "remedy"),
    [
        ("https://acme.example", [], "--company SLUG"),
        ("ftp://acme.example", ["--company", "acme"], "give a folder, an address that begins with https://"),
        ("https://user:pass@acme.example", ["--company", "acme"], "cannot be crawled"),
        ("nowhere", ["--company", "acme"], "there is no such folder"),
        ("https://acme.example", ["--company", "acme", "--pages", "90000"], "between 1 and 50000"),
    ],
)
def test_what_cannot_be_ingested_is_told_with_the_remedy(
    folder: Path, what: str, options: list[str], remedy: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        CliRunner().invoke(app, ["ingest", what, *options], catch_exceptions=False)

    assert remedy in refused.value.message


def test_a_second_run_is_told_who_is_at_it(folder: Path, services: Services) -> None:
    company = read_company(folder)

    with (
        services.leases.held(company.operator_scope),
        pytest.raises(Conflict, match="'acme' is being ingested by process"),
    ):
        CliRunner().invoke(app, ["ingest", str(folder)], catch_exceptions=False)


def test_a_page_of_a_site_is_found_at_its_own_address(folder: Path) -> None:
    pages = {
        "/": "<title>Acme</title><main><h1>Acme</h1><p>We make robots. <a href=/plans>Plans</a></p></main>",
        "/plans": "<title>Plans</title><main><h1>Plans</h1><p>The Harvest plan costs 72 euros a month.</p></main>",
    }
    with site(pages) as address:
        code, told = run("ingest", address, "--company", "acme", "--private", "--rate", "0", "--json")
        again = run("ingest", address, "--company", "acme", "--private", "--rate", "0", "--json")[1]

    assert code == 0, told
    assert {each["sourceId"]: each["action"] for each in json.loads(told)["outcomes"]} == {
        f"{address}/": "added",
        f"{address}/plans": "added",
    }
    assert {each["action"] for each in json.loads(again)["outcomes"]} == {"unchanged"}
    told = run("ask", "What does the Harvest plan cost?", "--company", "acme", "--hits")[1]
    assert "72 euros a month" in told
    assert f"{address}/plans" in told


@contextmanager
def site(pages: dict[str, str]) -> Iterator[str]:
    """A website on loopback; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = pages.get(self.path)
            self.send_response(200 if page else 404)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write((page or "").encode())

        def log_message(self, *_: object) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("what", ["s3://", "https://", "s3:///"])
def test_half_an_address_is_not_taken_for_a_folder(folder: Path, what: str) -> None:
    with pytest.raises(InvalidInput, match="say which one"):
        CliRunner().invoke(app, ["ingest", what, "--company", "acme"], catch_exceptions=False, standalone_mode=False)


def test_a_site_is_not_crawled_before_it_is_said_that_it_cannot_be_watched(folder: Path) -> None:
    result = CliRunner().invoke(app, ["ingest", "http://127.0.0.1:9/", "--company", "acme", "--watch"])

    assert isinstance(result.exception, InvalidInput)
    assert "--watch looks at a folder" in str(result.exception)


def test_a_pattern_that_no_source_is_like_is_named(folder: Path) -> None:
    code, told = run("ingest", str(folder), "--only", "price/*")

    assert code == 0
    assert "No source is like price/*" in told

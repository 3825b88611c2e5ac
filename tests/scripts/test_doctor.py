"""`aisdr doctor` at moto, the look-alikes and a gateway with our functions: what it says of a sound environment, and of
each way to be unsound."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from aisdr.configuration import ModelChoice, Models
from aisdr.index.base import SourceRecord
from aisdr.ingest.storing import TAVUS_TAGS
from aisdr.live.tavus_pal import Provisioning
from aisdr.secret import Secret
from aisdr.services import Services
from dev.gateway.app import create_gateway
from dev.serve import serving
from functions import FUNCTIONS
from scripts.__main__ import app
from scripts.provision import plan_for, remember
from tests.conftest import COMPANIES, CONVERSATIONS
from tests.dev.ports import free_port
from tests.material import KEYS, a_chunk, a_company, teach
from tests.tavus import KEY, Tavus
from tests.voice import KEY as OPENAI_KEY
from tests.voice import OpenAi

pytestmark = pytest.mark.slow

README = Path(__file__).parents[2] / "README.md"
FACE = "r90bbd427f71"
SECRETS = (KEY, OPENAI_KEY, *KEYS.values())


@pytest.fixture
def environment(environment: pytest.MonkeyPatch, tavus: Tavus, openai: OpenAi) -> Iterator[pytest.MonkeyPatch]:
    port = free_port()
    for name, value in {
        "AISDR_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "AISDR_WEBSOCKET_URL": f"ws://127.0.0.1:{port}/ws",
        "WS_ENDPOINT": f"http://127.0.0.1:{port}",
        "TAVUS_API_URL": tavus.url,
        "TAVUS_API_KEY": KEY,
        "OPENAI_BASE_URL": openai.url,
        "OPENAI_API_KEY": OPENAI_KEY,
    }.items():
        environment.setenv(name, value)
    tavus.reset(pals=True)
    with serving(create_gateway(FUNCTIONS), port=port):
        yield environment


@pytest.fixture
def sound(services: Services) -> Services:
    """An environment that lacks nothing: a company with material, a face, a PAL as configured, and a model."""
    for table in (COMPANIES, CONVERSATIONS):
        services.dynamodb.update_time_to_live(
            TableName=table, TimeToLiveSpecification={"AttributeName": "expires_at", "Enabled": True}
        )
    chain = (ModelChoice(provider="openai", model="gpt-local"), ModelChoice())
    company = a_company(tavus_replica_id=FACE, models=Models(chat=chain))
    services.companies.put(company, expected_version=0)
    teach(services, company, a_chunk("pricing", "The Growth plan costs $149 a month."))
    provisioning = Provisioning(services.tavus)
    plan = plan_for(provisioning, services.companies, company, create=False)
    remember(services.companies, company, provisioning.apply(plan))
    return services


def reconfigure(services: Services, **changes: Any) -> None:
    stored = services.companies.stored("acme")
    assert stored
    services.companies.put(stored.company.model_copy(update=changes), expected_version=stored.version)


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(app, ["doctor", *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert not any(secret in result.output for secret in SECRETS)
    return result


def findings(result: Result) -> dict[str, dict[str, str]]:
    told = json.loads(result.stdout.splitlines()[-1])  # the functions of this process write their log before it
    return {each["what"]: each for each in told["findings"]}


def test_of_a_sound_environment_every_line_is_ok(sound: Services) -> None:
    done = run("acme", "--json")

    found = findings(done)
    assert {what: each["told"] for what, each in found.items() if each["state"] != "ok"} == {}
    assert done.exit_code == 0
    assert found["relay"]["told"] == "opened by its ticket, and answers"
    assert found["search"]["told"] == "1 hits"
    assert found["acme: face"]["told"] == f"{FACE}, completed"


def test_a_person_reads_lines(sound: Services) -> None:
    done = run()

    assert done.exit_code == 0
    assert re.search(r"^ok +relay: opened", done.stdout, re.MULTILINE)
    assert "all is well" in done.stdout


def test_it_buys_nothing_and_leaves_no_open_conversation(sound: Services, tavus: Tavus, openai: OpenAi) -> None:
    run()

    assert tavus.conversations() == []
    assert openai.calls() == []
    assert openai.asked("/v1/chat") == []
    assert [session for session, ended in sound.sessions.over() if ended is None] == []


@pytest.mark.parametrize(
    ("changes", "what", "told"),
    [
        ({"tavus_replica_id": "r000000000000"}, "acme: face", "Failed to create Tavus session"),
        ({"modes": ("text",)}, "acme: video", "Tavus video not enabled for this company"),
        ({"tavus_persona_id": None}, "acme: PAL", "no tavusPersonaId"),
        ({"greeting": "Hello there, stranger."}, "acme: PAL", "is not as configured"),
        ({"models": Models(chat=(ModelChoice(provider="openai", model="gpt-0"),))}, "acme: model gpt-0", "not know it"),
    ],
)
def test_what_is_wrong_with_a_company_is_told_with_what_to_do(
    sound: Services, changes: dict[str, Any], what: str, told: str
) -> None:
    reconfigure(sound, **changes)

    done = run("--json")

    finding = findings(done)[what]
    assert done.exit_code == 1
    assert finding["state"] == "failed"
    assert told in finding["told"]
    assert finding["remedy"]


def test_dropped_files_that_nobody_finds_are_told_until_they_are_read(sound: Services) -> None:
    scope = a_company().operator_scope
    sound.unread_files.note(scope, "plans/scan.pdf", "waiting", "it needs rapidocr")
    sound.unread_files.note(scope, "broken.docx", "failed", "not a Word document")

    finding = findings(run("--json"))["acme: dropped files"]

    assert finding["state"] == "failed"
    assert finding["told"].startswith("1 failed, 1 waiting: broken.docx (failed 20")
    assert "plans/scan.pdf" in finding["told"]
    assert "it needs rapidocr" in finding["told"]
    assert "aisdr ingest s3://knowledge/acme/ --company acme" in finding["remedy"]

    for path in ("plans/scan.pdf", "broken.docx"):
        sound.unread_files.forget(scope, path)
    assert findings(run("--json"))["acme: dropped files"]["state"] == "ok"


def test_a_face_that_is_not_ready_gives_no_video_stream(sound: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    faces = [face | {"status": "error"} for face in sound.tavus.list_faces()]
    monkeypatch.setattr(sound.tavus, "list_faces", lambda: faces)

    finding = findings(run("--json"))["acme: face"]

    assert finding["told"] == f"No video stream: face {FACE} is 'error' at Tavus"


def test_without_a_key_the_missions_words_are_printed(sound: Services) -> None:
    sound.tavus._api_key = None

    done = run()

    assert done.exit_code == 1
    assert "Tavus API key not configured" in done.stdout
    assert "→ store a key" in done.stdout


def test_a_refused_key_is_told_and_not_shown(sound: Services) -> None:
    object.__setattr__(sound.settings, "openai_api_key", Secret("sk-of-somebody-else"))

    done = run()

    assert done.exit_code == 1
    assert "OpenAI: key: the key was refused (401)" in done.stdout
    assert "sk-of-somebody-else" not in done.output


def test_a_relay_that_cannot_be_opened_is_told_in_the_missions_words(sound: Services) -> None:
    object.__setattr__(sound.settings, "websocket_url", "ws://127.0.0.1:9/ws")

    finding = findings(run("--json"))["relay"]

    assert finding["told"].startswith("WebSocket connection error")
    assert "AISDR_WEBSOCKET_URL" in finding["remedy"]


def mark(services: Services, source_id: str, content_hash: str, document_id: str | None) -> None:
    """A source that is meant for Tavus, as an ingestion leaves it."""
    company = services.companies.get("acme")
    place = services.writing_place(company.operator_scope)
    chunk = a_chunk(source_id, "Our prices.")
    record = SourceRecord(source_id, content_hash, 1, document_id, {TAVUS_TAGS: "[]"})
    place.index.replace_source(company.operator_scope, record, [chunk], place.embedder.embed_passages([chunk.text]))


def test_documents_that_are_in_step_are_counted(sound: Services) -> None:
    scope, url = sound.companies.get("acme").operator_scope, "https://acme.example/a.pdf"
    mark(sound, "a.pdf", "1" * 64, sound.documents.register(scope, "A", url, (), source_id="a.pdf", version="1" * 12))

    done = run("--json")

    assert findings(done)["acme: documents"]["told"] == "1 reading"
    assert done.exit_code == 0


def test_each_way_in_which_tavus_differs_from_us_is_told_with_what_ends_it(sound: Services) -> None:
    scope, url = sound.companies.get("acme").operator_scope, "https://acme.example/a.pdf"
    gone = sound.documents.register(scope, "Gone", url, (), source_id="gone.pdf", version="1" * 12)
    old = sound.documents.register(scope, "Old", url, (), source_id="old.pdf", version="1" * 12)
    orphan = sound.documents.register(scope, "Orphan", url, (), source_id="orphan.pdf", version="1" * 12)
    sound.tavus.delete_document(gone)
    mark(sound, "gone.pdf", "1" * 64, gone)
    mark(sound, "old.pdf", f"unregistered {'2' * 64}", old)
    mark(sound, "new.pdf", "1" * 64, None)

    done = run("--json")

    found = {what: each for what, each in findings(done).items() if what.startswith("acme: documents")}
    assert {what.rpartition(" ")[2]: each["told"] for what, each in found.items()} == {
        "missing": "1 source marked `tavus` without a document: new.pdf",
        "gone": "1 not at Tavus any more: Gone",
        "outdated": "1 made of an older version of its source: Old",
        "orphan": f"1 at Tavus that no source has: Orphan ({orphan})",
    }
    assert all(each["state"] == "failed" and "aisdr ingest --tavus" in each["remedy"] for each in found.values())
    assert done.exit_code == 1


def test_tables_that_are_not_there_or_keep_for_ever_are_told(services: Services) -> None:
    object.__setattr__(services.settings, "companies_table", "nobodys")

    found = findings(run("--json"))

    assert found["table companies"]["told"] == "ResourceNotFoundException"
    assert "nothing in it is ever deleted" in found["table conversations"]["told"]


def test_a_deployments_tables_must_be_restorable(sound: Services) -> None:
    object.__setattr__(sound.settings, "environment", "prod")

    assert "cannot be restored" in findings(run("--json"))["table conversations"]["told"]


def test_an_address_without_encryption_is_no_address_for_visitors(sound: Services) -> None:
    object.__setattr__(sound.settings, "websocket_url", "ws://relay.example/ws")

    assert "AISDR_WEBSOCKET_URL is not https or wss" in findings(run("--json"))["settings"]["told"]


def test_an_empty_environment_is_told_step_by_step(services: Services) -> None:
    found = findings(run("--json"))

    assert found["companies"]["told"] == "none"
    assert found["round trip"]["state"] == "skipped"


def test_the_missions_words_are_those_of_the_readme() -> None:
    table = README.read_text()
    said = "\n".join(path.read_text() for path in (Path(__file__).parents[2] / "scripts" / "doctor").glob("*.py"))

    for words in (
        "Tavus video not enabled for this company",
        "Failed to create Tavus session",
        "WebSocket connection error",
        "No video stream",
    ):
        assert f"| {words} |" in table
        assert words in said

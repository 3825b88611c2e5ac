"""`aisdr export`: all of one company's records and nobody else's, as files that programs and spreadsheets can read."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from aisdr.answer import Answer, Citation
from aisdr.company import Company
from aisdr.configuration import ModelChoice
from aisdr.errors import InvalidInput, NotFound
from aisdr.handover import HandoverRequest
from aisdr.lead import Lead
from aisdr.services import Services
from aisdr.session import Session
from aisdr.transcript import place_of
from scripts.export import Kind, export
from tests.material import ORIGIN, a_company


def aisdr_export(*arguments: str) -> Result:
    app = typer.Typer()
    app.command()(export)
    return CliRunner().invoke(app, list(arguments))


def rows(done: Result) -> list[dict[str, str]]:
    assert done.exit_code == 0, done.output
    return list(csv.DictReader(io.StringIO(done.stdout_bytes.decode("utf-8"), newline="")))


def objects(done: Result) -> list[dict[str, Any]]:
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout_bytes.decode("utf-8").splitlines()]


def visit(services: Services, company: Company) -> Session:
    return services.sessions.open(company, ORIGIN, "7")


@pytest.fixture
def acme(services: Services) -> Company:
    """Two companies, one of which is asked about; the other's name begins with the same letters."""
    for each in ("acme", "acme-2"):
        services.companies.put(a_company(each), expected_version=0)
    other = services.companies.get("acme-2")
    session = visit(services, other)
    services.leads.add(other, session, Lead(email="theirs@example.com"))
    services.handovers.add(other, session, HandoverRequest(reason="theirs"))
    services.transcripts.append(session, "visitor", "theirs", channel="text")
    services.usages.record(session, ModelChoice(provider="openai", model="m"), input_tokens=1, output_tokens=1)
    services.ledger.reserve(other, session.session_id, "k" * 20, "f", 0.3, mode="video", vendor="tavus")
    return services.companies.get("acme")


def test_leads_come_with_where_and_under_which_consent_they_were_given(services: Services, acme: Company) -> None:
    session = visit(services, acme)
    lead = Lead(
        email="jane@example.com", name="Jane Doë, PhD", message='Two\nlines "quoted"', qualification="200 stores"
    )
    stored = services.leads.add(acme, session, lead)

    (row,) = rows(aisdr_export("leads", "--company", "acme"))

    assert row["createdAt"].endswith("Z")
    assert {name: row[name] for name in row if name != "createdAt"} == {
        "leadId": stored.lead_id,
        "email": "jane@example.com",
        "name": "Jane Doë, PhD",
        "company": "",
        "phone": "",
        "message": 'Two\nlines "quoted"',
        "qualification": "200 stores",
        "consentVersion": "7",
        "origin": ORIGIN,
        "sessionId": session.session_id,
        "updatedAt": "",
    }


@pytest.mark.slow
@pytest.mark.parametrize("said", ["=1+1", "+49 30 1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0", "\r=1", "\n=1"])
def test_what_a_visitor_typed_is_no_formula(services: Services, acme: Company, said: str) -> None:
    services.transcripts.append(visit(services, acme), "visitor", said, channel="text")

    (row,) = rows(aisdr_export("transcripts", "--company", "acme"))
    (record,) = objects(aisdr_export("transcripts", "--company", "acme", "--format", "jsonl"))

    assert row["text"] == f"'{said}"
    assert record["text"] == said


def test_every_text_column_is_guarded(services: Services, acme: Company) -> None:
    hostile = "=HYPERLINK()"
    session = visit(services, acme)
    lead = Lead(email="=a@example.com", name=hostile, company=hostile, phone=hostile, message=hostile)
    services.leads.add(acme, session, lead)
    services.handovers.add(acme, session, HandoverRequest(reason=hostile, name=hostile, phone=hostile))

    for kind in ("leads", "handovers"):
        (row,) = rows(aisdr_export(kind, "--company", "acme"))
        assert not [cell for cell in row.values() if cell.startswith("=")]


def test_a_transcript_is_a_row_for_each_turn_in_its_order(services: Services, acme: Company) -> None:
    session = visit(services, acme)
    citation = Citation(number=1, title="Prices", snippet="30 euros", url="/media/prices", chunk_id="prices#0")
    answer = Answer(text="30 euros [1]", citations=(citation,))
    services.transcripts.append(session, "visitor", "What does it cost?", channel="voice")
    services.transcripts.append(session, "assistant", "30 euros [1]", channel="voice", answer=answer)

    found = rows(aisdr_export("transcripts", "--company", "acme"))

    assert [(row["role"], row["channel"], row["text"], row["citations"]) for row in found] == [
        ("visitor", "voice", "What does it cost?", "0"),
        ("assistant", "voice", "30 euros [1]", "1"),
    ]
    assert {row["sessionId"] for row in found} == {session.session_id}


def test_usage_tells_of_calls_and_models_what_they_cost(services: Services, acme: Company) -> None:
    session = visit(services, acme)
    operation, _ = services.ledger.reserve(
        acme, session.session_id, "a key that nobody guesses", "f", 0.6, mode="video", vendor="tavus"
    )
    services.ledger.created(operation, "c1", "https://acme.daily.co/c1", None)
    services.ledger.settle(services.ledger.created(operation, "c1"), 90)
    priced = ModelChoice(provider="openai", model="gpt-x", input_price=2, output_price=8)
    services.usages.record(session, priced, input_tokens=1000, output_tokens=500)
    services.usages.record(session, priced, input_tokens=1000, output_tokens=500)

    call, model = objects(aisdr_export("usage", "--company", "acme", "--format", "jsonl"))

    assert (call["kind"], call["mode"], call["vendor"], call["state"]) == ("call", "video", "tavus", "settled")
    assert (call["seconds"], call["money"]) == (90, 0.9)
    assert (model["kind"], model["vendor"], model["model"], model["requests"]) == ("model", "openai", "gpt-x", 2)
    assert (model["inputTokens"], model["outputTokens"], model["money"]) == (2000, 1000, 0.012)
    assert {call["sessionId"], model["sessionId"]} == {session.session_id}


def test_usage_tells_what_a_voice_call_reported_and_what_was_read_aloud(services: Services, acme: Company) -> None:
    session = visit(services, acme)
    operation, _ = services.ledger.reserve(
        acme, session.session_id, "a key that nobody guesses", "f", 0.1, mode="voice", vendor="openai"
    )
    services.ledger.created(operation, "rtc_1")
    units = {"input_tokens": 900, "output_tokens": 300, "input_audio_tokens": 700, "output_audio_tokens": 250}
    for reply in ("resp_1", "resp_2", "resp_2"):  # the last one came twice
        services.calls.reported("rtc_1", units | {"input_cached_tokens": 64}, reply)
    services.usages.record_speech(session, "polly", 1_000, 16.0)

    call, speech = objects(aisdr_export("usage", "--company", "acme", "--format", "jsonl"))

    assert (call["kind"], call["mode"], call["vendor"]) == ("call", "voice", "openai")
    assert (call["inputTokens"], call["outputTokens"]) == (1800, 600)
    assert (call["inputAudioTokens"], call["outputAudioTokens"], call["cachedTokens"]) == (1400, 500, 128)
    assert (speech["kind"], speech["mode"], speech["vendor"]) == ("speech", "tts", "polly")
    assert (speech["requests"], speech["characters"], speech["money"]) == (1, 1000, 0.016)
    assert len(rows(aisdr_export("usage", "--company", "acme"))) == 2


def test_an_interrupted_answer_is_marked_in_the_transcript(services: Services, acme: Company) -> None:
    session = visit(services, acme)
    services.transcripts.append(session, "visitor", "Go on", channel="voice")
    services.transcripts.correct(
        session, "assistant", "It costs …", channel="voice", key="i1", place=place_of(1.0, 1), cut=True
    )

    found = objects(aisdr_export("transcripts", "--company", "acme", "--format", "jsonl"))

    assert [(each["text"], each["cut"]) for each in found] == [("Go on", False), ("It costs …", True)]


def test_requests_for_a_person_are_exported_too(services: Services, acme: Company) -> None:
    services.handovers.add(acme, visit(services, acme), HandoverRequest(reason="A contract", email="jane@example.com"))

    (row,) = rows(aisdr_export("handovers", "--company", "acme"))

    assert (row["reason"], row["email"], row["consentVersion"]) == ("A contract", "jane@example.com", "7")


def test_only_what_is_new_enough_is_exported(services: Services, acme: Company) -> None:
    services.leads.add(acme, visit(services, acme), Lead(email="jane@example.com"))

    assert len(rows(aisdr_export("leads", "--company", "acme", "--since", "2020-01-01"))) == 1
    assert rows(aisdr_export("leads", "--company", "acme", "--since", "2999-01-01")) == []


def test_more_than_one_page_of_the_database_is_read(services: Services, acme: Company) -> None:
    session = visit(services, acme)
    for number in range(150):
        services.transcripts.append(session, "visitor", f"{number}: " + "x" * 7990, channel="text")

    found = rows(aisdr_export("transcripts", "--company", "acme"))

    assert [row["text"].partition(":")[0] for row in found] == [str(number) for number in range(150)]


def test_a_file_is_written_whole_and_for_nobody_elses_eyes(services: Services, acme: Company, tmp_path: Path) -> None:
    services.leads.add(acme, visit(services, acme), Lead(email="jane@example.com", name="Zoë"))
    file = tmp_path / "leads.jsonl"

    done = aisdr_export("leads", "--company", "acme", "--format", "jsonl", "--out", str(file))

    assert (done.exit_code, done.stdout) == (0, "")
    assert f"leads of 'acme': 1, in {file}" in done.stderr
    assert "Zoë" in file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o077 == 0
    assert [*tmp_path.iterdir()] == [file]


def test_a_file_that_cannot_be_written_is_said_by_name(services: Services, acme: Company, tmp_path: Path) -> None:
    done = aisdr_export("leads", "--company", "acme", "--out", str(tmp_path / "nowhere" / "leads.csv"))

    assert isinstance(done.exception, InvalidInput)
    assert "--out" in done.exception.message
    assert "No such file or directory" in done.exception.message


@pytest.mark.parametrize("kind", Kind)
def test_a_company_without_records_gets_a_head_and_no_rows(services: Services, acme: Company, kind: Kind) -> None:
    as_csv = aisdr_export(kind, "--company", "acme")
    as_lines = aisdr_export(kind, "--company", "acme", "--format", "jsonl")

    assert (rows(as_csv), len(as_csv.stdout.splitlines())) == ([], 1)
    assert objects(as_lines) == []
    assert f"{kind} of 'acme': 0" in as_csv.stderr


def test_a_company_that_is_unknown_is_said_by_name(services: Services) -> None:
    done = aisdr_export("leads", "--company", "nobody")

    assert isinstance(done.exception, NotFound)
    assert "'nobody'" in done.exception.message


@pytest.mark.parametrize(
    "arguments",
    [
        ("leads",),
        ("secrets", "--company", "acme"),
        ("leads", "--company", "acme", "--format", "xml"),
        ("leads", "--company", "acme", "--since", "yesterday"),
    ],
)
def test_wrong_usage_is_told_apart(arguments: tuple[str, ...]) -> None:
    assert aisdr_export(*arguments).exit_code == 2


def test_consents_come_with_the_text_that_was_shown(services: Services, acme: Company) -> None:
    session = visit(services, acme)
    services.consents.record(acme, session, "voice")

    (row,) = rows(aisdr_export("consents", "--company", "acme"))

    assert (row["sessionId"], row["mode"], row["version"]) == (session.session_id, "voice", "1")
    assert row["text"] == acme.consent.text

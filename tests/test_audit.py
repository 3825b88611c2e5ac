"""The audit: one record for each decision, of who, what, whose and by which rules, and never a free word in it.

Visits through all doors are held against their records in benchmarks/scoreboard/privacy/audit_and_secrets.py (S-17);
here stands what no visit plays.
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from aisdr import audit
from aisdr.arrival import FRAMES_AT_ONCE, FRAMES_UNCOUNTED, RESENDING_SECONDS
from aisdr.consent import Consents
from aisdr.ingest.report import IngestReport
from aisdr.observability import begin, logger
from aisdr.relay import CLOSE_AFTER
from aisdr.services import Services
from aisdr.session import Sessions
from aisdr.table import Table
from scripts.__main__ import app
from scripts.ingest import _record
from scripts.records import FILE, keep_records, refused
from tests.ingest.material import write
from tests.material import KEYS, ORIGIN, Clock, a_company
from tests.observed import observed
from tests.postbox import Postbox
from tests.scripts.test_ingest import COMPANY
from tests.sockets import visitor_of_acme
from tests.tavus import Tavus
from tests.webhook_receiver import Receiver, let_library_read
from tests.webhook_scene import WebhookScene

Records = list[dict[str, Any]]


@pytest.fixture
def kept() -> Iterator[Records]:
    """What is recorded outside of invocations."""
    records: Records = []
    before = audit._outside
    audit.operators_write_to(lambda line: records.append(json.loads(line)))
    yield records
    audit.operators_write_to(before)


def told(records: Records) -> list[tuple[str, str, str]]:
    return [(each["audit"], each["decision"], each["reason"]) for each in records]


def test_a_record_says_who_what_whose_and_by_which_rules(companies_table: Table, kept: Records) -> None:
    audit.governed_by("acme", 7)

    audit.decided("call.reserve", "spend", company_id="acme", who=audit.by_session("s1"), reason="new", seconds=600)

    (record,) = kept
    assert record.pop("at") > 0
    assert record == {
        "audit": "call.reserve",
        "decision": "spend",
        "company_id": "acme",
        "who": "session:s1",
        "reason": "new",
        "policy": audit.POLICY,
        "configuration": 7,
        "seconds": 600,
    }


@pytest.mark.parametrize("text", ["two words", "ada@mail.example", "<b>", 'a"b', "x" * 129, "line\nbreak", "né"])
def test_no_free_word_gets_into_a_record(kept: Records, text: str) -> None:
    audit.decided("tool.run", "deny", company_id=text, who=text, reason=text, tool=text)

    (record,) = kept
    assert {record[name] for name in ("company_id", "who", "reason", "tool")} == {"redacted"}


def test_a_record_is_written_whatever_the_level_of_the_log_is() -> None:
    level = logger.log_level
    with observed() as written:
        logger.setLevel("CRITICAL")
        begin({"requestContext": {"requestId": "r1"}}, None)
        audit.decided("session.end", "done", company_id="acme", who=audit.CLOCK)
        logger.setLevel(level)

    assert written.lines[0]["request_id"] == "r1"


def test_a_flood_is_recorded_as_often_as_it_is_refused_and_once_when_it_is_ended(
    environment: pytest.MonkeyPatch, postbox: Postbox, request: pytest.FixtureRequest, clock: Clock
) -> None:
    environment.setenv("WS_ENDPOINT", postbox.url)
    visitor = visitor_of_acme(request.getfixturevalue("services"), postbox)
    visitor.services.connections._clock = clock
    clock.now = time.time()
    visitor.connect("c2")
    clock.advance(RESENDING_SECONDS)
    with observed() as written:
        begin({}, None)
        flood = range(FRAMES_AT_ONCE + 2 * FRAMES_UNCOUNTED + CLOSE_AFTER)
        frames = [frame for _ in flood for frame in visitor.send({"action": "ping"}, "c2")]

    refusals = [frame for frame in frames if frame.get("error", {}).get("code") == "rate_limited"]
    records = [line["reason"] for line in written.lines if line.get("audit") == "rate.check"]
    assert refusals
    assert records.count("rate_limited") == len(refusals)
    assert records.count("socket_closed") == 1


def test_a_message_that_was_taken_and_one_that_died_have_a_record_each(
    aws: Any, clock: Clock, receiver: Receiver, kept: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_library_read(clock, monkeypatch)
    scene = WebhookScene(aws, clock)
    scene.company(receiver.url)
    scene.lead("ada@mail.example")
    scene.wait(1)
    scene.company(None)
    scene.company(receiver.url)
    scene.lead("bob@mail.example")
    scene.company(None)
    scene.wait(1)

    assert [each for each in told(kept) if each[0] == "webhook.send"] == [
        ("webhook.send", "done", ""),
        ("webhook.send", "deny", "dead"),
    ]
    assert "mail.example" not in json.dumps(kept)


def test_what_a_run_sends_is_told_as_that_runs(
    aws: Any, clock: Clock, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Companies are served side by side, in threads: their lines belong to the invocation all the same."""
    let_library_read(clock, monkeypatch)
    scene = WebhookScene(aws, clock)
    scene.company(receiver.url)
    scene.lead("ada@mail.example")
    with observed() as written:
        begin({"requestContext": {"requestId": "run-7"}}, None)
        scene.wait(1)

    sent = [line for line in written.lines if "webhook.send" in line.values() or "message delivered" in line.values()]
    assert [line.get("request_id") for line in sent] == ["run-7", "run-7"]


def test_what_may_take_most_of_the_knowledge_away_has_a_name_of_its_own(kept: Records) -> None:
    _record(IngestReport(company_id="acme", outcomes=()), forget=True)

    assert told(kept) == [("operator.forget", "done", "")]


@pytest.mark.slow
def test_each_of_an_operators_commands_has_one_record(
    tmp_path: Path, services: Services, tavus: Tavus, kept: Records
) -> None:
    write(tmp_path / "acme/company.toml", COMPANY + 'tavusReplicaId = "r90bbd427f71"\nmodes = ["text", "video"]\n')
    write(tmp_path / "acme/knowledge/prices.md", "# Prices\n\nThe Team plan costs 49 euros.")
    services.tavus = tavus.client()
    other = services.embedder("minilm")
    services.embedder = lambda _: other  # type: ignore[assignment]
    runs: list[tuple[tuple[str, ...], str]] = [
        (("seed", str(tmp_path / "acme")), "operator.seed"),
        (("ingest", str(tmp_path / "acme")), "operator.ingest"),
        (("reindex", "acme", "--embedder", "e5"), "operator.reindex"),
        (("provision", "acme", "--yes"), "operator.provision"),
        (("export", "leads", "--company", "acme"), "operator.export"),
        (("erase", "--visitor", "nobody@mail.example", "--yes"), "erase"),
        (("erase", "--company", "acme", "--yes"), "erase"),
    ]
    for arguments, action in runs:
        kept.clear()

        done = CliRunner().invoke(app, list(arguments))

        assert done.exit_code == 0, (arguments, done.output, done.exception)
        assert [(each[0], each[1]) for each in told(kept)] == [(action, "done")], arguments
        assert kept[0]["company_id"] == "acme"
        assert kept[0]["who"] == "operator"


def test_a_look_and_a_dry_run_decide_nothing(tmp_path: Path, services: Services, kept: Records) -> None:
    write(tmp_path / "acme/company.toml", COMPANY)

    for arguments in (("seed", str(tmp_path / "acme"), "--dry-run"), ("ask", "x", "--company", "acme")):
        CliRunner().invoke(app, list(arguments))

    assert [each for each in told(kept) if each[0].startswith("operator")] == []


def test_a_refused_command_is_recorded_and_a_look_that_fails_is_not(kept: Records) -> None:
    refused(["seed", "x"], "version_conflict")
    refused(["ask", "x"], "company_not_found")

    assert told(kept) == [("operator.seed", "deny", "version_conflict")]


def test_operators_records_are_added_to_a_file_that_is_theirs_alone(services: Services, kept: Records) -> None:
    keep_records()
    for _ in range(2):
        audit.decided("operator.export", "done", company_id="acme", who=audit.OPERATOR)

    file = Path(services.settings.index_dir).parent / FILE
    assert [json.loads(line)["audit"] for line in file.read_text().splitlines()] == ["operator.export"] * 2
    assert file.stat().st_mode & 0o077 == 0


def test_a_record_that_cannot_be_kept_is_shown(
    services: Services, kept: Records, capsys: pytest.CaptureFixture[str]
) -> None:
    (Path(services.settings.index_dir).parent / FILE).mkdir(parents=True)
    keep_records()

    audit.decided("operator.export", "done", company_id="acme", who=audit.OPERATOR)

    assert '"audit": "operator.export"' in capsys.readouterr().err


def test_a_consent_is_kept_with_its_text_and_once(conversations_table: Table, clock: Clock, kept: Records) -> None:
    company = a_company()
    session = Sessions(conversations_table, KEYS, clock).open(company, ORIGIN, "1")
    consents = Consents(conversations_table, clock)

    for _ in range(3):
        consents.record(company, session, "video")
        clock.advance(60)

    (given,) = consents.of(session)
    assert (given.version, given.mode, given.given_at) == ("1", "video", clock.now - 180)
    assert consents.text(company.operator_scope, given.digest) == company.consent.text
    assert told(kept) == [("consent.record", "allow", "")]

"""Closing: every conversation with a word of its visitor is told of once, whoever ends it and whoever looks."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from aisdr.closing import Closing
from aisdr.company import Companies, Company
from aisdr.configuration import ModelChoice, Webhook
from aisdr.handover import HandoverRequest, Handovers
from aisdr.inference.extractive import Extractive
from aisdr.lead import Lead, Leads
from aisdr.memory import Memory
from aisdr.models import CompanyModels
from aisdr.outbox import Outbox
from aisdr.session import CLOSING_SECONDS, SESSION_SECONDS, Session, Sessions
from aisdr.table import Table
from aisdr.transcript import Transcripts
from aisdr.usage import Usages
from tests.conftest import COMPANIES, CONVERSATIONS
from tests.material import KEYS, ORIGIN, Clock, a_company, items
from tests.webhook_receiver import SECRET

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Scene:
    """`acme`, which wants to be told, and its visitor."""

    def __init__(self, client: "DynamoDBClient", clock: Clock) -> None:
        self.client, self.clock, self.monotonic = client, clock, Clock(0)
        table = Table(client, CONVERSATIONS, clock)
        self.companies = Companies(Table(client, COMPANIES, clock))
        self.sessions, self.transcripts = Sessions(table, KEYS, clock), Transcripts(table, clock)
        self.leads, self.handovers, self.outbox = Leads(table, clock), Handovers(table, clock), Outbox(table, clock)
        memory = Memory(self.transcripts, table, CompanyModels(_extractive, Usages(table, clock)), clock)
        self.closing = Closing(
            self.sessions,
            self.companies,
            self.transcripts,
            self.leads,
            self.handovers,
            memory,
            table,
            clock,
            self.monotonic,
        )
        self.company = self.store(a_company(webhook=Webhook(url="https://hooks.acme.example/", secrets=(SECRET,))))
        self.session = self.sessions.open(self.company, ORIGIN, "7")

    def store(self, company: Company) -> Company:
        self.companies.put(company, expected_version=0)
        return company

    def say(self, text: str, channel: str = "text", session: Session | None = None) -> None:
        self.clock.advance(1)
        self.transcripts.append(session or self.session, "visitor", text, channel=channel)
        self.transcripts.append(session or self.session, "assistant", f"About {text}", channel=channel)

    def told(self, company: Company | None = None) -> list[dict[str, Any]]:
        messages = self.outbox.each((company or self.company).operator_scope)
        return [json.loads(message.body)["data"] for message in messages if message.kind == "conversation.ended"]

    def marks(self) -> int:
        return sum("open_group" in item and item["sk"]["S"] == "session" for item in items(self.client, CONVERSATIONS))


def _extractive(_: ModelChoice) -> Extractive:
    return Extractive()


@pytest.fixture
def scene(aws: "DynamoDBClient", clock: Clock) -> Scene:
    return Scene(aws, clock)


def test_an_ended_conversation_is_told_of_with_all_that_came_of_it(scene: Scene) -> None:
    scene.say("What does it cost for 200 stores?")
    scene.say("And in Spain?", channel="voice")
    lead = scene.leads.add(scene.company, scene.session, Lead(email="jane@example.com"))
    handover = scene.handovers.add(scene.company, scene.session, HandoverRequest(reason="A contract"))
    scene.clock.advance(60)
    scene.sessions.end(scene.session)
    scene.clock.advance(CLOSING_SECONDS)

    assert scene.closing.close_due() == 1

    (told,) = scene.told()
    summary = told.pop("summary")
    assert "What does it cost for 200 stores?" in summary
    assert "And in Spain?" in summary
    assert "About" not in summary
    assert told == {
        "sessionId": scene.session.session_id,
        "origin": ORIGIN,
        "consentVersion": "7",
        "startedAt": "2027-01-15T08:00:00.000Z",
        "endedAt": "2027-01-15T08:01:02.000Z",
        "modes": ["text", "voice"],
        "turns": 4,
        "languages": [],
        "perceived": [],
        "recordings": [],
        "leadIds": [lead.lead_id],
        "handoverIds": [handover.handover_id],
    }


def test_what_the_calls_left_behind_is_told_with_it(scene: Scene, conversations_table: Table) -> None:
    scene.transcripts.append(scene.session, "visitor", "Was kostet das?", channel="video", language="de")
    scene.transcripts.append(scene.session, "visitor", "Und in Berlin?", channel="video", language="de")
    for sort_key, left in (("perceived#c1", {"text": "At ease."}), ("recording#c1", {"uri": "s3://acme/c1.mp4"})):
        conversations_table.put({"pk": scene.session.key, "sk": sort_key} | left)
    scene.sessions.end(scene.session)
    scene.clock.advance(CLOSING_SECONDS)

    scene.closing.close_due()

    (told,) = scene.told()
    assert told["languages"] == ["de"]
    assert (told["perceived"], told["recordings"]) == (["At ease."], ["s3://acme/c1.mp4"])


def test_a_conversation_is_closed_once(scene: Scene) -> None:
    scene.say("Hello?")
    scene.sessions.end(scene.session)
    scene.clock.advance(CLOSING_SECONDS)
    (over,) = scene.sessions.over()

    assert scene.closing.close_due() == 1
    assert scene.closing.close_due() == 0
    assert not scene.closing._close(*over)  # another run, which read the index a moment earlier

    assert len(scene.told()) == 1
    assert scene.marks() == 0


def test_a_visitor_who_just_left_is_told_of_when_the_time_is_up(scene: Scene) -> None:
    scene.say("Hello?")

    scene.clock.advance(SESSION_SECONDS + CLOSING_SECONDS - 2)
    assert scene.closing.close_due() == 0
    scene.clock.advance(2)
    assert scene.closing.close_due() == 1

    assert [told["endedAt"] for told in scene.told()] == ["2027-01-15T08:00:01.000Z"]


def test_ending_twice_does_not_put_the_close_off(scene: Scene) -> None:
    scene.say("Hello?")
    scene.sessions.end(scene.session)
    scene.clock.advance(CLOSING_SECONDS)
    scene.sessions.end(scene.session)

    assert scene.closing.close_due() == 1


def test_a_conversation_without_a_word_just_closes(scene: Scene) -> None:
    scene.transcripts.append(scene.session, "assistant", "Hello!", channel="video")
    scene.sessions.end(scene.session)
    scene.clock.advance(CLOSING_SECONDS)

    assert scene.closing.close_due() == 1

    assert scene.told() == []
    assert scene.marks() == 0


def test_a_company_that_wants_to_hear_nothing_or_is_gone_is_not_told(scene: Scene) -> None:
    quiet = scene.store(a_company("globex"))
    for company in (quiet, a_company("initech")):
        session = scene.sessions.open(company, ORIGIN, None)
        scene.say("Hello?", session=session)
        scene.sessions.end(session)
    scene.clock.advance(CLOSING_SECONDS)

    assert scene.closing.close_due() == 2

    assert scene.told(quiet) == scene.told(a_company("initech")) == scene.told() == []


def test_a_company_hears_of_its_own_conversations_only(scene: Scene) -> None:
    other = scene.store(a_company("globex", webhook=Webhook(url="https://globex.example/", secrets=(SECRET,))))
    session = scene.sessions.open(other, ORIGIN, None)
    scene.say("A secret of Globex", session=session)
    scene.say("Hello?")
    scene.sessions.end(session)
    scene.sessions.end(scene.session)
    scene.clock.advance(CLOSING_SECONDS)

    assert scene.closing.close_due() == 2

    assert [told["sessionId"] for told in scene.told(other)] == [session.session_id]
    assert "secret" not in str(scene.told())


def test_a_long_conversation_is_put_in_short(scene: Scene) -> None:
    for number in range(40):
        scene.say(f"Question {number}: " + "how does it all work in every single detail? " * 8)
    scene.sessions.end(scene.session)
    scene.clock.advance(CLOSING_SECONDS)

    scene.closing.close_due()

    (told,) = scene.told()
    assert told["turns"] == 80
    assert "Question 0" in told["summary"]
    assert "Question 39" in told["summary"]
    assert len(json.dumps(told)) < 20_000


def test_one_stubborn_conversation_does_not_keep_the_others_open(scene: Scene) -> None:
    scene.say("Hello?")
    broken = scene.sessions.open(scene.company, ORIGIN, None)
    scene.transcripts._table.put({"pk": broken.key, "sk": "turn#1", "role": "visitor", "text": "no such channel"})
    for session in (broken, scene.session):
        scene.sessions.end(session)
    scene.clock.advance(CLOSING_SECONDS)

    assert scene.closing.close_due() == 1

    assert [told["sessionId"] for told in scene.told()] == [scene.session.session_id]

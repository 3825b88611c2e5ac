"""Erasure: what a visitor wants forgotten is gone here at once, and at the vendors when the call is settled."""

import json

import pytest

from aisdr.configuration import Webhook
from aisdr.erasure import SWEEP_SECONDS, Erasure
from aisdr.errors import NotFound
from aisdr.lead import Lead, Leads
from aisdr.outbox import Outbox
from aisdr.session import Session
from aisdr.table import Table
from tests.calls import CallScene
from tests.material import ORIGIN, Clock, a_company
from tests.tavus import Tavus
from tests.webhook_receiver import SECRET


class Scene(CallScene):
    """`acme`, whose webhook wants to be told, and a visitor who has said something."""

    def __init__(self, tavus: Tavus, conversations: Table, companies: Table, clock: Clock) -> None:
        super().__init__(tavus, conversations, companies, clock)
        self.table = conversations
        self.erasure = Erasure(self.sessions, self.companies, self.calls, conversations, clock)
        self.outbox = Outbox(conversations, clock)
        self.company = a_company("globex", webhook=Webhook(url="https://hooks.globex.example/", secrets=(SECRET,)))
        self.companies.put(self.company, expected_version=0)
        self.session = self.sessions.open(self.company, ORIGIN, "1")
        self.say("I am Ada and I have a secret.")

    def say(self, text: str, session: Session | None = None) -> None:
        self.transcripts.append(session or self.session, "visitor", text, channel="text")

    def kept(self, session: Session | None = None) -> list[str]:
        return [item["sk"] for item in self.table.query((session or self.session).key)]


@pytest.fixture
def scene(tavus: Tavus, conversations_table: Table, companies_table: Table, clock: Clock) -> Scene:
    return Scene(tavus, conversations_table, companies_table, clock)


def test_everything_that_was_said_is_gone_at_once_and_nothing_of_others(scene: Scene) -> None:
    other = scene.another_visitor()
    scene.say("Somebody else's.", other)
    scene.table.put({"pk": scene.session.key, "sk": "summary", "text": "Ada has a secret.", "until": 1.0})

    scene.erasure.erase(scene.session)

    assert scene.kept() == ["erasure"]
    assert len(scene.transcripts.all(other)) == 1
    with pytest.raises(NotFound):
        scene.sessions.get("globex", scene.session.session_id)


def test_what_is_written_late_is_swept_and_no_mark_stays(scene: Scene) -> None:
    scene.erasure.erase(scene.session)
    scene.say("An answer that was on its way.")

    assert scene.erasure.sweep_due() == 0
    scene.advance(SWEEP_SECONDS + 1)
    assert scene.erasure.sweep_due() == 1

    assert scene.kept() == []


def test_a_running_call_is_ended_settled_and_deleted_at_its_vendor(scene: Scene) -> None:
    operation = scene.start()
    assert operation.conversation_id is not None

    scene.erasure.erase(scene.session)
    (conversation,) = scene.tavus.conversations()
    assert (conversation["status"], conversation["deleted"]) == ("ended", False)
    scene.advance(SWEEP_SECONDS + 1)
    scene.erasure.sweep_due()

    (conversation,) = scene.tavus.conversations()
    assert conversation["deleted"] is True
    (operation,) = scene.ledger.each(scene.company.operator_scope)
    assert (operation.state, operation.session_id) == ("settled", "erased")


def test_a_vendor_that_does_not_answer_is_asked_again(scene: Scene) -> None:
    scene.start()
    scene.erasure.erase(scene.session)
    scene.advance(SWEEP_SECONDS + 1)
    scene.tavus.fault(status=500, method="DELETE", path="/v2/conversations/*")

    assert scene.erasure.sweep_due() == 0
    assert scene.kept() == ["erasure"]

    assert scene.erasure.sweep_due() == 1
    assert scene.tavus.conversations()[0]["deleted"] is True


def test_the_company_is_told_once_and_where_its_own_recordings_are(scene: Scene) -> None:
    uri = "s3://globex-recordings/ada.mp4"
    scene.table.put({"pk": scene.session.key, "sk": "recording#c1", "uri": uri})

    scene.erasure.erase(scene.session)
    scene.erasure.erase(scene.session)

    bodies = [json.loads(message.body) for message in scene.outbox.due() if message.kind == "conversation.erased"]
    assert [body["data"] for body in bodies] == [{"sessionId": scene.session.session_id, "recordings": [uri]}]


def test_what_the_visitor_confirmed_stays_with_the_company(scene: Scene) -> None:
    leads = Leads(scene.table, scene.clock)
    leads.add(scene.company, scene.session, Lead(email="ada@acme.example"))

    scene.erasure.erase(scene.session)

    assert [stored.lead.email for stored in leads.list(scene.company.operator_scope)] == ["ada@acme.example"]

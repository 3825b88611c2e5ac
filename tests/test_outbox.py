"""The outbox loses nothing: whenever a process dies, what was stored is told, and told once by its id."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from aisdr.closing import Closing
from aisdr.company import Companies, Company
from aisdr.configuration import ModelChoice, Webhook
from aisdr.handover import HandoverRequest, Handovers
from aisdr.inference.extractive import Extractive
from aisdr.lead import Lead, Leads
from aisdr.memory import Memory
from aisdr.models import CompanyModels
from aisdr.outbound import Outbound
from aisdr.outbox import Outbox
from aisdr.session import SESSION_SECONDS, Sessions
from aisdr.table import Table
from aisdr.tenant import TenantScope
from aisdr.transcript import Transcripts
from aisdr.usage import Usages
from aisdr.webhook import Webhooks
from tests.conftest import COMPANIES, CONVERSATIONS
from tests.material import KEYS, ORIGIN, Clock, a_company, items
from tests.webhook_receiver import SECRET, Delivery, Receiver, let_library_read

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Killed(BaseException):
    """The process is gone: nothing of ours may catch this."""


class Mortal:
    """A DynamoDB client whose process dies when it is about to make one call more than it may."""

    def __init__(self) -> None:
        self.client: DynamoDBClient = boto3.client("dynamodb")
        self.calls = 0
        self.limit: int | None = None
        self.client.meta.events.register("before-call", self._count)

    def _count(self, **_: Any) -> None:
        if self.limit is not None and self.calls >= self.limit:
            raise Killed
        self.calls += 1


class Scene:
    """One visitor's conversation, from the first words to the company's webhook, by one process."""

    OUTBOUND = Outbound("webhook")

    def __init__(self, client: "DynamoDBClient", company: Company, clock: Clock) -> None:
        self.company, self.clock = company, clock
        table, companies = Table(client, CONVERSATIONS, clock), Companies(Table(client, COMPANIES, clock))
        self.sessions, self.transcripts = Sessions(table, KEYS, clock), Transcripts(table, clock)
        self.leads, self.handovers, self.outbox = Leads(table, clock), Handovers(table, clock), Outbox(table, clock)
        models = CompanyModels(_extractive, Usages(table, clock))
        memory = Memory(self.transcripts, table, models, clock)
        self.closing = Closing(
            self.sessions, companies, self.transcripts, self.leads, self.handovers, memory, table, clock
        )
        self.sender = Webhooks(self.outbox, companies, self.OUTBOUND, clock)
        self.session = self.sessions.draft(company, ORIGIN, "1")

    def live_through(self) -> None:
        """Each step may be repeated: visitor, tool registry and clock ask again when no answer came."""
        self.sessions.save(self.session)
        self.transcripts.append(self.session, "visitor", "What does it cost?", channel="text", key="u1")
        for spelling in ("jane@example.com", "JANE@example.com"):
            self.leads.add(self.company, self.session, Lead(email=spelling), key=f"confirmation-{spelling}")
        self.handovers.add(self.company, self.session, HandoverRequest(reason="a contract"), key="confirmation-3")
        self.sessions.end(self.session)

    def a_minute_later(self) -> None:
        self.clock.advance(120)
        self.closing.close_due()
        self.sender.deliver_due()

    def all_of_it(self) -> None:
        self.live_through()
        self.a_minute_later()


def _extractive(_: ModelChoice) -> Extractive:
    return Extractive()


@pytest.fixture
def mortal(aws: "DynamoDBClient", receiver: Receiver, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Mortal:
    let_library_read(clock, monkeypatch)
    return Mortal()


def life(mortal: Mortal, aws: "DynamoDBClient", url: str, clock: Clock, company_id: str) -> Scene:
    company = a_company(company_id, webhook=Webhook(url=url, secrets=(SECRET,)))
    Companies(Table(aws, COMPANIES, clock)).put(company, expected_version=0)
    return Scene(mortal.client, company, clock)


def dies_after(mortal: Mortal, calls: int | None, deed: Callable[[], None]) -> int:
    """Returns how many calls were made before the deed was done or the process died."""
    mortal.calls, mortal.limit = 0, calls
    try:
        deed()
    except Killed:
        pass
    finally:
        mortal.limit = None
    return mortal.calls


@pytest.mark.slow
def test_whenever_the_process_dies_each_lead_and_conversation_arrives_exactly_once_by_id(
    mortal: Mortal, aws: "DynamoDBClient", receiver: Receiver, clock: Clock
) -> None:
    whole = life(mortal, aws, receiver.url, clock, "company-without-a-death")
    steps = dies_after(mortal, None, whole.all_of_it)
    assert steps > 20
    undisturbed = sorted(delivery.kind for delivery in receiver.taken.values())
    assert undisturbed == ["conversation.ended", "handover.requested", "lead.created"]

    for step in range(steps):
        receiver.taken.clear()
        scene = life(mortal, aws, receiver.url, clock, f"company-{step}")

        died_at = dies_after(mortal, step, scene.all_of_it)
        scene.all_of_it()
        scene.a_minute_later()

        assert died_at == step
        assert sorted(delivery.kind for delivery in receiver.taken.values()) == undisturbed, f"after {step} calls"
        (stored,) = scene.leads.list(scene.company.operator_scope)
        assert lead_ids(receiver.taken.values()) == {stored.lead_id}, f"after {step} calls"
        assert {message.state for message in scene.outbox.each(scene.company.operator_scope)} == {"delivered"}
        forget(aws)


def test_a_lead_and_its_message_are_stored_together_or_not_at_all(
    mortal: Mortal, aws: "DynamoDBClient", receiver: Receiver, clock: Clock
) -> None:
    scene = life(mortal, aws, receiver.url, clock, "acme")
    calls = dies_after(mortal, None, partial(add, scene, "first@example.com"))

    for step in range(calls):
        dies_after(mortal, step, partial(add, scene, f"visitor{step}@example.com"))

        assert (
            len(scene.leads.list(TenantScope.for_operator("acme")))
            == len([*scene.outbox.each(TenantScope.for_operator("acme"))])
            == 1
        )


def test_a_conversation_without_a_goodbye_is_told_of_as_well(
    mortal: Mortal, aws: "DynamoDBClient", receiver: Receiver, clock: Clock
) -> None:
    scene = life(mortal, aws, receiver.url, clock, "acme")
    scene.sessions.save(scene.session)
    scene.transcripts.append(scene.session, "visitor", "Hello?", channel="voice")

    scene.a_minute_later()
    assert receiver.kinds() == []
    clock.advance(SESSION_SECONDS)
    scene.a_minute_later()
    scene.a_minute_later()

    assert receiver.kinds() == ["conversation.ended"]


def forget(aws: "DynamoDBClient") -> None:
    """moto copies the whole table for each transaction: what is checked only makes the next life slow."""
    for item in items(aws, CONVERSATIONS):
        aws.delete_item(TableName=CONVERSATIONS, Key={"pk": item["pk"], "sk": item["sk"]})


def add(scene: Scene, email: str) -> None:
    scene.leads.add(scene.company, scene.session, Lead(email=email), key=email)


def lead_ids(deliveries: Any) -> set[str]:
    found: set[str] = set()
    for delivery in deliveries:
        assert isinstance(delivery, Delivery)
        found |= {delivery.data["leadId"]} if delivery.kind == "lead.created" else set()
        found |= set(delivery.data["leadIds"]) if delivery.kind == "conversation.ended" else set()
    return found

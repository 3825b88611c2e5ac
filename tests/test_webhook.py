"""Webhooks: what is stored for a company reaches its own address, signed, by one sender at a time."""

import threading
from typing import TYPE_CHECKING

import pytest
from starlette.responses import Response

from aisdr.lead import Lead
from aisdr.outbox import LEASE_SECONDS
from aisdr.session import RETENTION_SECONDS, Session
from aisdr.tenant import TenantScope
from aisdr.webhook import RUN_SECONDS
from tests.dev.ports import free_port
from tests.material import ORIGIN, Clock
from tests.webhook_receiver import OLDER_SECRET, SECRET, Receiver, let_library_read, receiving
from tests.webhook_scene import WebhookScene as Scene

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DAY = 24 * 3600.0


@pytest.fixture
def scene(aws: "DynamoDBClient", clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Scene:
    let_library_read(clock, monkeypatch)
    return Scene(aws, clock)


def test_a_lead_reaches_its_company_signed_so_that_a_foreign_library_believes_it(
    scene: Scene, receiver: Receiver, clock: Clock
) -> None:
    scene.company(receiver.url)
    lead_id = scene.lead("Jane@Example.com")

    assert scene.sender.deliver_due() == 1

    (delivery,) = receiver.taken.values()
    assert receiver.forged == 0
    assert (delivery.kind, delivery.timestamp) == ("lead.created", "2027-01-15T08:00:00.000Z")
    assert delivery.data == {
        "leadId": lead_id,
        "sessionId": "s-Jane@Example.com",
        "origin": ORIGIN,
        "consentVersion": "1",
        "agreedTo": None,
        "agreedAt": None,
        "createdAt": "2027-01-15T08:00:00.000Z",
        "updatedAt": None,
        "lead": {
            "email": "Jane@Example.com",
            "name": None,
            "company": None,
            "phone": None,
            "message": None,
            "qualification": None,
        },
    }


def test_a_delivered_message_is_not_sent_again_and_its_content_not_kept(
    scene: Scene, receiver: Receiver, clock: Clock
) -> None:
    scene.company(receiver.url)
    scene.lead("jane@example.com")
    scene.sender.deliver_due()

    assert scene.wait(2 * DAY) == 0

    assert len(receiver.came) == 1
    assert [*scene.outbox.due()] == []
    assert (scene.message().state, scene.message().body) == ("delivered", "")
    clock.advance(RETENTION_SECONDS)
    assert scene.messages() == []


def test_every_secret_signs_so_that_one_can_be_changed_without_a_gap(scene: Scene, receiver: Receiver) -> None:
    scene.company(receiver.url, secrets=(SECRET, OLDER_SECRET))
    receiver.secret = OLDER_SECRET
    scene.lead("one@example.com")
    scene.sender.deliver_due()
    receiver.secret = SECRET
    scene.lead("two@example.com")
    scene.sender.deliver_due()

    assert receiver.forged == 0
    assert [len(delivery.signatures) for delivery in receiver.taken.values()] == [2, 2]


def test_two_senders_at_once_send_each_message_once(
    one_at_a_time: "DynamoDBClient", clock: Clock, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_library_read(clock, monkeypatch)
    scene = Scene(one_at_a_time, clock)
    scene.company(receiver.url)
    leads = {scene.lead(f"visitor{number}@example.com") for number in range(6)}
    both = threading.Barrier(2)
    taken: list[int] = []

    def run() -> None:
        both.wait()
        taken.append(scene.sender.deliver_due())

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(taken) == 6
    assert len(receiver.came) == 6
    assert {delivery.data["leadId"] for delivery in receiver.came} == leads


def test_what_one_sender_holds_no_other_sends_until_the_lease_runs_out(scene: Scene, receiver: Receiver) -> None:
    scene.company(receiver.url)
    scene.lead("jane@example.com")
    held = scene.outbox.claim(scene.message())
    assert held is not None

    assert scene.wait(LEASE_SECONDS - 1) == 0
    assert scene.wait(1) == 1

    scene.outbox.postpone(held, 60, "the first sender woke up again")
    assert scene.message().state == "delivered"


def test_what_happened_within_a_second_is_told_in_its_order(scene: Scene, receiver: Receiver) -> None:
    scene.company(receiver.url)
    company = scene.companies.get("acme")
    for number in range(8):
        scene.clock.advance(0.01)
        visit = Session(f"s{number}", "acme", ORIGIN, scene.clock.now, "1")
        scene.leads.add(company, visit, Lead(email="jane@example.com", message=str(number)))

    scene.sender.deliver_due()

    assert [delivery.data["lead"]["message"] for delivery in receiver.came] == [str(number) for number in range(8)]


def test_one_companys_dead_receiver_does_not_hold_up_another(scene: Scene, receiver: Receiver) -> None:
    scene.company(f"http://127.0.0.1:{free_port()}/hooks", "acme")
    scene.company(receiver.url, "globex")
    for number in range(8):
        scene.lead(f"visitor{number}@example.com", "acme")
    scene.lead("jane@example.com", "globex")

    scene.sender.deliver_due()

    assert receiver.kinds() == ["lead.created"]
    assert sum(message.attempts for message in scene.messages("acme")) == 3


def test_a_message_goes_to_its_own_company_and_nobody_else(scene: Scene, receiver: Receiver) -> None:
    with receiving(Receiver(secret=OLDER_SECRET)) as other:
        scene.company(receiver.url, "acme")
        scene.company(other.url, "globex", (OLDER_SECRET,))
        acme, globex = scene.lead("jane@example.com", "acme"), scene.lead("jane@example.com", "globex")

        scene.sender.deliver_due()

        assert [delivery.data["leadId"] for delivery in receiver.came] == [acme]
        assert [delivery.data["leadId"] for delivery in other.came] == [globex]
        assert receiver.forged == other.forged == 0
        assert {message.company_id for message in scene.messages("acme")} == {"acme"}


def test_a_company_without_a_webhook_keeps_its_leads_and_sends_nothing(scene: Scene) -> None:
    scene.company(None)
    scene.lead("jane@example.com")

    assert scene.sender.deliver_due() == 0
    assert scene.messages() == []
    assert len(scene.leads.list(TenantScope.for_operator("acme"))) == 1


def test_a_webhook_that_was_taken_away_leaves_a_dead_letter(scene: Scene, receiver: Receiver) -> None:
    scene.company(receiver.url)
    scene.lead("jane@example.com")
    scene.company(None)

    scene.sender.deliver_due()

    assert (scene.message().state, scene.message().reason) == ("dead", "no webhook is configured")
    assert receiver.came == []


def test_an_address_in_a_private_network_is_never_asked(scene: Scene) -> None:
    scene.company("https://192.168.7.7/hooks")
    scene.lead("jane@example.com")

    scene.sender.deliver_due()

    assert (scene.message().state, scene.message().reason) == ("pending", "private_address")


def test_a_run_ends_in_time_and_leaves_the_rest_to_the_next(scene: Scene, receiver: Receiver) -> None:
    scene.company(receiver.url)
    for number in range(3):
        scene.lead(f"visitor{number}@example.com")

    def slowly() -> Response:
        scene.monotonic.advance(RUN_SECONDS)
        return Response(status_code=204)

    receiver.answers.append(slowly)

    assert scene.sender.deliver_due() == 1
    assert scene.sender.deliver_due() == 2

"""Webhooks that are not taken: tried again under the same id, ever later, and dead but not lost after the last time."""

from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from starlette.responses import Response

from aisdr.session import RETENTION_SECONDS
from aisdr.webhook import MAX_ATTEMPTS, delay
from tests.dev.ports import free_port
from tests.material import Clock
from tests.webhook_receiver import OLDER_SECRET, SECRET, Receiver, let_library_read, receiving
from tests.webhook_scene import WebhookScene as Scene

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.slow

DAY = 24 * 3600.0


@pytest.fixture
def scene(aws: "DynamoDBClient", clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Scene:
    let_library_read(clock, monkeypatch)
    return Scene(aws, clock)


def test_a_secret_that_the_receiver_does_not_know_is_a_failure_like_any_other(scene: Scene, receiver: Receiver) -> None:
    scene.company(receiver.url, secrets=(OLDER_SECRET,))
    scene.lead("jane@example.com")
    scene.sender.deliver_due()
    assert (receiver.forged, scene.message().state) == (1, "pending")

    scene.company(receiver.url, secrets=(SECRET,))
    scene.wait(delay(1) * 2)

    assert receiver.kinds() == ["lead.created"]


def test_a_receiver_that_was_down_gets_each_lead_exactly_once_by_id(scene: Scene) -> None:
    port = free_port()
    scene.company(f"http://127.0.0.1:{port}/hooks")
    leads = {scene.lead(f"visitor{number}@example.com") for number in range(7)}
    for _ in range(5):
        assert scene.wait(60) == 0

    with receiving(Receiver(), port) as receiver:
        for _ in range(60):
            scene.wait(60)

        assert sorted(delivery.data["leadId"] for delivery in receiver.taken.values()) == sorted(leads)
        assert len(receiver.came) == 7
        assert {message.state for message in scene.messages()} == {"delivered"}


def test_an_answer_that_is_lost_is_sent_again_under_the_same_id_and_body(scene: Scene, receiver: Receiver) -> None:
    scene.company(receiver.url)
    scene.lead("jane@example.com")
    receiver.answers.append(Response(status_code=502))
    scene.sender.deliver_due()

    assert scene.wait(60) == 1

    first, second = receiver.came
    assert (first.message_id, first.raw) == (second.message_id, second.raw)
    assert scene.message().attempts == 2


@pytest.mark.parametrize("status", [301, 400, 401, 404, 408, 500, 503])
def test_any_other_answer_is_tried_again(scene: Scene, receiver: Receiver, status: int) -> None:
    scene.company(receiver.url)
    scene.lead("jane@example.com")
    receiver.answers.append(Response(status_code=status, headers={"location": "http://127.0.0.1:9/elsewhere"}))

    assert scene.sender.deliver_due() == 0
    assert (scene.message().state, scene.message().reason) == ("pending", f"status {status}")
    assert scene.wait(60) == 1


def test_attempts_come_ever_later_and_last_most_of_a_day(scene: Scene, receiver: Receiver, clock: Clock) -> None:
    scene.company(receiver.url)
    scene.lead("jane@example.com")
    receiver.answers.extend(Response(status_code=500) for _ in range(MAX_ATTEMPTS))
    begun, moments = clock.now, []
    while scene.message().state == "pending":
        due_at = scene.message().due_at
        assert due_at is not None
        clock.now = max(clock.now, due_at)
        scene.sender.deliver_due()
        moments.append(clock.now - begun)

    waits = [later - earlier for earlier, later in pairwise(moments)]
    assert len(moments) == MAX_ATTEMPTS
    assert waits[:4] == sorted(waits[:4])
    assert 0.6 * DAY < moments[-1] < 1.3 * DAY


def test_a_message_that_nobody_takes_is_dead_kept_a_month_and_told_without_its_content(
    scene: Scene, receiver: Receiver, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    scene.company(receiver.url)
    scene.lead("jane@example.com")
    receiver.answers.extend(Response(status_code=500) for _ in range(MAX_ATTEMPTS))

    for _ in range(MAX_ATTEMPTS + 5):
        scene.wait(8 * 3600)

    assert len(receiver.came) == MAX_ATTEMPTS
    assert (scene.message().state, scene.message().attempts) == ("dead", MAX_ATTEMPTS)
    assert "jane@example.com" in scene.message().body
    (told,) = [record for record in caplog.records if record.message == "message dead"]
    assert (told.levelname, vars(told)["message_id"]) == ("ERROR", scene.message().message_id)
    assert vars(told)["company_id"] == "acme"
    assert "jane" not in str([vars(record) for record in caplog.records])
    clock.advance(RETENTION_SECONDS)
    assert scene.messages() == []


def test_a_dead_message_can_be_sent_again_by_an_operator(scene: Scene, receiver: Receiver) -> None:
    scene.company(receiver.url)
    scene.lead("jane@example.com")
    receiver.answers.append(Response(status_code=410))
    scene.sender.deliver_due()
    dead = scene.message()
    assert dead.state == "dead"
    scene.clock.advance(RETENTION_SECONDS / 2)

    assert scene.outbox.revive(dead)
    assert not scene.outbox.revive(dead)
    scene.clock.advance(RETENTION_SECONDS - 1)  # by now it had long been forgotten, had nobody sent it again

    assert scene.sender.deliver_due() == 1
    assert [*receiver.taken] == [dead.message_id]


def test_gone_is_dead_at_once(scene: Scene, receiver: Receiver) -> None:
    scene.company(receiver.url)
    scene.lead("jane@example.com")
    receiver.answers.append(Response(status_code=410))

    scene.sender.deliver_due()

    assert (scene.message().state, scene.message().reason) == ("dead", "410 Gone")
    assert scene.wait(DAY) == 0
    assert len(receiver.came) == 1


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_receiver_that_asks_for_time_gets_it(scene: Scene, receiver: Receiver, status: int, form: str) -> None:
    scene.company(receiver.url)
    scene.lead("jane@example.com")
    later = format_datetime(datetime.fromtimestamp(scene.clock.now + 3600, UTC), usegmt=True)
    wish = "3600" if form == "seconds" else later
    receiver.answers.append(Response(status_code=status, headers={"retry-after": wish}))
    scene.sender.deliver_due()

    assert scene.wait(3590) == 0
    assert len(receiver.came) == 1
    assert scene.wait(10) == 1


@pytest.mark.parametrize(("status", "wish"), [(500, "3600"), (503, "soon"), (429, ""), (503, "-5"), (503, "٣٦٠٠")])
def test_a_wish_that_is_none_does_not_delay(scene: Scene, receiver: Receiver, status: int, wish: str) -> None:
    scene.company(receiver.url)
    scene.lead("jane@example.com")
    receiver.answers.append(Response(status_code=status, headers={"retry-after": wish.encode().decode("latin-1")}))
    scene.sender.deliver_due()

    assert scene.wait(60) == 1


def test_nobody_may_ask_for_more_than_a_day(scene: Scene, receiver: Receiver) -> None:
    scene.company(receiver.url)
    scene.lead("jane@example.com")
    receiver.answers.append(Response(status_code=503, headers={"retry-after": "99999999999"}))
    scene.sender.deliver_due()

    assert scene.wait(DAY) == 1


def test_delays_are_spread() -> None:
    assert len({delay(3) for _ in range(20)}) > 10
    assert all(0.8 * 270 <= delay(3) <= 1.2 * 270 for _ in range(200))

"""What the ledger remembers of a call, in which order its states go, and what it finds overdue."""

from typing import TYPE_CHECKING

from aisdr.ledger import Ledger, Operation, operation_id
from tests.conftest import CONVERSATIONS
from tests.ledger_scene import PRICE, START, VIDEO, ledger, limited, reserve, running
from tests.material import Clock, items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

__all__ = ["ledger"]


def test_a_created_call_remembers_its_room_and_is_found_by_the_vendors_id(ledger: Ledger, clock: Clock) -> None:
    operation = running(ledger, limited())

    assert (operation.state, operation.conversation_url, operation.meeting_token, operation.started_at) == (
        "created",
        "https://tavus.daily.co/c1",
        "room token",
        clock.now,
    )
    assert ledger.by_conversation("c-key-of-a-visitor") == operation
    assert ledger.by_conversation("c-of-somebody") is None


def test_the_way_into_the_room_is_forgotten_with_the_call(ledger: Ledger) -> None:
    operation = running(ledger, limited())

    ledger.settle(operation, 60)

    settled = ledger.get("acme", operation.operation_id)
    assert settled is not None
    assert settled.meeting_token is None


def test_states_move_only_forwards(ledger: Ledger) -> None:
    operation = running(ledger, limited())

    ledger.live(operation)
    ledger.unknown(operation)
    assert state(ledger, operation) == "live"
    assert ledger.ending(operation)
    assert not ledger.ending(operation)
    ledger.live(operation)
    assert state(ledger, operation) == "ending"
    ledger.settle(operation, 60)
    ledger.created(operation, "c2", "https://tavus.daily.co/c2", None)
    assert state(ledger, operation) == "settled"


def test_an_unknown_outcome_keeps_the_reservation_until_it_is_known(ledger: Ledger) -> None:
    operation = reserve(ledger, limited())

    ledger.unknown(operation)
    assert ledger.today("acme")["active"] == 1
    found = ledger.created(operation, "c1", "https://tavus.daily.co/c1", None)

    assert found.state == "created"


def test_overdue_is_what_should_be_over(ledger: Ledger, clock: Clock) -> None:
    lost, kept = reserve(ledger, limited(), "lost key"), running(ledger, limited(), "kept key")
    done, ended = running(ledger, limited(), "done key"), running(ledger, limited(), "ended key")
    ledger.settle(done, 5)

    assert ledger.overdue() == []
    ledger.ending(ended)
    assert names(ledger.overdue()) == names([ended])
    clock.advance(30)
    assert names(ledger.overdue()) == names([lost, ended])
    ledger.look_again(lost)
    clock.advance(30)
    assert names(ledger.overdue()) == names([lost, ended, kept])
    ledger.still_runs(kept)
    assert names(ledger.overdue()) == names([lost, ended])
    clock.advance(540)
    assert names(ledger.overdue()) == names([lost, kept, ended])


def test_what_is_found_is_to_be_ended_by_whoever_comes_next(ledger: Ledger) -> None:
    operation = reserve(ledger, limited())
    ledger.unknown(operation)

    found = ledger.found(operation, "c1")

    assert (found.state, found.conversation_id) == ("ending", "c1")
    assert ledger.by_conversation("c1") == found
    assert names(ledger.overdue()) == names([found])
    assert ledger.created(operation, "c1", "https://tavus.daily.co/c1").state == "ending"


def test_those_whose_time_is_up_come_before_those_that_are_asked_after(ledger: Ledger, clock: Clock) -> None:
    over = running(ledger, limited(call_seconds=600), "over")
    clock.advance(539)
    running(ledger, limited(call_seconds=600), "asked after")
    ledger.still_runs(over)
    clock.advance(61)

    first, second = ledger.overdue()

    assert (first.operation_id, second.state) == (over.operation_id, "created")
    assert first.deadline <= clock.now < second.deadline


def test_a_call_that_is_not_watched_is_looked_at_when_its_time_is_up(ledger: Ledger, clock: Clock) -> None:
    operation = ledger.created(reserve(ledger, limited()), "rtc_1", sdp_answer="v=0", watched=False)

    clock.advance(599)
    assert ledger.overdue() == []
    clock.advance(1)

    assert names(ledger.overdue()) == names([operation])


def test_a_session_knows_its_own_calls_that_are_not_over(ledger: Ledger) -> None:
    first, second = running(ledger, limited(), "first key"), running(ledger, limited(), "second key")
    done = running(ledger, limited(), "third key")
    ledger.settle(done, 5)
    ledger.reserve(limited(), "s2", "of somebody else", "fingerprint", PRICE, **VIDEO)

    assert names(ledger.open_operations("acme", "s1")) == names([first, second])
    assert ledger.open_operations("globex", "s1") == []


def test_what_names_a_sessions_calls_expires_with_them(ledger: Ledger, aws: "DynamoDBClient") -> None:
    reserve(ledger, limited())

    rows = {item["pk"]["S"].split("#")[1]: item for item in items(aws, CONVERSATIONS)}

    assert int(rows["operation"]["expires_at"]["N"]) == START + 30 * 24 * 3600
    assert rows["calls"]["expires_at"] == rows["operation"]["expires_at"]


def test_an_operations_name_hides_the_key() -> None:
    assert operation_id("acme", "a key") == operation_id("acme", "a key")
    assert operation_id("acme", "a key") != operation_id("globex", "a key")
    assert "a key" not in operation_id("acme", "a key")


def state(ledger: Ledger, operation: Operation) -> str:
    stored = ledger.get(operation.company_id, operation.operation_id)
    assert stored is not None
    return stored.state


def names(operations: list[Operation]) -> set[str]:
    return {operation.operation_id for operation in operations}

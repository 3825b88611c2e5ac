"""Confirmed calls whose process is killed between two steps: written down once, or known to be open."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from aisdr.company import Companies
from aisdr.errors import AisdrError, Conflict, LimitReached, StoreBusy
from aisdr.table import Table
from aisdr.tools.base import ToolContext, ToolResult
from aisdr.tools.confirmation import CONFIRMATION_SECONDS, LEASE_SECONDS, MOST_TRIES
from aisdr.tools.registry import ToolRegistry
from tests.conftest import CONVERSATIONS
from tests.material import Clock, items
from tests.tools.orders import Order, ask, context, order, registry

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

__all__ = ["context", "order", "registry"]
pytestmark = pytest.mark.slow


class Killed(BaseException):
    """The function is gone between two steps: no `except Exception` of ours hears of it."""


def stop(error: BaseException) -> Callable[[], None]:
    def stopped() -> None:
        raise error

    return stopped


def go_on() -> None:
    """Nothing happens any more."""


def killed(registry: ToolRegistry, order: Order, context: ToolContext, moment: str) -> str:
    """A confirmation whose function died over it."""
    confirmation_id = ask(registry, context)
    setattr(order, moment, stop(Killed()))
    with pytest.raises(Killed):
        registry.confirm(context, confirmation_id, accept=True)
    setattr(order, moment, go_on)
    return confirmation_id


@pytest.mark.parametrize("moment", ["before", "after"], ids=["before the effect", "between effect and record"])
def test_a_kill_between_two_steps_neither_loses_nor_doubles_the_effect(
    registry: ToolRegistry, order: Order, context: ToolContext, clock: Clock, moment: str
) -> None:
    confirmation_id = ask(registry, context)
    setattr(order, moment, stop(Killed()))
    with pytest.raises(Killed):
        registry.confirm(context, confirmation_id, accept=True, values={"amount": "5"})
    setattr(order, moment, go_on)

    with pytest.raises(Conflict):  # for all we know the first one is still at work
        registry.confirm(context, confirmation_id, accept=True)
    clock.advance(LEASE_SECONDS)
    outcome = registry.confirm(context, confirmation_id, accept=True, values={"amount": "9"})

    assert outcome.success
    assert order.ordered == {confirmation_id: "5 tea"}
    assert registry.confirm(context, confirmation_id, accept=True) == outcome


def test_a_kill_leaves_it_open_longer_than_a_question(
    registry: ToolRegistry, order: Order, context: ToolContext, clock: Clock
) -> None:
    confirmation_id = killed(registry, order, context, "before")
    clock.advance(CONFIRMATION_SECONDS + LEASE_SECONDS)

    registry.confirm(context, confirmation_id, accept=True)

    assert order.ordered == {confirmation_id: "2 tea"}


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_no_after_a_kill_does_not_hide_what_may_have_been_written(
    registry: ToolRegistry, order: Order, context: ToolContext, clock: Clock, moment: str
) -> None:
    confirmation_id = killed(registry, order, context, moment)
    clock.advance(LEASE_SECONDS)

    outcome = registry.confirm(context, confirmation_id, accept=False)

    assert outcome.success
    assert order.ordered == {confirmation_id: "2 tea"}


@pytest.mark.parametrize("moment", ["before", "after"])
def test_what_was_agreed_is_done_when_the_visitor_does_not_come_back(
    registry: ToolRegistry, order: Order, context: ToolContext, clock: Clock, companies_table: Table, moment: str
) -> None:
    companies = Companies(companies_table)
    companies.put(context.company, expected_version=0)
    ask(registry, context, "call-0002")  # nobody has agreed to this one
    confirmation_id = killed(registry, order, context, moment)

    at_once = registry.carry_out_abandoned(companies)
    clock.advance(LEASE_SECONDS)
    later = [registry.carry_out_abandoned(companies) for _ in range(2)]

    assert (at_once, later) == (0, [1, 0])
    assert order.ordered == {confirmation_id: "2 tea"}
    assert registry.confirm(context, confirmation_id, accept=True).success
    assert order.runs == 2


def test_what_kills_everybody_is_given_up(
    registry: ToolRegistry, order: Order, context: ToolContext, clock: Clock, companies_table: Table
) -> None:
    companies = Companies(companies_table)
    companies.put(context.company, expected_version=0)
    killed(registry, order, context, "before")
    order.before = stop(RuntimeError("always"))

    for _ in range(2 * MOST_TRIES):
        clock.advance(LEASE_SECONDS)
        registry.carry_out_abandoned(companies)

    assert order.runs == MOST_TRIES


@pytest.mark.parametrize(
    ("error", "done"),
    [
        (LimitReached("full"), "9 tea"),
        (RuntimeError("a bug, perhaps after the write"), "5 tea"),
        (StoreBusy("no answer, perhaps after the write"), "5 tea"),
    ],
    ids=["a refusal", "a crash", "a lost answer"],
)
def test_after_a_failure_the_visitor_may_try_again_at_once(
    registry: ToolRegistry, order: Order, context: ToolContext, error: Exception, done: str
) -> None:
    """New values count after a refusal; after a crash or a lost answer the first ones may be written already."""
    confirmation_id = ask(registry, context)
    order.before = stop(error)
    with pytest.raises((AisdrError, RuntimeError)):
        registry.confirm(context, confirmation_id, accept=True, values={"amount": "5"})
    order.before = go_on

    registry.confirm(context, confirmation_id, accept=True, values={"amount": "9"})

    assert order.ordered == {confirmation_id: done}


def test_five_words_at_once_have_one_effect_and_equal_answers(
    one_at_a_time: "DynamoDBClient", order: Order, context: ToolContext, clock: Clock
) -> None:
    registry = ToolRegistry((order,), Table(one_at_a_time, CONVERSATIONS, clock), clock)
    confirmation_id = ask(registry, context)
    gate = threading.Barrier(5)

    def confirm(number: int) -> ToolResult:
        gate.wait()
        return registry.confirm(context, confirmation_id, accept=True, values={"amount": "3"})

    with ThreadPoolExecutor(5) as threads:
        outcomes = list(threads.map(confirm, range(5)))

    assert order.runs == 1
    assert all(outcome == outcomes[0] for outcome in outcomes)


def test_what_waits_expires_and_what_was_done_is_kept_as_long_as_the_conversation(
    registry: ToolRegistry, context: ToolContext, aws: "DynamoDBClient", clock: Clock
) -> None:
    confirmation_id = ask(registry, context)
    (waiting,) = records(aws)
    registry.confirm(context, confirmation_id, accept=True)
    (done,) = records(aws)

    assert int(waiting["expires_at"]["N"]) == int(clock.now + CONFIRMATION_SECONDS)
    assert int(done["expires_at"]["N"]) == int(clock.now + 30 * 24 * 3600)


def records(aws: "DynamoDBClient") -> list[dict[str, Any]]:
    """Of calls, beside the count of them."""
    return [item for item in items(aws, CONVERSATIONS) if item["sk"]["S"].startswith("toolcall#")]

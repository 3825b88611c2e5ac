"""Confirmation: what would be written down waits for the visitor's word, and is written once, whoever dies."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from pydantic import Field

from aisdr.answer import ConfirmCard, ContactCard, FormField
from aisdr.company import Companies
from aisdr.errors import AisdrError, Conflict, Forbidden, InvalidInput, LimitReached, NotFound
from aisdr.session import Session
from aisdr.table import Table
from aisdr.tools.base import Arguments, ToolContext, ToolResult
from aisdr.tools.confirmation import CONFIRMATION_SECONDS, LEASE_SECONDS, MOST_TRIES
from aisdr.tools.registry import ToolRegistry
from tests.conftest import CONVERSATIONS
from tests.material import ORIGIN, Clock, a_company, items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CARD = ContactCard(title="Your order")
TEA = {"item": "tea", "amount": 2}


class Killed(BaseException):
    """The function is gone between two steps: no `except Exception` of ours hears of it."""


class OrderArguments(Arguments):
    item: str = Field(min_length=1, max_length=20)
    amount: int = Field(1, ge=1, le=9)
    wish: str | None = Field(None, max_length=20)


class Order:
    """A tool that writes. Like our stores it keeps one effect a key."""

    name: ClassVar[str] = "order"
    description: ClassVar[str] = "Order something."
    arguments: ClassVar[type[Arguments]] = OrderArguments
    writes: ClassVar[bool] = True

    def __init__(self) -> None:
        self.ordered: dict[str, str] = {}
        self.runs = 0
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None

    def asks(self, arguments: OrderArguments) -> bool:
        return arguments.item != "nothing"

    def question(self, context: ToolContext) -> tuple[str, str]:
        return f"Order from {context.company.display_name}?", "It will be sent."

    def run(self, context: ToolContext, arguments: OrderArguments) -> ToolResult:
        self.runs += 1
        self.before()
        if self.asks(arguments):
            self.ordered.setdefault(context.key, f"{arguments.amount} {arguments.item}")
        self.after()
        return ToolResult(result={"number": len(self.ordered), "say": "Done."}, cards=(CARD,))


@pytest.fixture
def order() -> Order:
    return Order()


@pytest.fixture
def registry(order: Order, conversations_table: Table, clock: Clock) -> ToolRegistry:
    return ToolRegistry((order,), conversations_table, clock, sleep=clock.advance)


@pytest.fixture
def context(clock: Clock) -> ToolContext:
    return ToolContext(a_company(tools=("order",)), Session("s1", "acme", ORIGIN, clock.now))


def ask(
    registry: ToolRegistry, context: ToolContext, call_id: str = "call-0001", arguments: dict[str, Any] | None = None
) -> str:
    waiting = registry.run(context, call_id, "order", TEA if arguments is None else arguments)
    return str(waiting.result["confirmationId"])


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


def test_a_writing_tool_does_nothing_but_ask(registry: ToolRegistry, order: Order, context: ToolContext) -> None:
    waiting = registry.run(context, "call-0001", "order", TEA)

    confirmation_id = waiting.result["confirmationId"]
    card = ConfirmCard(
        confirmation_id=confirmation_id,
        tool="order",
        title="Order from Acme?",
        note="It will be sent.",
        fields=(
            FormField(name="item", label="item", value="tea", required=True),
            FormField(name="amount", label="amount", value="2"),
            FormField(name="wish", label="wish"),
        ),
    )
    assert waiting.cards == (card,)
    assert (waiting.success, waiting.result["status"]) == (True, "awaiting_confirmation")
    assert order.runs == 0


def test_a_call_that_writes_nothing_runs_at_once(registry: ToolRegistry, order: Order, context: ToolContext) -> None:
    outcome = registry.run(context, "call-0001", "order", {"item": "nothing"})

    assert (outcome.result["say"], order.runs, order.ordered) == ("Done.", 1, {})


def test_the_same_call_is_the_same_confirmation(registry: ToolRegistry, context: ToolContext) -> None:
    first, again = (registry.run(context, "call-0001", "order", TEA) for _ in range(2))

    assert again == first


def test_another_call_is_another_confirmation(registry: ToolRegistry, context: ToolContext) -> None:
    ids = {ask(registry, context, "call-0001"), ask(registry, context, "call-0002")}
    ids |= {str(registry.run(context, None, "order", TEA).result["confirmationId"]) for _ in range(2)}

    assert len(ids) == 4


def test_the_same_call_id_with_other_arguments_is_a_conflict(registry: ToolRegistry, context: ToolContext) -> None:
    ask(registry, context)

    for other in ({"item": "coffee"}, {"item": "nothing"}):
        with pytest.raises(Conflict) as caught:
            registry.run(context, "call-0001", "order", other)
        assert caught.value.code == "call_id_conflict"


def test_a_call_id_of_a_finished_call_cannot_ask(registry: ToolRegistry, context: ToolContext) -> None:
    registry.run(context, "call-0001", "order", {"item": "nothing"})

    with pytest.raises(Conflict):
        ask(registry, context)


def test_what_is_confirmed_is_done(registry: ToolRegistry, order: Order, context: ToolContext) -> None:
    confirmation_id = ask(registry, context)

    outcome = registry.confirm(context, confirmation_id, accept=True)

    assert outcome == ToolResult(result={"number": 1, "say": "Done."}, cards=(CARD,))
    assert order.ordered == {confirmation_id: "2 tea"}


@pytest.mark.parametrize("later", [True, False])
def test_a_repeated_word_has_one_effect_and_the_same_answer(
    registry: ToolRegistry, order: Order, context: ToolContext, later: bool
) -> None:
    confirmation_id = ask(registry, context)

    first = registry.confirm(context, confirmation_id, accept=True)
    again = registry.confirm(context, confirmation_id, accept=later, values={"item": "coffee"})

    assert again == first
    assert (order.runs, order.ordered) == (1, {confirmation_id: "2 tea"})


def test_what_is_declined_stays_undone(registry: ToolRegistry, order: Order, context: ToolContext) -> None:
    confirmation_id = ask(registry, context)

    declined = registry.confirm(context, confirmation_id, accept=False)
    afterwards = registry.confirm(context, confirmation_id, accept=True)

    assert (declined.success, declined.result["status"]) == (False, "declined")
    assert afterwards == declined
    assert order.runs == 0


def test_corrected_values_are_what_is_done(registry: ToolRegistry, order: Order, context: ToolContext) -> None:
    confirmation_id = ask(registry, context)

    registry.confirm(context, confirmation_id, accept=True, values={"item": " coffee ", "amount": "3", "wish": ""})

    assert order.ordered == {confirmation_id: "3 coffee"}


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"amount": "10"}, "'amount'"),
        ({"amount": "many"}, "'amount'"),
        ({"item": ""}, "'item': field required"),
        ({"item": "x" * 21}, "'item'"),
        ({"company_id": "globex"}, "'company_id'"),
    ],
)
def test_corrected_values_that_do_not_fit_leave_it_open(
    registry: ToolRegistry, order: Order, context: ToolContext, values: dict[str, str], named: str
) -> None:
    confirmation_id = ask(registry, context)

    with pytest.raises(InvalidInput) as caught:
        registry.confirm(context, confirmation_id, accept=True, values=values)

    assert named in caught.value.message
    assert order.runs == 0
    assert registry.confirm(context, confirmation_id, accept=True).success


@pytest.mark.parametrize("confirmation_id", ["", "0" * 32, "x" * 5000, "../x"])
def test_nobody_can_confirm_what_was_not_asked(
    registry: ToolRegistry, context: ToolContext, confirmation_id: str
) -> None:
    with pytest.raises(NotFound) as caught:
        registry.confirm(context, confirmation_id, accept=True)

    assert caught.value.code == "confirmation_not_found"


def test_nobody_can_confirm_for_another_conversation(
    registry: ToolRegistry, order: Order, context: ToolContext, clock: Clock
) -> None:
    confirmation_id = ask(registry, context)
    other = ToolContext(context.company, Session("s2", "acme", ORIGIN, clock.now))

    with pytest.raises(NotFound):
        registry.confirm(other, confirmation_id, accept=True)

    assert ask(registry, other) != confirmation_id
    assert order.runs == 0


def test_an_old_question_is_not_answered_any_more(
    registry: ToolRegistry, order: Order, context: ToolContext, clock: Clock
) -> None:
    confirmation_id = ask(registry, context)
    clock.advance(CONFIRMATION_SECONDS + 1)

    with pytest.raises(NotFound):
        registry.confirm(context, confirmation_id, accept=True)

    assert order.runs == 0


def test_a_tool_that_was_taken_away_meanwhile_is_not_run(
    registry: ToolRegistry, order: Order, context: ToolContext
) -> None:
    confirmation_id = ask(registry, context)
    narrowed = ToolContext(a_company(tools=()), context.session)

    with pytest.raises(Forbidden):
        registry.confirm(narrowed, confirmation_id, accept=True)

    assert order.runs == 0


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
    [(LimitReached("full"), "9 tea"), (RuntimeError("a bug, perhaps after the write"), "5 tea")],
    ids=["a refusal", "a crash"],
)
def test_after_a_failure_the_visitor_may_try_again_at_once(
    registry: ToolRegistry, order: Order, context: ToolContext, error: Exception, done: str
) -> None:
    """New values count after a refusal; after a crash the first ones may be written already."""
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

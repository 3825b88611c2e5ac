"""Confirmation: what would be written down waits for the visitor's word, and is written down once."""

import pytest

from aisdr.answer import ConfirmCard, FormField
from aisdr.errors import Conflict, Forbidden, InvalidInput, NotFound
from aisdr.session import Session
from aisdr.tools.base import ToolContext, ToolResult
from aisdr.tools.confirmation import CONFIRMATION_SECONDS
from aisdr.tools.registry import ToolRegistry
from tests.material import ORIGIN, Clock, a_company
from tests.tools.orders import CARD, TEA, Order, ask, context, order, registry

__all__ = ["context", "order", "registry"]


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

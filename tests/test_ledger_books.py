"""The books in any order of events: the account is the sum of what the operations say, and below every cap."""

from itertools import count
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from aisdr.errors import LimitReached
from aisdr.ledger import Ledger, Operation
from aisdr.table import Table
from tests.material import Clock, a_company

PRICE = 0.37
LIMITS = {
    "call_seconds": 600,
    "concurrent_calls": 3,
    "calls_per_day": 6,
    "minutes_per_day": 45,
    "money_per_day": 15.00,
}


class LedgerMachine(RuleBasedStateMachine):
    """Whatever visitors, Tavus and the reconciler do to one company's account."""

    wanted, bought = Bundle("wanted"), Bundle("bought")
    ledger: Ledger  # set by the test below
    companies_so_far = count()

    def __init__(self) -> None:
        super().__init__()
        self.company = a_company(f"company-{next(self.companies_so_far)}", limits=LIMITS)
        self.operations: set[str] = set()
        self.closed: list[str] = []

    @rule(target=wanted, key=st.sampled_from([f"key number {number}" for number in range(12)]))
    def want(self, key: str) -> Any:
        try:
            operation, is_new = self.ledger.reserve(
                self.company, "s1", key, "fingerprint", PRICE, mode="video", vendor="tavus"
            )
        except LimitReached:
            return multiple()
        self.operations.add(operation.operation_id)
        return operation if is_new else multiple()

    @rule(operation=wanted)
    def lose_sight(self, operation: Operation) -> None:
        self.ledger.unknown(operation)

    @rule(operation=wanted)
    def refuse(self, operation: Operation) -> None:
        self.note(operation, self.ledger.fail(operation))

    @rule(target=bought, operation=consumes(wanted))
    def buy(self, operation: Operation) -> Operation:
        return self.ledger.created(operation, f"c{operation.operation_id}", "https://tavus.daily.co/c", None)

    @rule(operation=bought)
    def begin_to_end(self, operation: Operation) -> None:
        self.ledger.ending(operation)

    @rule(operation=bought, seconds=st.floats(-10, 1000, allow_nan=False))
    def settle(self, operation: Operation, seconds: float) -> None:
        self.note(operation, self.ledger.settle(operation, seconds))

    @rule(operation=bought)
    def fail_too_late(self, operation: Operation) -> None:
        self.note(operation, self.ledger.fail(operation))

    def note(self, operation: Operation, did_it: bool) -> None:
        self.closed += [operation.operation_id] if did_it else []

    @invariant()
    def the_books_are_right(self) -> None:
        told = [self.ledger.get(self.company.company_id, each) for each in self.operations]
        operations = [operation for operation in told if operation is not None]
        counted = [operation for operation in operations if operation.state != "failed"]
        seconds = [each.reserved_seconds if each.used_seconds is None else each.used_seconds for each in counted]
        today = self.ledger.today(self.company.company_id)
        assert today == {
            "calls": len(counted),
            "seconds": sum(seconds),
            "cents": sum(-(-each * 37 // 60) for each in seconds),
            "active": sum(operation.state not in ("failed", "settled") for operation in operations),
        }
        assert today["active"] <= 3
        assert today["calls"] <= 6
        assert today["seconds"] <= 45 * 60
        assert today["cents"] <= 1500
        assert len(self.closed) == len(set(self.closed))


@pytest.mark.slow
def test_in_any_order_of_events_the_books_are_right(conversations_table: Table, clock: Clock) -> None:
    ledger = Ledger(conversations_table, clock)
    machine = type("Machine", (LedgerMachine,), {"ledger": ledger})

    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=15, stateful_step_count=20, deadline=None, derandomize=True, database=None),
    )

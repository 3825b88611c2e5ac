"""What the ledger's conditional writes refuse by themselves, when whoever asks has read nothing of it before."""

from typing import Any

import pytest

from aisdr.errors import Conflict
from aisdr.ledger import Ledger, Operation
from aisdr.table import Table
from tests.material import Clock, a_company

WISH: Any = {"mode": "video", "vendor": "tavus"}
KEY = "key-of-a-visitor"


class TooEarly(Ledger):
    """Reads before the other one has written, the first time."""

    blind = 1

    def get(self, company_id: str, operation: str) -> Operation | None:
        self.blind -= 1
        return None if self.blind >= 0 else super().get(company_id, operation)


def test_whoever_wrote_the_same_key_meanwhile_has_reserved_for_both(conversations_table: Table, clock: Clock) -> None:
    first, _ = Ledger(conversations_table, clock).reserve(a_company(), "s1", KEY, "print", 0.1, **WISH)
    late = TooEarly(conversations_table, clock)

    assert late.reserve(a_company(), "s1", KEY, "print", 0.1, **WISH) == (first, False)

    assert late.today("acme") == {"calls": 1, "seconds": 600, "cents": 100, "active": 1}


def test_a_key_that_stands_for_something_else_meanwhile_is_a_conflict(conversations_table: Table, clock: Clock) -> None:
    Ledger(conversations_table, clock).reserve(a_company(), "s1", KEY, "print", 0.1, **WISH)
    late = TooEarly(conversations_table, clock)

    with pytest.raises(Conflict):
        late.reserve(a_company(), "s2", KEY, "another print", 0.1, **WISH)

    assert late.today("acme")["active"] == 1

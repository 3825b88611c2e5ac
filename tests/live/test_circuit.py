"""Circuits: a paid vendor who fails is left alone by every environment, and comes back by one free question."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from aisdr import time_left
from aisdr.errors import AisdrError, LeftAlone, LimitReached, NotConfigured, VendorDown, VendorError
from aisdr.live import openai_realtime_api, tavus_api
from aisdr.live.circuit import CREDITS_SECONDS, KEY_SECONDS, MOST_JITTER_SECONDS, RECOVERY_SECONDS, Circuits
from aisdr.live.vendor_client import VendorPatience
from aisdr.table import Table
from dev.environments import Environment, time_of_circuits
from tests.material import Clock

DOWN = VendorDown("Tavus failed with 500", vendor="tavus", outcome_unknown=True)
BUSY = LimitReached("All video avatars are busy", code="avatar_busy")
NO_CREDIT = LimitReached("out of credits", code="vendor_credits")
NO_KEY = NotConfigured("Tavus refused the API key", code="tavus_not_configured")
INVALID = VendorError("Tavus refused with 400", vendor="tavus")


@dataclass
class Vendor:
    """Sells, or fails as it is told; counts what it was asked."""

    error: AisdrError | None = None
    asked: list[str] = field(default_factory=list)

    def sell(self) -> str:
        return self._do("sell")

    def look(self) -> str:
        return self._do("look")

    def _do(self, what: str) -> str:
        self.asked.append(what)
        if self.error:
            raise self.error
        return "a call"


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


@pytest.fixture
def clock(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Clock:
    time_of_circuits(clock, monkeypatch.setattr)
    return clock


@pytest.fixture
def circuits(conversations_table: Table, clock: Clock) -> Circuits:
    return Circuits(conversations_table, "tavus", "tavus_not_configured")


def wish(circuits: Circuits, vendor: Vendor) -> str:
    try:
        return circuits.buy("create", vendor.sell, look=vendor.look)
    except AisdrError as error:
        return type(error).__name__


def recovered(clock: Clock) -> None:
    clock.advance(RECOVERY_SECONDS + MOST_JITTER_SECONDS + 1)


def test_three_failures_in_a_row_and_nobody_is_asked_any_more(circuits: Circuits, vendor: Vendor) -> None:
    vendor.error = DOWN

    outcomes = [wish(circuits, vendor) for _ in range(6)]

    assert outcomes == ["VendorDown"] * 3 + ["LeftAlone"] * 3
    assert vendor.asked == ["sell"] * 3


def test_who_is_left_alone_may_be_asked_again_when_it_says_so(circuits: Circuits, vendor: Vendor) -> None:
    vendor.error = DOWN
    for _ in range(3):
        wish(circuits, vendor)

    with pytest.raises(LeftAlone) as caught:
        circuits.buy("create", vendor.sell, look=vendor.look)

    assert (caught.value.retryable, caught.value.outcome_unknown) == (True, False)
    assert caught.value.retry_after == RECOVERY_SECONDS


def test_a_success_between_two_failures_forgives_them(circuits: Circuits, vendor: Vendor) -> None:
    for error in (DOWN, DOWN, None, DOWN, DOWN, None):
        vendor.error = error
        wish(circuits, vendor)

    assert len(vendor.asked) == 6


@pytest.mark.parametrize("error", [BUSY, INVALID], ids=["busy", "invalid"])
def test_a_refusal_shows_that_the_vendor_is_well(circuits: Circuits, vendor: Vendor, error: AisdrError) -> None:
    for each in (DOWN, DOWN, error, DOWN, DOWN, *[error] * 9):
        vendor.error = each
        wish(circuits, vendor)

    assert len(vendor.asked) == 14


def test_after_an_outage_a_free_question_comes_before_the_first_purchase(
    circuits: Circuits, vendor: Vendor, clock: Clock
) -> None:
    vendor.error = DOWN
    for _ in range(3):
        wish(circuits, vendor)
    recovered(clock)
    vendor.asked.clear()

    still_down = [wish(circuits, vendor) for _ in range(3)]
    asked_while_down = list(vendor.asked)
    vendor.error = None
    recovered(clock)
    back = [wish(circuits, vendor) for _ in range(2)]

    assert still_down == ["VendorDown", "LeftAlone", "LeftAlone"]
    assert asked_while_down == ["look"], "whoever is still down was sold nothing by"
    assert back == ["a call", "a call"]
    assert vendor.asked == ["look", "look", "sell", "sell"]


def test_a_busy_vendor_is_back_too(circuits: Circuits, vendor: Vendor, clock: Clock) -> None:
    vendor.error = DOWN
    for _ in range(3):
        wish(circuits, vendor)
    recovered(clock)
    vendor.error = BUSY

    assert [wish(circuits, vendor) for _ in range(3)] == ["LimitReached"] * 3


def test_what_one_environment_saw_all_know_and_one_of_them_asks_first(
    conversations_table: Table, vendor: Vendor, clock: Clock
) -> None:
    here, there = (Environment(Circuits(conversations_table, "tavus", "tavus_not_configured")) for _ in range(2))
    vendor.error = DOWN
    for _ in range(3):
        here.live(lambda circuits: wish(circuits, vendor))

    assert there.live(lambda circuits: wish(circuits, vendor)) == "LeftAlone"

    recovered(clock)
    vendor.error = None
    others: list[str] = []

    def look_while_others_come() -> Any:
        others.append(there.live(lambda circuits: wish(circuits, Vendor())))
        return vendor.look()

    assert here.live(lambda circuits: circuits.buy("create", vendor.sell, look=look_while_others_come)) == "a call"
    assert others == ["LeftAlone"], "one at a time"
    clock.advance(2)
    assert there.live(lambda circuits: wish(circuits, vendor)) == "a call"


@pytest.mark.parametrize(
    ("error", "seconds", "kind"),
    [(NO_KEY, KEY_SECONDS, "NotConfigured"), (NO_CREDIT, CREDITS_SECONDS, "LimitReached")],
    ids=["key", "credits"],
)
def test_what_only_an_operator_can_mend_is_tried_once_and_then_for_minutes_not(
    circuits: Circuits, vendor: Vendor, clock: Clock, error: AisdrError, seconds: int, kind: str
) -> None:
    vendor.error = error
    outcomes = [wish(circuits, vendor) for _ in range(3)]
    clock.advance(seconds - 5)
    outcomes.append(wish(circuits, vendor))

    assert outcomes == [kind] * 4
    assert vendor.asked == ["sell"]
    vendor.error = None
    clock.advance(10)
    assert wish(circuits, vendor) == "a call"


@pytest.mark.parametrize("patience", [tavus_api.Patience(), openai_realtime_api.Patience()], ids=["tavus", "openai"])
def test_a_vendor_as_slow_as_a_reading_may_be_is_back_and_leaves_time_to_buy(patience: VendorPatience) -> None:
    """By the budgets of the fault model: what reads has three seconds, and a request has twelve."""
    assert patience.look >= tavus_api.Patience().get == 3
    assert patience.look + patience.create < time_left.MOST_SECONDS - time_left.MARGIN_SECONDS


def test_each_operation_has_a_circuit_of_its_own(circuits: Circuits, vendor: Vendor) -> None:
    vendor.error = DOWN
    for _ in range(3):
        wish(circuits, vendor)
    vendor.error = None

    assert circuits.ask("end", vendor.sell) == "a call"
    assert wish(circuits, vendor) == "LeftAlone"


def test_a_store_that_is_down_leaves_nobody_alone(conversations_table: Table, vendor: Vendor) -> None:
    """The ledger fails closed then; an end must be tried all the same."""
    circuits = Circuits(Table(conversations_table.client, "no such table"), "tavus", "tavus_not_configured")
    vendor.error = DOWN

    for _ in range(5):
        with pytest.raises(VendorDown):
            circuits.ask("end", vendor.sell)

    assert len(vendor.asked) == 5


def test_an_environment_that_died_while_it_asked_makes_room_for_another(
    conversations_table: Table, vendor: Vendor, clock: Clock
) -> None:
    here, there = (Environment(Circuits(conversations_table, "tavus", "tavus_not_configured")) for _ in range(2))
    vendor.error = DOWN
    for _ in range(3):
        here.live(lambda circuits: wish(circuits, vendor))
    recovered(clock)

    def die() -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        here.live(lambda circuits: circuits.buy("create", vendor.sell, look=die))
    vendor.error = None

    assert there.live(lambda circuits: wish(circuits, vendor)) == "LeftAlone"
    recovered(clock)
    assert there.live(lambda circuits: wish(circuits, vendor)) == "a call"

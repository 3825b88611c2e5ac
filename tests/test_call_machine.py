"""Calls in any order of events, with a vendor that fails in every way, and processes that are killed at any step.

Whatever happens: one wish buys one call, caps hold, the books are the sum of what the calls say, nothing is given back
without proof, and what the vendor runs ends in time and is settled once.
"""

import math
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from aisdr.budget import budget_cents
from aisdr.call import Calls
from aisdr.configuration import ModelChoice
from aisdr.errors import AisdrError
from aisdr.ledger import GRACE_SECONDS, Ledger, Operation, operation_id
from aisdr.notices import Notices
from aisdr.session import Sessions
from aisdr.table import Table
from aisdr.transcript import Transcripts
from aisdr.usage import Usages
from benchmarks.scoreboard.money.mishaps import Killed
from benchmarks.scoreboard.scene.serial_dynamodb import CONVERSATIONS, Ask, SerialDynamoDb, serial_dynamodb, undisturbed
from tests.material import KEYS, ORIGIN, Clock, a_company
from tests.vendor_model import OUTCOMES, Outcome, RenamedField, VendorModel

START = 1_800_057_600.0
MINUTE = 60.0
AHEAD = 55.0
CALL_SECONDS = 300
LIMITS = {
    "call_seconds": CALL_SECONDS,
    "concurrent_calls": 3,
    "network_calls_per_hour": 3,
    "calls_per_day": 8,
    "minutes_per_day": 30,
    "minutes_per_month": 40,
    "money_per_day": 16.0,
    "money_per_month": 22.0,
}
ANSWER_CENTS = 50
ANSWER = ModelChoice(provider="openai", model="large", input_price=5.0)
WISHES = tuple(f"wish number {number}" for number in range(12))
NETWORKS = ("mark of a home", "mark of an office")
VISITORS = range(3)
STEPS = st.one_of(st.none(), st.none(), st.integers(1, 24))
"""At which step of its work a process is killed, if it is."""
DEAF = st.one_of(st.none(), st.none(), st.integers(0, 3))
"""How many requests the vendor still answers, if it falls silent."""


class Mortality:
    """Kills whoever takes the n-th step: a request to the table before and after its effect, or to the vendor."""

    def __init__(self) -> None:
        self.left: int | None = None

    def step(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Killed

    def around(self, _verb: str, _wish: dict[str, Any], ask: Ask) -> Any:
        self.step()
        answer = ask()
        self.step()
        return answer


class CallMachine(RuleBasedStateMachine):
    """One company's visitors, its vendor, and the reconciler."""

    dynamodb: SerialDynamoDb  # set by the test below
    companies_so_far = count()

    def __init__(self) -> None:
        super().__init__()
        self.clock, self.mortality = Clock(START), Mortality()
        self.dynamodb.around = undisturbed
        table = Table(self.dynamodb, CONVERSATIONS, self.clock)  # type: ignore[arg-type]  # speaks like a client
        self.company = a_company(f"company-{next(self.companies_so_far)}", limits=LIMITS)
        self.vendor = VendorModel(self.clock, self.mortality.step)
        self.ledger, self.usages = Ledger(table, self.clock), Usages(table, self.clock)
        sessions = Sessions(table, KEYS, self.clock)
        self.calls = Calls(
            {"video": self.vendor},
            self.ledger,
            sessions,
            lambda _company, _session: "",
            lambda _company: (),
            webhook_url="https://acme.example/api/tavus/webhook",
            clock=self.clock,
            sleep=self.clock.advance,
        )
        self.notices = Notices(self.calls, self.ledger, sessions, Transcripts(table, self.clock), table, self.clock)
        self.sessions = sessions
        self.visitors = [sessions.open(self.company, ORIGIN, "1") for _ in VISITORS]
        self.closed: dict[str, Operation] = {}
        self.answered_cents: dict[str, int] = {}
        self.started_from: dict[str, str] = {}
        self.lost: set[str] = set()
        self.dynamodb.around = self.mortality.around

    def teardown(self) -> None:
        """Nothing goes wrong any more, and after a while nothing is left."""
        self.mortality.left, self.vendor.hears, self.vendor.ends = None, None, True
        for _ in range(CALL_SECONDS // 60 + 3):
            self.clock.advance(MINUTE)
            self.tick()
        assert self.vendor.running() == []
        assert [each.state for each in self.operations() if each.is_open] == []
        assert self.ledger.today(self.company.company_id)["active"] == 0
        self.books_are_right()

    @rule(
        wish=st.sampled_from(WISHES),
        visitor=st.sampled_from(VISITORS),
        network=st.sampled_from(NETWORKS),
        outcome=st.sampled_from(("bought", "bought", "bought", *OUTCOMES)),
        killed=STEPS,
    )
    def want(self, wish: str, visitor: int, network: str, outcome: Outcome, killed: int | None) -> None:
        """One request for a call, the first with its key or a later one."""
        session, self.vendor.outcome = self.visitors[visitor], outcome
        with self.life(killed):
            operation, is_new = self.calls.reserve(self.company, session, "video", wish, network=network)
            if operation.session_id != session.session_id:
                return
            if is_new:
                self.started_from[operation.operation_id] = network
                self.lost |= {operation.operation_id} if outcome in ("lost after", "our bug") else set()
                assert self.ledger.today(self.company.company_id)["cents"] <= budget_cents(self.company.limits)
                self.calls.buy(self.company, session, operation)
            else:
                self.calls.replay(operation)

    @rule(visitor=st.sampled_from(VISITORS), killed=STEPS)
    def hang_up(self, visitor: int, killed: int | None) -> None:
        with self.life(killed):
            self.calls.end(self.company.company_id, self.visitors[visitor].session_id, "visitor")

    @rule(data=st.data())
    @precondition(lambda self: self.vendor.running())
    def enter(self, data: st.DataObject) -> None:
        data.draw(st.sampled_from(self.vendor.running())).joined = True

    @rule(data=st.data(), killed=STEPS)
    @precondition(lambda self: self.vendor.rooms)
    def claim_the_end(self, data: st.DataObject, killed: int | None) -> None:
        """A webhook, true or not."""
        call_id = data.draw(st.sampled_from(sorted(self.vendor.rooms)))
        capability = self.sessions.capability(self.vendor.rooms[call_id].name, self.company.company_id)
        with self.life(killed):
            self.notices.receive(capability, {"conversation_id": call_id, "at": self.clock.now})

    @rule(killed=STEPS)
    def answer_a_question(self, killed: int | None) -> None:
        """A model that costs something, while there is money."""
        if self.usages.spent(self.company):
            return
        day = _day(self.clock.now)
        with self.life(killed):
            self.usages.record(self.visitors[0], ANSWER, input_tokens=ANSWER_CENTS * 2000, output_tokens=0)
        self.answered_cents[day] = self.answered_cents.get(day, 0) + ANSWER_CENTS

    @rule(seconds=st.integers(1, 40))
    def wait(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @rule(killed=STEPS)
    def minute(self, killed: int | None) -> None:
        """The reconciler's next run, which may be killed."""
        self.clock.advance(MINUTE)
        with self.life(killed):
            self.tick()
            if self.vendor.hears is None and self.vendor.ends:
                self.nothing_outlives_its_time()

    @rule()
    def next_day(self) -> None:
        """Nobody visits at night, and the reconciler goes on."""
        for _ in range(6):
            self.minute(None)
        self.clock.advance(24 * 3600)
        self.visitors = [self.sessions.open(self.company, ORIGIN, "1") for _ in VISITORS]
        self.minute(None)

    @initialize(hears=DEAF, ends=st.booleans(), ignores=st.booleans())
    def vendor_is(self, hears: int | None, ends: bool, ignores: bool) -> None:
        self.vendor.hears, self.vendor.ends, self.vendor.ignores_limits = hears, ends, ignores

    @rule(hears=DEAF, ends=st.booleans(), ignores=st.booleans())
    def vendor_changes(self, hears: int | None, ends: bool, ignores: bool) -> None:
        self.vendor_is(hears, ends, ignores)

    @invariant()
    def one_wish_buys_one_call(self) -> None:
        names = [room.name for room in self.vendor.rooms.values()]
        assert len(names) == len(set(names))

    @invariant()
    def books_are_right(self) -> None:
        operations, company_id = self.operations(), self.company.company_id
        day = _day(self.clock.now)
        counted = [each for each in operations if each.state != "failed" and each.day[:7] == day[:7]]
        today, month = self.ledger.today(company_id), self.ledger.this_month(company_id)
        assert today["active"] == sum(each.is_open for each in operations) <= 3
        ours = [each for each in counted if each.day == day]
        assert (today["calls"], month["calls"]) == (len(ours), len(counted))
        assert (today["seconds"], month["seconds"]) == (_seconds(ours), _seconds(counted))
        answered = self.answered_cents.get(day, 0)
        months = sum(cents for each, cents in self.answered_cents.items() if each[:7] == day[:7])
        # What a killed process did not move to the sum yet, the next answer's does.
        assert 0 <= _cents(ours) + answered - today["cents"] <= answered
        assert _cents(counted) + months - month["cents"] >= 0
        assert today["calls"] <= 8
        assert (today["seconds"] <= 30 * 60, month["seconds"] <= 40 * 60) == (True, True)
        assert today["cents"] <= 1600 + ANSWER_CENTS
        assert month["cents"] <= 2200 + ANSWER_CENTS

    @invariant()
    def networks_keep_to_their_hour(self) -> None:
        for network in NETWORKS:
            starts = [
                each.reserved_at
                for each in self.operations()
                if each.state != "failed" and self.started_from.get(each.operation_id) == network
            ]
            assert all(sum(begin <= at < begin + 3600 for at in starts) <= 3 for begin in starts)

    @invariant()
    def nothing_is_given_back_without_proof_nor_twice(self) -> None:
        over = [each for each in self.operations() if not each.is_open]
        rooms = {room.name: room for room in self.vendor.rooms.values()}
        for operation in over:
            room = rooms.get(operation.operation_id)
            if operation.state == "failed":
                assert room is None, "what was given back runs at the vendor"
            elif operation.used_seconds != operation.reserved_seconds:
                assert room is not None
                assert room.ended is not None
                assert (operation.used_seconds or 0) >= min(math.ceil(room.lasted(0)), operation.reserved_seconds)
            assert self.closed.setdefault(operation.operation_id, operation) == operation, "closed twice"

    def nothing_outlives_its_time(self) -> None:
        """After a run that went well."""
        for room in self.vendor.running():
            assert room.created + room.longest > self.clock.now, "the reconciler left a call running"
            known = self.ledger.get(self.company.company_id, room.name)
            assert known is not None
            assert known.is_open, "a call runs that nobody looks for"
            if known.conversation_id is None or room.name in self.lost:
                assert self.clock.now < room.created + GRACE_SECONDS + 1, "an orphan"

    def tick(self) -> None:
        self.calls.reconcile()
        self.calls.end_on_time(AHEAD)

    def operations(self) -> list[Operation]:
        found = (self.ledger.get(self.company.company_id, self.name_of(wish)) for wish in WISHES)
        return [each for each in found if each is not None]

    def name_of(self, wish: str) -> str:
        return operation_id(self.company.company_id, wish)

    def life(self, killed: int | None) -> "Life":
        return Life(self.mortality, killed)


class Life:
    """One process: what it raises, or that it is killed, ends it."""

    def __init__(self, mortality: Mortality, killed: int | None) -> None:
        self._mortality, self._killed = mortality, killed

    def __enter__(self) -> None:
        self._mortality.left = self._killed

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> bool:
        self._mortality.left = None
        return isinstance(error, (Killed, AisdrError, RenamedField))


def _day(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).date().isoformat()


def _seconds(operations: list[Operation]) -> int:
    return sum(each.reserved_seconds if each.used_seconds is None else each.used_seconds for each in operations)


def _cents(operations: list[Operation]) -> int:
    """At sixty cents a minute a second is a cent."""
    return _seconds(operations)


@pytest.fixture
def dynamodb() -> Iterator[SerialDynamoDb]:
    with serial_dynamodb() as client:
        yield client


@pytest.mark.slow
def test_whatever_happens_a_wish_is_bought_once_settled_once_and_never_outlives_its_time(
    dynamodb: SerialDynamoDb,
) -> None:
    machine = type("Machine", (CallMachine,), {"dynamodb": dynamodb})

    run_state_machine_as_test(
        machine,
        settings=settings(max_examples=15, stateful_step_count=25, deadline=None, derandomize=True, database=None),
    )

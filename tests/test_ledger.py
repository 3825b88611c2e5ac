"""The ledger: caps hold exactly, what was not used is given back, and nothing is counted twice."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from aisdr.company import Company
from aisdr.errors import Conflict, LimitReached, StoreBusy
from aisdr.ledger import Ledger, Operation, operation_id
from aisdr.table import Table
from tests.conftest import CONVERSATIONS
from tests.material import Clock, a_company, items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PRICE = 0.37
START = 1_800_000_000
VIDEO: Any = {"mode": "video", "vendor": "tavus"}
HOME, OFFICE = "mark-of-a-home", "mark-of-an-office"
NOTHING = {"calls": 0, "seconds": 0, "cents": 0, "active": 0}


@pytest.fixture
def ledger(conversations_table: Table, clock: Clock) -> Ledger:
    return Ledger(conversations_table, clock)


def limited(company_id: str = "acme", **limits: Any) -> Company:
    roomy = {"call_seconds": 600, "concurrent_calls": 100, "network_calls_per_hour": 100, "calls_per_day": 100}
    roomy |= {"minutes_per_day": 9999, "minutes_per_month": 9999, "money_per_day": 9999, "money_per_month": 9999}
    return a_company(company_id, limits=roomy | limits)


def reserve(
    ledger: Ledger, company: Company, key: str = "key-of-a-visitor", session: str = "s1", network: str = HOME
) -> Operation:
    return ledger.reserve(company, session, key, "fingerprint", PRICE, network=network, **VIDEO)[0]


def running(ledger: Ledger, company: Company, key: str = "key-of-a-visitor") -> Operation:
    return ledger.created(reserve(ledger, company, key), f"c-{key}", "https://tavus.daily.co/c1", "room token")


def test_a_reservation_takes_slot_minutes_and_money_for_the_longest_call(ledger: Ledger) -> None:
    operation = reserve(ledger, limited())

    assert operation.state == "reserved"
    assert ledger.today("acme") == {"calls": 1, "seconds": 600, "cents": 370, "active": 1}


@pytest.mark.cell("F-DB-02")
@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ({"concurrent_calls": 2}, "calls_busy"),
        ({"network_calls_per_hour": 2}, "network_busy"),
        ({"calls_per_day": 2}, "budget_spent"),
        ({"minutes_per_day": 20}, "budget_spent"),
        ({"minutes_per_day": 29}, "budget_spent"),
        ({"money_per_day": 7.40}, "budget_spent"),
        ({"money_per_day": 11.09}, "budget_spent"),
        ({"minutes_per_month": 20}, "budget_spent"),
        ({"minutes_per_month": 29}, "budget_spent"),
        ({"money_per_month": 7.40}, "budget_spent"),
        ({"money_per_month": 11.09}, "budget_spent"),
    ],
)
def test_a_cap_lets_two_through_and_the_third_takes_nothing(
    ledger: Ledger, aws: "DynamoDBClient", limits: dict[str, Any], code: str
) -> None:
    company = limited(**limits)
    for key in ("first key", "second key"):
        reserve(ledger, company, key)
    before = items(aws, CONVERSATIONS)

    with pytest.raises(LimitReached) as caught:
        reserve(ledger, company, "third key")

    assert caught.value.code == code
    assert items(aws, CONVERSATIONS) == before


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ({"concurrent_calls": 0}, "calls_busy"),
        ({"network_calls_per_hour": 0}, "network_busy"),
        ({"calls_per_day": 0}, "budget_spent"),
        ({"minutes_per_day": 9}, "budget_spent"),
        ({"money_per_day": 3.69}, "budget_spent"),
        ({"money_per_day": 0}, "budget_spent"),
        ({"minutes_per_month": 9}, "budget_spent"),
        ({"money_per_month": 3.69}, "budget_spent"),
    ],
)
def test_a_cap_below_one_call_lets_none_through(
    ledger: Ledger, aws: "DynamoDBClient", limits: dict[str, Any], code: str
) -> None:
    with pytest.raises(LimitReached) as caught:
        reserve(ledger, limited(**limits))

    assert caught.value.code == code
    assert items(aws, CONVERSATIONS) == []


def test_a_budget_is_used_to_its_last_cent(ledger: Ledger) -> None:
    """Three minutes at 0.07 are 21 cents; in binary floats they are a little more."""
    company = limited(call_seconds=180, money_per_day=0.21)

    ledger.reserve(company, "s1", "key-of-a-visitor", "fingerprint", 0.07, **VIDEO)

    assert ledger.today("acme")["cents"] == 21


def test_a_month_is_the_sum_of_its_days(ledger: Ledger, clock: Clock) -> None:
    company = limited(minutes_per_month=25)
    ledger.settle(running(ledger, company, "yesterday"), 120)
    assert ledger.this_month("acme") == {"calls": 1, "seconds": 120, "cents": 74}

    clock.advance(24 * 3600)
    reserve(ledger, company, "today")
    assert ledger.today("acme")["seconds"] == 600
    assert ledger.this_month("acme") == {"calls": 2, "seconds": 720, "cents": 74 + 370}
    reserve(ledger, company, "today again")

    with pytest.raises(LimitReached, match="this month"):
        reserve(ledger, company, "today once more")


def test_a_new_month_has_a_new_budget(ledger: Ledger, clock: Clock) -> None:
    company = limited(minutes_per_month=10)
    reserve(ledger, company, "this month")

    clock.advance(31 * 24 * 3600)

    assert reserve(ledger, company, "next month").state == "reserved"


def test_a_network_starts_so_many_calls_in_any_hour(ledger: Ledger, clock: Clock) -> None:
    """Not in each hour of the clock: three at its end and three at the next one's beginning would be six."""
    company = limited(network_calls_per_hour=3)
    for minute in (0, 50, 59):
        clock.now = START + minute * 60
        ledger.settle(running(ledger, company, f"at minute {minute}"), 10)

    clock.now = START + 3599
    with pytest.raises(LimitReached) as caught:
        reserve(ledger, company, "too early")
    assert caught.value.code == "network_busy"

    clock.now = START + 3602
    reserve(ledger, company, "an hour after the first")
    with pytest.raises(LimitReached):
        reserve(ledger, company, "an hour after the first, again")


def test_other_networks_and_other_companies_start_calls_meanwhile(ledger: Ledger) -> None:
    acme, globex = (limited(each, network_calls_per_hour=1) for each in ("acme", "globex"))
    reserve(ledger, acme)

    reserve(ledger, acme, "from elsewhere", network=OFFICE)
    reserve(ledger, globex)

    with pytest.raises(LimitReached):
        reserve(ledger, acme, "another one")


def test_who_says_nothing_of_a_network_shares_one_with_all_who_do_not(ledger: Ledger) -> None:
    company = limited(network_calls_per_hour=1)
    ledger.reserve(company, "s1", "first key", "fingerprint", PRICE, **VIDEO)

    with pytest.raises(LimitReached):
        ledger.reserve(company, "s2", "second key", "fingerprint", PRICE, **VIDEO)


def test_a_create_that_failed_gives_its_start_back_and_a_call_does_not(ledger: Ledger) -> None:
    company = limited(network_calls_per_hour=1)
    ledger.fail(reserve(ledger, company, "refused"))

    ledger.settle(running(ledger, company, "bought"), 5)

    with pytest.raises(LimitReached):
        reserve(ledger, company, "third key")


def test_a_start_that_somebody_else_has_by_now_is_not_given_back(ledger: Ledger, clock: Clock) -> None:
    company = limited(network_calls_per_hour=1)
    old = reserve(ledger, company, "of an hour ago")
    clock.advance(3602)
    reserve(ledger, company, "of now")

    ledger.fail(old)

    with pytest.raises(LimitReached):
        reserve(ledger, company, "third key")


def test_of_twenty_at_once_from_one_network_the_first_six_get_through(
    one_at_a_time: "DynamoDBClient", clock: Clock
) -> None:
    ledger = Ledger(Table(one_at_a_time, CONVERSATIONS, clock), clock)
    company = limited(network_calls_per_hour=6)

    def want(number: int) -> bool:
        try:
            reserve(ledger, company, f"key number {number}")
        except (LimitReached, StoreBusy):
            return False
        return True

    with ThreadPoolExecutor(20) as threads:
        got = list(threads.map(want, range(20)))

    assert 1 <= got.count(True) <= 6
    assert ledger.today("acme")["active"] == got.count(True)


def test_those_who_come_at_once_do_not_all_want_the_same_place(ledger: Ledger) -> None:
    wanted = {reserve(ledger, limited(), f"key {each}", network=f"network {each}").network_place for each in range(5)}

    assert len(wanted) > 1


def test_what_is_known_of_a_network_expires_with_the_hour(ledger: Ledger, aws: "DynamoDBClient", clock: Clock) -> None:
    ledger.settle(running(ledger, limited()), 5)

    told = [item for item in items(aws, CONVERSATIONS) if HOME in str(item)]

    assert [item["pk"]["S"] for item in told] == [f"acme#network#{HOME}"]
    assert int(told[0]["expires_at"]["N"]) <= clock.now + 3601


@pytest.mark.cell("F-LM-05")
def test_of_twenty_who_want_the_last_three_lines_three_get_one(one_at_a_time: "DynamoDBClient", clock: Clock) -> None:
    ledger = Ledger(Table(one_at_a_time, CONVERSATIONS, clock), clock)
    company = limited(concurrent_calls=3)

    def want(number: int) -> bool:
        try:
            reserve(ledger, company, f"key number {number}")
        except LimitReached:
            return False
        return True

    with ThreadPoolExecutor(20) as threads:
        got = list(threads.map(want, range(20)))

    assert got.count(True) == 3
    assert ledger.today("acme") == {"calls": 3, "seconds": 1800, "cents": 1110, "active": 3}


@pytest.mark.cell("F-LM-01")
def test_twenty_requests_with_one_key_reserve_once(one_at_a_time: "DynamoDBClient", clock: Clock) -> None:
    ledger = Ledger(Table(one_at_a_time, CONVERSATIONS, clock), clock)
    company = limited(concurrent_calls=1)

    with ThreadPoolExecutor(20) as threads:
        answers = list(
            threads.map(lambda _: ledger.reserve(company, "s1", "one key", "fingerprint", PRICE, **VIDEO), range(20))
        )

    assert [is_new for _, is_new in answers].count(True) == 1
    assert len({operation.operation_id for operation, _ in answers}) == 1
    assert ledger.today("acme")["active"] == 1


def test_a_repeated_key_finds_the_same_operation(ledger: Ledger) -> None:
    first = running(ledger, limited())

    again, is_new = ledger.reserve(limited(), "s1", "key-of-a-visitor", "fingerprint", PRICE, **VIDEO)

    assert (again, is_new) == (first, False)
    assert ledger.today("acme")["calls"] == 1


def test_a_key_that_stood_for_another_request_is_a_conflict(ledger: Ledger) -> None:
    reserve(ledger, limited())

    with pytest.raises(Conflict) as caught:
        ledger.reserve(limited(), "s1", "key-of-a-visitor", "another fingerprint", PRICE, **VIDEO)

    assert caught.value.code == "idempotency_conflict"


def test_two_companies_share_neither_keys_nor_caps(ledger: Ledger) -> None:
    acme = reserve(ledger, limited("acme", concurrent_calls=1))
    globex = reserve(ledger, limited("globex", concurrent_calls=1))

    assert acme.operation_id != globex.operation_id
    assert ledger.get("globex", acme.operation_id) is None


def test_a_failed_create_gives_everything_back_once(ledger: Ledger) -> None:
    operation = reserve(ledger, limited())

    assert (ledger.fail(operation), ledger.fail(operation)) == (True, False)
    assert ledger.today("acme") == NOTHING


def test_a_settled_call_keeps_what_was_used_and_gives_back_the_rest(ledger: Ledger) -> None:
    operation = running(ledger, limited())

    ledger.settle(operation, 61.2)

    settled = ledger.get("acme", operation.operation_id)
    assert settled is not None
    assert (settled.state, settled.used_seconds) == ("settled", 62)
    assert ledger.today("acme") == {"calls": 1, "seconds": 62, "cents": 39, "active": 0}


@pytest.mark.parametrize(("said", "counted"), [(601, 600), (10**9, 600), (-5, 0), (0, 0)])
def test_a_bill_is_never_above_the_reservation_nor_below_nothing(ledger: Ledger, said: int, counted: int) -> None:
    ledger.settle(running(ledger, limited()), said)

    assert ledger.today("acme")["seconds"] == counted


@pytest.mark.parametrize("late", ["settle", "fail"])
def test_whoever_comes_second_settles_nothing(ledger: Ledger, late: str) -> None:
    operation = running(ledger, limited())
    assert ledger.settle(operation, 120)
    after_the_first = ledger.today("acme")

    second = ledger.settle(operation, 600) if late == "settle" else ledger.fail(operation)

    assert second is False
    assert ledger.today("acme") == after_the_first


def test_of_twenty_who_settle_at_once_one_does(one_at_a_time: "DynamoDBClient", clock: Clock) -> None:
    ledger = Ledger(Table(one_at_a_time, CONVERSATIONS, clock), clock)
    operation = running(ledger, limited())

    with ThreadPoolExecutor(20) as threads:
        settled = list(threads.map(lambda seconds: ledger.settle(operation, seconds), range(20)))

    assert settled.count(True) == 1
    assert ledger.today("acme")["active"] == 0
    assert ledger.today("acme")["seconds"] == settled.index(True)


def test_a_running_call_cannot_fail_and_a_wish_cannot_be_settled(ledger: Ledger) -> None:
    """No refund without proof, and no bill without a call."""
    assert not ledger.fail(running(ledger, limited()))
    assert not ledger.settle(reserve(ledger, limited(), "another key"), 60)


def test_a_call_settled_on_the_next_day_is_counted_on_its_own(ledger: Ledger, clock: Clock) -> None:
    operation = running(ledger, limited())

    clock.advance(24 * 3600)
    ledger.settle(operation, 60)

    assert ledger.today("acme") == NOTHING
    clock.advance(-24 * 3600)
    assert ledger.today("acme") == {"calls": 1, "seconds": 60, "cents": 37, "active": 0}


def test_a_new_day_has_a_new_budget_and_the_old_lines(ledger: Ledger, clock: Clock) -> None:
    company = limited(calls_per_day=1, concurrent_calls=2)
    reserve(ledger, company, "yesterday")

    clock.advance(24 * 3600)
    reserve(ledger, company, "today, in time")

    assert ledger.today("acme") == {"calls": 1, "seconds": 600, "cents": 370, "active": 2}


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

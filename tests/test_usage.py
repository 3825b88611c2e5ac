"""Usage: what models read and wrote is counted for each conversation and against the company's money of the day."""

import pytest

from aisdr.company import Company
from aisdr.configuration import ModelChoice
from aisdr.errors import LimitReached
from aisdr.ledger import Ledger
from aisdr.session import Session
from aisdr.table import Table
from aisdr.usage import ModelUsage, Usages
from tests.material import ORIGIN, Clock, a_company

PAID = ModelChoice(provider="openai", model="large", input_price=2.5, output_price=10)
FREE = ModelChoice(provider="openai", model="local")


@pytest.fixture
def usages(conversations_table: Table, clock: Clock) -> Usages:
    return Usages(conversations_table, clock)


@pytest.fixture
def ledger(conversations_table: Table, clock: Clock) -> Ledger:
    return Ledger(conversations_table, clock)


@pytest.fixture
def session(clock: Clock) -> Session:
    return Session("s1", "acme", ORIGIN, clock.now)


def test_each_model_of_a_conversation_has_its_own_sum(usages: Usages, session: Session, clock: Clock) -> None:
    usages.record(session, PAID, input_tokens=1000, output_tokens=200)
    clock.advance(5)
    usages.record(session, PAID, input_tokens=500, output_tokens=100)
    usages.record(session, FREE, input_tokens=7, output_tokens=8)

    # 1,500 tokens at 2.50 and 300 at 10 for a million.
    assert usages.of(session) == [
        ModelUsage("openai", "large", 2, 1500, 300, 3750 + 3000, clock.now - 5, clock.now),
        ModelUsage("openai", "local", 1, 7, 8, 0, clock.now, clock.now),
    ]


def test_a_model_without_tokens_leaves_no_row(usages: Usages, session: Session, ledger: Ledger) -> None:
    usages.record(session, ModelChoice(), input_tokens=0, output_tokens=0)

    assert usages.of(session) == []
    assert ledger.today("acme")["cents"] == 0


def test_fractions_of_a_cent_add_up_to_cents(usages: Usages, session: Session, ledger: Ledger) -> None:
    for _ in range(9):
        usages.record(session, PAID, input_tokens=400, output_tokens=10)  # 0.11 cents

    before = ledger.today("acme")["cents"]
    usages.record(session, PAID, input_tokens=400, output_tokens=10)

    assert (before, ledger.today("acme")["cents"]) == (0, 1)


def test_cents_that_an_interrupted_process_left_are_counted_by_the_next(
    usages: Usages, session: Session, ledger: Ledger, conversations_table: Table, clock: Clock
) -> None:
    usages.record(session, PAID, input_tokens=1, output_tokens=0)
    day = conversations_table.query("acme#ledger", prefix="day#")[0]
    conversations_table.put(day | {"money_micros": 50_000})

    usages.record(session, PAID, input_tokens=1, output_tokens=0)

    assert ledger.today("acme")["cents"] == 5


def test_a_day_that_began_with_a_question_still_takes_calls(usages: Usages, session: Session, ledger: Ledger) -> None:
    usages.record(session, PAID, input_tokens=100_000, output_tokens=0)

    ledger.reserve(a_company(), "s1", "key", "print", 0.5, mode="video", vendor="tavus")

    assert ledger.today("acme") == {"calls": 1, "seconds": 600, "cents": 25 + 500, "active": 1}


def test_models_and_calls_share_the_days_money(usages: Usages, session: Session, ledger: Ledger, clock: Clock) -> None:
    company: Company = a_company(limits={"money_per_day": 1.0})
    assert not usages.spent(company)

    usages.record(session, PAID, input_tokens=400_000, output_tokens=0)

    assert usages.spent(company)
    assert not usages.spent(a_company("globex", limits={"money_per_day": 1.0}))
    clock.advance(24 * 3600)
    assert not usages.spent(company)


def test_whole_cents_of_models_and_speech_are_in_the_month_of_their_day(
    usages: Usages, session: Session, ledger: Ledger, clock: Clock
) -> None:
    company: Company = a_company(limits={"money_per_month": 1.0})
    usages.record(session, PAID, input_tokens=200_000, output_tokens=0)  # 50 cents
    clock.advance(24 * 3600)
    usages.record_speech(session, "polly", 20_000, 16.0)  # 32 cents

    assert ledger.this_month("acme") == {"calls": 0, "seconds": 0, "cents": 82}
    assert not usages.spent(company)
    usages.record(session, PAID, input_tokens=80_000, output_tokens=0)

    assert usages.spent(company)
    clock.advance(24 * 3600)
    assert usages.spent(company)
    clock.advance(31 * 24 * 3600)
    assert not usages.spent(company)


def test_a_month_that_models_have_spent_buys_no_call(usages: Usages, session: Session, ledger: Ledger) -> None:
    usages.record(session, PAID, input_tokens=400_000, output_tokens=0)

    with pytest.raises(LimitReached, match="this month"):
        ledger.reserve(
            a_company(limits={"money_per_month": 5.99}), "s1", "key", "print", 0.5, mode="video", vendor="tavus"
        )


def test_no_money_at_all_is_spent_from_the_start(usages: Usages) -> None:
    assert usages.spent(a_company(limits={"money_per_day": 0}))

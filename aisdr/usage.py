"""What language models and narrators used: tokens, characters and money, by conversation and by the company's day.

Two rows are written for every model call that used tokens, and two like them (`spoken#{provider}`) for a sentence:

- `{company}#session#{session}` / `usage#{provider}#{model}`: company_id, session_id, provider, model, calls,
  input_tokens, output_tokens, money_micros (millionths of the currency of `limits.moneyPerDay`), first_at, last_at
  (epoch seconds).
- the ledger's row of the UTC day, `{company}#ledger` / `day#2026-11-22`: model_calls, input_tokens, output_tokens,
  characters, money_micros, and `cents`, which all that costs shares. Whole cents are added to the month as well.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from aisdr.budget import Spending, account_key, correct, day_key, day_of, is_spent
from aisdr.company import Company
from aisdr.configuration import ModelChoice
from aisdr.errors import Conflict, StoreBusy
from aisdr.metrics import MONEY, count
from aisdr.session import Session, session_key
from aisdr.table import Item, Table
from aisdr.tenant import TenantScope

MICROS_PER_CENT = 10_000
MICROS = 1_000_000
_PREFIX, _SPOKEN = "usage#", "spoken#"


@dataclass(frozen=True)
class ModelUsage:
    """What one model used in one conversation."""

    provider: str
    model: str
    calls: int
    input_tokens: int
    output_tokens: int
    money_micros: int
    first_at: float
    last_at: float


@dataclass(frozen=True)
class SpeechUsage:
    """What one provider read aloud in one conversation."""

    provider: str
    calls: int
    characters: int
    money_micros: int
    first_at: float
    last_at: float


class Usages:
    """The store of what models and narrators used."""

    def __init__(self, table: Table, clock: Callable[[], float] = time.time) -> None:
        self._table = table
        self._clock = clock

    def record(self, session: Session, choice: ModelChoice, *, input_tokens: int, output_tokens: int) -> None:
        """Adds one model call. One that used no tokens, as the embedded model's, leaves no row."""
        if input_tokens + output_tokens == 0:
            return
        now = self._clock()
        counted = {":one": 1, ":in": input_tokens, ":out": output_tokens}
        # A price for a million tokens in money is a price for one token in millionths of it.
        micros = {":micros": round(input_tokens * choice.input_price + output_tokens * choice.output_price)}
        if micros[":micros"]:
            count(MONEY, micros[":micros"] / MICROS, company_id=session.company_id)
        self._table.update(
            session.key,
            f"{_PREFIX}{choice.provider}#{choice.model}",
            "SET provider = :provider, model = :model, company_id = :company, session_id = :session, "
            "first_at = if_not_exists(first_at, :now), last_at = :now, expires_at = :expires "
            "ADD calls :one, input_tokens :in, output_tokens :out, money_micros :micros",
            values=counted
            | micros
            | {
                ":provider": choice.provider,
                ":model": choice.model,
                ":company": session.company_id,
                ":session": session.session_id,
                ":now": now,
                ":expires": session.kept_until(now),
            },
        )
        change = "ADD model_calls :one, input_tokens :in, output_tokens :out, money_micros :micros"
        self._add_to_day(session.company_id, now, change, counted | micros)

    def record_speech(self, session: Session, provider: str, characters: int, price: float) -> None:
        """Adds what was read aloud. `price` is for a million characters."""
        now = self._clock()
        micros = {":micros": round(characters * price)}
        count(MONEY, micros[":micros"] / MICROS, company_id=session.company_id, mode="tts")
        self._table.update(
            session.key,
            f"{_SPOKEN}{provider}",
            "SET provider = :provider, company_id = :company, session_id = :session, "
            "first_at = if_not_exists(first_at, :now), last_at = :now, expires_at = :expires "
            "ADD calls :one, characters :more, money_micros :micros",
            values=micros
            | {
                ":one": 1,
                ":more": characters,
                ":provider": provider,
                ":company": session.company_id,
                ":session": session.session_id,
                ":now": now,
                ":expires": session.kept_until(now),
            },
        )
        self._add_to_day(
            session.company_id, now, "ADD characters :more, money_micros :micros", micros | {":more": characters}
        )

    def spent(self, company: Company) -> bool:
        """Whether the company's money of this UTC day or month is used up, by calls, models and speech together."""
        return is_spent(self._table, company, self._clock())

    def of(self, session: Session) -> list[ModelUsage]:
        """What each model used in this conversation."""
        return [_usage(item) for item in self._table.query(session.key, prefix=_PREFIX)]

    def each(self, scope: TenantScope) -> Iterator[tuple[str, ModelUsage]]:
        """Session id and use of each model in all conversations of a company. Operators only."""
        for item in self._table.scan_owner(session_key(scope.company_id, ""), _PREFIX):
            yield item["session_id"], _usage(item)

    def spoken(self, scope: TenantScope) -> Iterator[tuple[str, SpeechUsage]]:
        """Session id and what each provider read aloud, in all conversations of a company. Operators only."""
        for item in self._table.scan_owner(session_key(scope.company_id, ""), _SPOKEN):
            yield item["session_id"], SpeechUsage(**{name: item[name] for name in SpeechUsage.__dataclass_fields__})

    def _add_to_day(self, company_id: str, now: float, change: str, values: dict[str, Any]) -> None:
        today = day_of(now)
        day = self._table.update(
            account_key(company_id),
            day_key(today),
            # The zeros let a live call be reserved on a day that began with a typed question: it compares all three.
            f"{change}, calls :zero, seconds :zero, cents :zero, model_cents :zero",
            values=values | {":zero": 0},
        )
        if day is not None:
            self._count_whole_cents(company_id, day, today)

    def _count_whole_cents(self, company_id: str, day: Item, today: str) -> None:
        """Moves whole cents to where live calls count theirs. What is interrupted or raced is caught up by the next."""
        due = day["money_micros"] // MICROS_PER_CENT - day["model_cents"]
        if due <= 0:
            return
        with contextlib.suppress(Conflict, StoreBusy), self._table.transaction(Conflict("counted")) as writes:
            correct(
                writes,
                company_id,
                today,
                Spending(calls=0, seconds=0, cents=due),
                also="model_cents :cents",
                condition="model_cents = :counted",
                values={":counted": day["model_cents"]},
            )


def _usage(item: Item) -> ModelUsage:
    return ModelUsage(**{name: item[name] for name in ModelUsage.__dataclass_fields__})

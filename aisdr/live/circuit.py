"""A vendor who fails is left alone for a while, by all environments at once, and asked again by one of them.

The circuits are Powertools', one for each operation of a vendor; their state stands beside the conversations, where
every environment reads it. Why these numbers: docs/decisions/0023-circuits-of-paid-vendors.md.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from aisdr.errors import AisdrError, LeftAlone, LimitReached, NotConfigured, VendorDown
from aisdr.observability import logger
from aisdr.table import Table
from aisdr.table.schema import TIME_TO_LIVE

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.circuit_breaker import CircuitTransition
    from aws_lambda_powertools.utilities.circuit_breaker.persistence import CircuitBreakerPersistenceLayer

OWNER = "circuits"
"""Partition key of all of them; no company may be called so, for theirs begin with a company's id and `#`."""
FAILURES = 3
RECOVERY_SECONDS, MOST_JITTER_SECONDS = 18, 2
"""With a look that is waited for in vain (`vendor_client.LOOK_SECONDS`) a mode is offered again within 25 (S-07)."""
KEY_SECONDS = 300
CREDITS_SECONDS = 600
BELIEVED_SECONDS = 1
"""How long an environment believes what it read: a recovery that another one saw must not wait for longer."""
OUT_OF_CREDIT = "vendor_credits"

T = TypeVar("T")


class _Counted(Exception):
    """What the circuit counts, around the error that it was."""

    def __init__(self, error: AisdrError) -> None:
        self.error = error


@dataclass(frozen=True)
class _Answered(Generic[T]):
    """What `ask` returned."""

    answer: T


@dataclass(frozen=True)
class _Refused:
    """What the circuit takes for success as well: a refusal that the vendor was well enough to give."""

    error: AisdrError


@dataclass(frozen=True)
class _Rule:
    """Which errors open a circuit, after how many, and for how long."""

    name: str
    counts: Callable[[AisdrError], bool]
    failures: int
    seconds: int


_FAILING = _Rule("failing", lambda error: isinstance(error, VendorDown), FAILURES, RECOVERY_SECONDS)
_CREDITS = _Rule("credits", lambda error: error.code == OUT_OF_CREDIT, 1, CREDITS_SECONDS)


class Circuits:
    """The circuits of one vendor, as one environment sees them. `key_code` is the error that says of a key that it is
    refused."""

    def __init__(self, table: Table, vendor: str, key_code: str) -> None:
        self._table = table
        self._vendor = vendor
        self._key_code = key_code
        self._key = _Rule("key", lambda error: error.code == key_code, 1, KEY_SECONDS)
        self._jitter = random.randint(0, MOST_JITTER_SECONDS)  # noqa: S311 - only spreads the environments  # nosec B311

    @cached_property
    def store(self) -> "CircuitBreakerPersistenceLayer":
        """Imported when a vendor is first asked: no other request needs it."""
        from aws_lambda_powertools.utilities.circuit_breaker.persistence import CircuitBreakerDynamoDBPersistence

        return CircuitBreakerDynamoDBPersistence(
            self._table.name,
            key_attr="pk",
            static_pk_value=OWNER,
            sort_key_attr="sk",
            state_attr="circuit_state",
            expiry_attr=TIME_TO_LIVE,
            boto3_client=self._table.client,
        )

    def ask(self, operation: str, ask: Callable[[], T]) -> T:
        """Asks unless the vendor failed three times in a row at this operation.

        Raises:
            LeftAlone: nobody was asked.
            AisdrError: what `ask` raised.
        """
        return self._within(_FAILING, operation, ask)

    def buy(self, operation: str, ask: Callable[[], T], *, look: Callable[[], Any]) -> T:
        """Asks for something that costs money; `look` is what costs nothing, and is asked first after an outage.

        A key that is refused and an account without credit open circuits of their own at once, for minutes: every call
        would fail, and only the operator can help.

        Raises:
            LeftAlone, NotConfigured, LimitReached: nobody was asked.
            AisdrError: what `ask` raised.
        """

        def carefully() -> T:
            if self._is_probe(operation):
                look()
            return ask()

        def with_credit() -> T:
            return self._within(_CREDITS, operation, lambda: self._within(_FAILING, operation, carefully))

        return self._within(self._key, operation, with_credit)

    def _is_probe(self, operation: str) -> bool:
        """The state was read or written a moment ago, so this asks nobody."""
        from aws_lambda_powertools.utilities.circuit_breaker import CircuitState

        return self.store.get_state(self._name(_FAILING, operation)).state != CircuitState.CLOSED

    def _within(self, rule: _Rule, operation: str, ask: Callable[[], T]) -> T:
        from aws_lambda_powertools.utilities.circuit_breaker import (
            CircuitBreakerConfig,
            CircuitBreakerOpenError,
            circuit_breaker,
        )

        def counted() -> _Answered[T] | _Refused:
            try:
                return _Answered(ask())
            except LeftAlone:
                raise  # an inner circuit is open, which says nothing about this one
            except AisdrError as error:
                if rule.counts(error):
                    raise _Counted(error) from error
                # Handed on as an answer: an error that counts for nothing would leave a probe without an outcome.
                return _Refused(error)

        config = CircuitBreakerConfig(
            failure_threshold=rule.failures,
            recovery_timeout=rule.seconds + self._jitter,
            success_threshold=1,
            handled_exceptions=_Counted,
            local_cache_max_age=BELIEVED_SECONDS,
        )
        guarded = circuit_breaker(self._name(rule, operation), self.store, on_transition=_told, config=config)(counted)
        try:
            outcome: _Answered[T] | _Refused = guarded()
        except CircuitBreakerOpenError as error:
            raise self._left_alone(rule) from error
        except _Counted as counted_error:
            raise counted_error.error from counted_error.error.__cause__
        if isinstance(outcome, _Refused):
            raise outcome.error
        return outcome.answer

    def _left_alone(self, rule: _Rule) -> AisdrError:
        match rule.name:
            case "key":
                return NotConfigured(
                    f"The key for {self._vendor} was refused a moment ago; the operator has been told",
                    code=self._key_code,
                    retry_after=rule.seconds,
                )
            case "credits":
                return LimitReached(
                    f"The {self._vendor} account is out of credit; the operator has been told",
                    code=OUT_OF_CREDIT,
                    retry_after=rule.seconds,
                )
            case _:
                return LeftAlone(
                    f"{self._vendor} has failed several times and is left alone for a moment",
                    vendor=self._vendor,
                    retryable=True,
                    retry_after=rule.seconds,
                )

    def _name(self, rule: _Rule, operation: str) -> str:
        return f"{self._vendor}/{operation}/{rule.name}"


def _told(transition: "CircuitTransition") -> None:
    """One line for each change. Who is woken by which stands in docs/operations.md."""
    vendor, operation, rule = transition.circuit_name.split("/")
    facts: dict[str, Any] = {"vendor": vendor, "operation": operation, "before": transition.from_state.value}
    match transition.to_state.value, rule:
        case "OPEN", "key":
            logger.error("vendor refuses key", **facts)
        case "OPEN", "credits":
            logger.error("vendor account empty", **facts)
        case "OPEN", _:
            logger.error("vendor left alone", **facts)
        case state, _:
            logger.info("vendor asked again", rule=rule, after=state, **facts)

"""Several execution environments of one function within a process: each counts a vendor's failures by itself.

Powertools counts in the module `circuit_breaker.base` and has nothing that one could exchange, so an environment puts
its own counts there while it lives. Its clock is `datetime.now`, which is exchanged in the same way.
"""

import datetime
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, TypeVar

from aws_lambda_powertools.utilities.circuit_breaker import base
from aws_lambda_powertools.utilities.circuit_breaker.persistence import base as persistence
from aws_lambda_powertools.utilities.circuit_breaker.persistence import dynamodb

from aisdr.live.circuit import Circuits

T = TypeVar("T")
_COUNTS = ("_LOCAL_FAILURES", "_LOCAL_SUCCESSES", "_LAST_OBSERVED_STATE", "_PROBE_OWNER")


class Environment:
    """One at a time lives; within the life of one another may, as it is when a call waits for its vendor."""

    def __init__(self, circuits: Circuits) -> None:
        self.circuits = circuits
        self._counts: dict[str, Any] = {name: {} for name in _COUNTS[:3]} | {_COUNTS[3]: threading.local()}

    def live(self, do: Callable[[Circuits], T]) -> T:
        outside = {name: getattr(base, name) for name in _COUNTS}
        for name, counts in self._counts.items():
            setattr(base, name, counts)
        try:
            return do(self.circuits)
        finally:
            for name, counts in outside.items():
                setattr(base, name, counts)


def time_of_circuits(clock: Callable[[], float], exchange: Callable[[Any, str, Any], object] = setattr) -> None:
    """From now on circuits go by this clock, epoch seconds. `exchange` may be pytest's, which takes it back."""
    now = SimpleNamespace(now=lambda: SimpleNamespace(timestamp=clock))
    for module in (base, persistence, dynamodb):
        exchange(module, "dt", SimpleNamespace(datetime=now))


@contextmanager
def circuits_go_by(clock: Callable[[], float]) -> Iterator[None]:
    """The same within a block."""
    time_of_circuits(clock)
    try:
        yield
    finally:
        for module in (base, persistence, dynamodb):
            module.dt = datetime  # type: ignore[attr-defined]

"""What one figure of the scoreboard came to, and how much of the work its short and its whole form do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Form = Literal["small", "full"]
"""`small` runs in `make test` within seconds; `full` is the claim that stands in docs/benchmarks.md."""


@dataclass(frozen=True)
class Figure:
    """One line of the scoreboard.

    `value` and `target` are for people ("0 of 4,000", "0"); `met` is what decides. `facts` are the counts behind it,
    for the JSON line and for the tests.
    """

    value: str
    target: str
    met: bool
    facts: dict[str, Any]


Measure = Callable[[Form], Figure]

"""What an operator's erasure did: how much went from which store, what stays and why, and what is left to do."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aisdr.errors import AisdrError

ATTEMPTS = 5
"""How often a vendor is asked in one run; the reconciler goes on asking, or the operator's next run does."""
PAUSE_SECONDS = 2.0


@dataclass
class Erased:
    """Filled while it is done, so that what an error ends half-way can be told as well."""

    company_id: str
    dry_run: bool = False
    removed: dict[str, int] = field(default_factory=dict)
    """Store → how many rows, objects or documents; in a dry run, how many would go."""
    kept: list[str] = field(default_factory=list)
    """What stays by intent, and why."""
    left: list[str] = field(default_factory=list)
    """What could not be erased now. Empty: it is done; otherwise the same command goes on where it stopped."""

    def count(self, store: str, number: int = 1) -> None:
        if number:
            self.removed[store] = self.removed.get(store, 0) + number

    def unless_done(self, what: str, act: Callable[[], Any], pause: Callable[[float], None], then: str = "") -> None:
        """Tries `act` again after a while each time. What stays undone is written down, with what happens `then`."""
        problem = ""
        for attempt in range(ATTEMPTS):
            try:
                act()
                return
            except AisdrError as error:
                problem = error.code
            if attempt < ATTEMPTS - 1:
                pause(PAUSE_SECONDS * 2**attempt)
        self.left.append(f"{what} ({problem}){then}")

"""What an operator's erasure did: how much went from which store, what stays and why, and what is left to do."""

from dataclasses import dataclass, field


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

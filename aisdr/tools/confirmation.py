"""What waits for the visitor's word: the exact values that a tool would write down, and what became of them.

A confirmation is pending until somebody claims it, a lease while the effect happens, and a record once there is an
outcome. Whoever dies in between leaves a lease that runs out; the next one does the same again under the same key. What
was agreed stands in the open index until then: the reconciler finds it when the visitor does not come back.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from aisdr.errors import NotFound
from aisdr.session import Session
from aisdr.table import Item, Table

CONFIRMATION_SECONDS = 1800
"""How long a visitor may think about it."""
LEASE_SECONDS = 60
"""Longer than any function may run."""
MOST_TRIES = 5
"""A confirmation that kills everybody who carries it out is given up."""
_GROUP = "confirmation"


@dataclass(frozen=True)
class Confirmation:
    """A call of a writing tool. `outcome` is JSON text once the visitor's word was carried out."""

    confirmation_id: str
    tool: str
    digest: str
    """What was called with which arguments: the same call again is the same confirmation, another one is a conflict."""
    arguments: str
    """JSON text, because the table's numbers are narrower than JSON's."""
    answer: str
    """What the caller was told, as JSON text; whoever repeats the call is told the same."""
    outcome: str | None = None
    agreed: bool = False
    """Whether the visitor's yes was claimed before: then the effect may have happened already."""
    tries: int = 0


class Confirmations:
    """The store of calls that a visitor has to confirm, one partition a session.

    It shares its keys with the record of all tool calls, so that one call id cannot mean two things.
    """

    def __init__(self, table: Table, clock: Callable[[], float] = time.time) -> None:
        self._table = table
        self._clock = clock

    def open(self, session: Session, wanted: Confirmation) -> Confirmation | None:
        """Stores it, or returns the one that the same call opened before; None when the id belongs to another call."""
        item = {
            "pk": session.key,
            "sk": _key(wanted.confirmation_id),
            "tool": wanted.tool,
            "digest": wanted.digest,
            "arguments": wanted.arguments,
            "answer": wanted.answer,
            "expires_at": int(self._clock() + CONFIRMATION_SECONDS),
        }
        if self._table.put_new(item):
            return wanted
        first = self.get(session, wanted.confirmation_id)
        return first if first and first.digest == wanted.digest else None

    def get(self, session: Session, confirmation_id: str) -> Confirmation | None:
        item = self._table.get(session.key, _key(confirmation_id))
        return _read(confirmation_id, item) if item and "answer" in item else None

    def known(self, session: Session, confirmation_id: str) -> Confirmation:
        """Raises: NotFound."""
        confirmation = self.get(session, confirmation_id)
        if confirmation is None:
            message = "There is nothing to confirm any more; ask the representative once again"
            raise NotFound(message, code="confirmation_not_found")
        return confirmation

    def claim(self, session: Session, confirmation: Confirmation, arguments: str | None) -> Confirmation | None:
        """The right to carry the visitor's word out, for one caller at a time; None when somebody has it or had it.

        `arguments` is None for a no. The first yes fixes word and values: whoever comes after a death must write what
        the dead one may have written.
        """
        now = self._clock()
        change = "SET lease_until = :lease, expires_at = :kept"
        values: dict[str, Any] = {":lease": now + LEASE_SECONDS, ":now": now, ":kept": session.kept_until(now)}
        if arguments is not None:
            change += (
                ", agreed = if_not_exists(agreed, :arguments), asked_in = :session, open_group = :group, "
                "open_until = :lease ADD tries :one"
            )
            values |= {":arguments": arguments, ":session": asdict(session), ":group": _GROUP, ":one": 1}
        item = self._table.update(
            session.key,
            _key(confirmation.confirmation_id),
            change,
            values=values,
            condition="attribute_exists(answer) AND attribute_not_exists(outcome) "
            "AND (attribute_not_exists(lease_until) OR lease_until <= :now)",
        )
        return _read(confirmation.confirmation_id, item) if item else None

    def reopen(self, session: Session, confirmation: Confirmation, *, untouched: bool) -> None:
        """Gives a claim back. `untouched` says that surely nothing was written, so the values may change again."""
        self._table.update(
            session.key,
            _key(confirmation.confirmation_id),
            f"SET expires_at = :pending REMOVE lease_until{', agreed, open_group, open_until' if untouched else ''}",
            values={":pending": int(self._clock() + CONFIRMATION_SECONDS)},
            condition="attribute_not_exists(outcome)",
        )

    def finish(self, session: Session, confirmation: Confirmation, outcome: str) -> None:
        self._table.update(
            session.key,
            _key(confirmation.confirmation_id),
            "SET outcome = :outcome REMOVE lease_until, open_group, open_until",
            values={":outcome": outcome},
        )

    def abandoned(self) -> Iterator[tuple[Session, Confirmation]]:
        """What was agreed and has no outcome although its lease ran out."""
        for item in self._table.query_open(_GROUP, until=self._clock()):
            yield Session(**item["asked_in"]), _read(item["sk"].removeprefix(_PREFIX), item)


_PREFIX = "toolcall#"


def _key(confirmation_id: str) -> str:
    return f"{_PREFIX}{confirmation_id}"


def _read(confirmation_id: str, item: Item) -> Confirmation:
    return Confirmation(
        confirmation_id,
        item["tool"],
        item["digest"],
        item["agreed"] if "agreed" in item else item["arguments"],
        item["answer"],
        item.get("outcome"),
        "agreed" in item,
        item.get("tries", 0),
    )

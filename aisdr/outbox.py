"""Messages that must leave the building: stored with what they tell of, kept until a company's webhook took them.

A message is pending until it is delivered or dead. Each claim leases it, so that two senders never send it at once; a
sender that dies after sending lets it be sent again under the same id, which is why delivery is at least once and the
receiver drops an id that it has seen.
"""

import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from aisdr.company import Company
from aisdr.session import RETENTION_SECONDS
from aisdr.table import Item, Table, Transaction
from aisdr.tenant import TenantScope
from aisdr.wire import iso_time

MessageKind = Literal["lead.created", "lead.updated", "handover.requested", "conversation.ended", "conversation.erased"]
MessageState = Literal["pending", "delivered", "dead"]

LEASE_SECONDS = 60
"""Longer than one delivery may take, and than the function that delivers may run."""
_GROUP = "outbox"
_PREFIX = "message#"


@dataclass(frozen=True)
class Message:
    """One thing to tell one company. `body` is the JSON text that is signed and sent, empty once it was delivered."""

    message_id: str
    company_id: str
    kind: MessageKind
    state: MessageState
    body: str
    created_at: float
    attempts: int
    due_at: float | None
    reason: str | None
    """What went wrong at the last attempt, without content."""


def enqueue(
    writes: Transaction, company: Company, kind: MessageKind, data: Mapping[str, Any], now: float
) -> str | None:
    """Adds a message to the transaction that stores what it tells of. None when the company wants none."""
    if company.webhook is None:
        return None
    message_id = f"msg_{int(now * 1000):012x}{secrets.token_hex(10)}"
    body = {"type": kind, "timestamp": iso_time(now), "data": data}
    item: Item = {
        "pk": _partition(company.company_id),
        "sk": _PREFIX + message_id,
        "message_id": message_id,
        "company_id": company.company_id,
        "kind": kind,
        "message_state": "pending",
        "body": json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False),
        "created_at": now,
        "attempts": 0,
        "open_group": _GROUP,
        "open_until": int(now),
        # It tells of a person, too: what nobody took in all that time is no longer anybody's to take.
        "expires_at": int(now + company.retention.lead_seconds),
    }
    writes.put(item)
    return message_id


class Outbox:
    """The store of messages. A pending one is kept as long as a lead; delivered, dead or revived, for 30 days."""

    def __init__(self, table: Table, clock: Callable[[], float] = time.time) -> None:
        self._table = table
        self._clock = clock

    def due(self) -> Iterator[Message]:
        """Messages whose next attempt may be made, longest waiting first; read page by page."""
        return map(_message, self._table.query_open(_GROUP, until=self._clock()))

    def claim(self, message: Message) -> Message | None:
        """Takes a due message for one attempt. None when somebody else has it or it is no longer pending."""
        now = self._clock()
        item = self._update(
            message,
            "SET open_until = :lease ADD attempts :one",
            condition="message_state = :pending AND open_until <= :now",
            values={":lease": int(now + LEASE_SECONDS), ":one": 1, ":pending": "pending", ":now": now},
        )
        return _message(item) if item else None

    def delivered(self, message: Message) -> None:
        """The company has it: its content is not kept. True even for a sender whose lease ran out."""
        self._close(message, "delivered", "REMOVE open_group, open_until, body, reason", "message_state = :pending", {})

    def postpone(self, message: Message, seconds: float, reason: str) -> None:
        """This attempt failed. Does nothing when another sender holds the message by now."""
        self._update(
            message,
            "SET open_until = :next, reason = :reason",
            condition="message_state = :pending AND attempts = :mine",
            values={
                ":next": int(self._clock() + seconds),
                ":reason": reason,
                ":pending": "pending",
                ":mine": message.attempts,
            },
        )

    def bury(self, message: Message, reason: str) -> None:
        """No further attempt is made, unless an operator asks for it."""
        self._close(
            message,
            "dead",
            "REMOVE open_group, open_until",
            "message_state = :pending AND attempts = :mine",
            {":mine": message.attempts, ":reason": reason},
        )

    def revive(self, message: Message) -> bool:
        """Gives a dead message all its attempts again, from now on. False when it is not dead (any more)."""
        now = self._clock()
        item = self._update(
            message,
            "SET message_state = :pending, attempts = :zero, open_group = :group, open_until = :now, "
            "expires_at = :expires REMOVE closed_at",
            condition="message_state = :dead",
            values={
                ":pending": "pending",
                ":zero": 0,
                ":group": _GROUP,
                ":now": int(now),
                ":dead": "dead",
                ":expires": int(now + RETENTION_SECONDS),
            },
        )
        return item is not None

    def each(self, scope: TenantScope) -> Iterator[Message]:
        """All that is known of a company's messages, oldest first. For operators."""
        return map(_message, self._table.pages(_partition(scope.company_id), prefix=_PREFIX))

    def _close(
        self, message: Message, state: MessageState, removed: str, condition: str, values: dict[str, Any]
    ) -> None:
        now = self._clock()
        why = ", reason = :reason" if ":reason" in values else ""
        self._update(
            message,
            f"SET message_state = :state, closed_at = :now, expires_at = :expires{why} {removed}",
            condition=condition,
            values={":state": state, ":now": now, ":expires": int(now + RETENTION_SECONDS), ":pending": "pending"}
            | values,
        )

    def _update(self, message: Message, expression: str, *, condition: str, values: Mapping[str, Any]) -> Item | None:
        return self._table.update(
            _partition(message.company_id),
            _PREFIX + message.message_id,
            expression,
            condition=condition,
            values=values,
        )


def _partition(company_id: str) -> str:
    return f"{company_id}#outbox"


def _message(item: Item) -> Message:
    return Message(
        item["message_id"],
        item["company_id"],
        item["kind"],
        item["message_state"],
        item.get("body", ""),
        item["created_at"],
        item["attempts"],
        item.get("open_until"),
        item.get("reason"),
    )

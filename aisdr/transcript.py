"""What was said, in every mode, as one list of turns per session."""

import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

from aisdr.answer import Answer
from aisdr.company import TenantScope
from aisdr.errors import Conflict
from aisdr.events import Role
from aisdr.session import RETENTION_SECONDS, Session, session_key
from aisdr.table import Item, Table

MAX_TURN_CHARACTERS = 8000


@dataclass(frozen=True)
class Turn:
    """One utterance. `said_at` is epoch seconds.

    `answer` is what the visitor saw with it: sources, pictures, things arranged. What only appeared on the screen, such
    as a card during a call, is a turn with an empty text.
    """

    role: Role
    text: str
    said_at: float
    channel: str
    answer: Answer | None = None


class Transcripts:
    """The store of turns."""

    def __init__(self, table: Table, clock: Callable[[], float] = time.time) -> None:
        self._table = table
        self._clock = clock
        self._appended = count()

    def append(
        self,
        session: Session,
        role: Role,
        text: str,
        *,
        channel: str,
        key: str | None = None,
        answer: Answer | None = None,
        said_at: float | None = None,
    ) -> bool:
        """Adds a turn. With a `key` a repeated utterance is stored once; returns whether it was stored.

        Turns are ordered by when they are appended, or `said_at` for one that is told late; the rest of the sort key
        parts those of one microsecond.
        """
        now = self._clock() if said_at is None else said_at
        turn: Item = {
            "pk": session.key,
            "sk": f"turn#{int(now * 1e6):020d}#{next(self._appended):06d}#{secrets.token_hex(4)}",
            "role": role,
            "text": text[:MAX_TURN_CHARACTERS],
            "said_at": now,
            "channel": channel,
            "answer": answer.model_dump_json(by_alias=True) if answer else None,
            "expires_at": int(now + RETENTION_SECONDS),
        }
        if key is None:
            return self._table.put_new(turn)
        said = {"pk": session.key, "sk": f"said#{key}", "expires_at": turn["expires_at"]}
        try:
            # Together, so that a process that dies between the two cannot have said it without a turn.
            with self._table.transaction(Conflict("said before")) as writes:
                writes.put(said, condition="attribute_not_exists(pk)")
                writes.put(turn)
        except Conflict:
            return False
        return True

    def recent(self, session: Session, limit: int = 12) -> list[Turn]:
        """The newest `limit` turns, oldest first."""
        items = self._table.query(session.key, prefix="turn#", limit=limit, newest_first=True)
        return [_turn(item) for item in reversed(items)]

    def all(self, session: Session) -> list[Turn]:
        """Every turn of the conversation, oldest first."""
        return [_turn(item) for item in self._table.query(session.key, prefix="turn#")]

    def each(self, scope: TenantScope) -> Iterator[tuple[str, Turn]]:
        """Session id and turn of all that was said to a company, conversation by conversation. Operators only."""
        prefix = session_key(scope.company_id, "")
        for item in self._table.scan_owner(prefix, "turn#"):
            yield item["pk"].removeprefix(prefix), _turn(item)


def _turn(item: Item) -> Turn:
    answer = item.get("answer")
    return Turn(
        item["role"],
        item["text"],
        item["said_at"],
        item["channel"],
        Answer.model_validate_json(answer) if answer else None,
    )

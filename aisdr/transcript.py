"""What was said, in every mode, as one list of turns per session."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from aisdr.events import Role
from aisdr.session import RETENTION_SECONDS, Session
from aisdr.table import Table

MAX_TURN_CHARACTERS = 8000


@dataclass(frozen=True)
class Turn:
    """One utterance. `said_at` is epoch seconds."""

    role: Role
    text: str
    said_at: float
    channel: str


class Transcripts:
    """The store of turns."""

    def __init__(self, table: Table, clock: Callable[[], float] = time.time) -> None:
        self._table = table
        self._clock = clock

    def append(self, session: Session, role: Role, text: str, *, channel: str, key: str | None = None) -> bool:
        """Adds a turn. With a `key` a repeated utterance is stored once; returns whether it was stored."""
        now = self._clock()
        expires_at = int(now + RETENTION_SECONDS)
        if key is not None and not self._table.put_new(
            {"pk": session.key, "sk": f"said#{key}", "expires_at": expires_at}
        ):
            return False
        return self._table.put_new(
            {
                "pk": session.key,
                "sk": f"turn#{int(now * 1e6):020d}#{role}",
                "role": role,
                "text": text[:MAX_TURN_CHARACTERS],
                "said_at": now,
                "channel": channel,
                "expires_at": expires_at,
            }
        )

    def recent(self, session: Session, limit: int = 12) -> list[Turn]:
        """The newest `limit` turns, oldest first."""
        items = self._table.query(session.key, prefix="turn#", limit=limit, newest_first=True)
        return [Turn(item["role"], item["text"], item["said_at"], item["channel"]) for item in reversed(items)]

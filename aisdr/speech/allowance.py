"""How much may be read aloud: a conversation speaks no faster than people listen, whoever asks for it."""

import time
from collections.abc import Callable

from aisdr.errors import LimitReached
from aisdr.session import Session
from aisdr.table import Table

CHARACTERS_A_MINUTE = 6000
"""Six times what can be listened to in a minute: sentences are asked for ahead, and answers are skipped."""


class Allowance:
    """Counts the characters that were bought, by session and minute: rows `speech#{minute}`, with the provider."""

    def __init__(self, table: Table, clock: Callable[[], float] = time.time) -> None:
        self._table = table
        self._clock = clock

    def take(self, session: Session, characters: int, provider: str) -> None:
        """Raises: LimitReached."""
        now = self._clock()
        counted = self._table.update(
            session.key,
            f"speech#{int(now // 60)}",
            "SET company_id = :company, session_id = :session, provider = :provider, spoken_at = :now, "
            "expires_at = :expires ADD characters :more",
            values={
                ":company": session.company_id,
                ":session": session.session_id,
                ":provider": provider,
                ":now": now,
                ":expires": session.kept_until(now),
                ":more": characters,
                ":room": CHARACTERS_A_MINUTE - characters,
            },
            condition="attribute_not_exists(characters) OR characters <= :room",
        )
        if counted is None:
            raise LimitReached(
                f"More than {CHARACTERS_A_MINUTE} characters a minute are not read aloud; go on in a minute",
                code="speech_limit",
            )

"""How often tools run: a document that asks for a tool a thousand times gets it a few times, whatever the model says.

One place for all doors: what the agent, the relay, Tavus's servers and the page ask for counts together. Within one
answer the agent runs at most `base.MOST_AT_ONCE` tools a step and `limits.toolSteps` steps.
"""

from collections.abc import Callable

from aisdr.errors import LimitReached
from aisdr.session import Session
from aisdr.table import Table

MOST_OF_ALL = 150
"""Calls in one conversation: an hour's call with two and a half a minute."""
MOST_READING = 100
MOST_WRITING = 10
"""Questions put to the visitor by one tool; who has said no ten times need not be asked again."""


class Caps:
    """Counts the calls of each conversation."""

    def __init__(self, table: Table, clock: Callable[[], float]) -> None:
        self._table = table
        self._clock = clock

    def count(self, session: Session, name: str, *, writes: bool) -> None:
        """Counts one call before it runs.

        Raises:
            LimitReached: this tool, or all together, ran as often as they may in one conversation.
        """
        counted = self._table.update(
            session.key,
            "toolcalls",
            "SET expires_at = :kept ADD #all :one, #tool :one",
            values={
                ":one": 1,
                ":kept": session.kept_until(self._clock()),
                ":most": MOST_OF_ALL,
                ":share": MOST_WRITING if writes else MOST_READING,
            },
            names={"#all": "all", "#tool": f"tool {name}"},
            condition="(attribute_not_exists(#all) OR #all < :most) "
            "AND (attribute_not_exists(#tool) OR #tool < :share)",
        )
        if counted is None:
            message = f"'{name}' ran as often as tools may in one conversation; answer without it"
            raise LimitReached(message, code="too_many_tool_calls")

"""What was said in a conversation, for a page that was loaded anew."""

from collections.abc import Callable, Iterable, Sequence

from pydantic import Field

from aisdr.answer import Answer
from aisdr.configuration import Mode
from aisdr.events import Role
from aisdr.frames import FrameId
from aisdr.tools.base import Settled
from aisdr.transcript import Rating, Turn
from aisdr.wire import Body, Wire


class SpokenTurn(Wire):
    """One thing that was said, or shown. `saidAt` is epoch seconds."""

    role: Role
    text: str
    channel: str
    said_at: float
    answer: Answer | None = None
    answer_id: str | None = None
    """Under which an answer to a typed question is rated."""
    rating: Rating | None = None


class AnswerRating(Body):
    """What the visitor thinks of an answer. `answerId` is the id of its question; a `rating` of null takes it back."""

    answer_id: FrameId
    rating: Rating | None


class Conversation(Wire):
    """All that was said in a session, oldest first, and the live mode it is in, for a page that was loaded anew.

    `confirmations` tells of confirm cards in it, by their id, what became of them; the others are still open.
    """

    turns: tuple[SpokenTurn, ...]
    mode: Mode | None = None
    confirmations: dict[str, Settled] = Field(default_factory=dict)


def retold(
    said: Iterable[Turn], mode: Mode | None, settled: Callable[[Sequence[str]], dict[str, Settled]]
) -> Conversation:
    """The turns as a page shows them. `settled` tells what became of confirmations."""
    turns = [
        SpokenTurn(
            role=turn.role,
            text=turn.text,
            channel=turn.channel,
            said_at=turn.said_at,
            answer=turn.answer,
            answer_id=turn.answer_id,
            rating=turn.rating,
        )
        for turn in said
    ]
    shown = [action for turn in turns if turn.answer for action in turn.answer.actions]
    asked = [action.confirmation_id for action in shown if action.kind == "confirm"]
    return Conversation(turns=tuple(turns), mode=mode, confirmations=settled(asked) if asked else {})

"""What was said, in every mode, as one list of turns per session, in the order in which it was said."""

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, groupby
from typing import Literal

from aisdr.answer import Answer
from aisdr.errors import Conflict, NotFound
from aisdr.events import Role
from aisdr.session import Session, session_key
from aisdr.table import Item, Table
from aisdr.tenant import TenantScope
from aisdr.unseen import seen

MAX_TURN_CHARACTERS = 8000

Rating = Literal["good", "bad"]


@dataclass(frozen=True)
class Turn:
    """One utterance. `said_at` is epoch seconds.

    `answer` is what the visitor saw with it: sources, pictures, things arranged. What only appeared on the screen, such
    as a card during a call, is a turn with an empty text. `cut` says that it was interrupted: `text` is what was heard.
    `language` is the code of the one it was spoken in, where a vendor told. `answer_id` is the browser's own name of an
    answer to a typed question, and `rating` what the visitor thinks of it.
    """

    role: Role
    text: str
    said_at: float
    channel: str
    answer: Answer | None = None
    cut: bool = False
    language: str | None = None
    answer_id: str | None = None
    rating: Rating | None = None


def place_of(opened_at: float, number: int) -> str:
    """Where a live event stands among all of a conversation: by the socket that brought it, then by its number.

    Function instances serve the events of one socket side by side, so the moment at which one is written says little.
    """
    return f"{int(opened_at * 1e6):020d}#{number:017d}"


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
        language: str | None = None,
        place: str | None = None,
        begun: str | None = None,
    ) -> bool:
        """Adds a turn. With a `key` a repeated utterance is stored once; returns whether it was stored.

        A turn stands where it was appended, or at `said_at` when it is told late; one of a live call stands at its
        `place` among those of live calls, or where `begin` saw `begun` begin.
        """
        turn = self._turn(session, role, text, channel, said_at) | _known(place=place, language=language)
        turn["answer"] = answer.model_dump_json(by_alias=True) if answer else None
        turn |= _known(answer_id=key.removeprefix(_ANSWERED) if key and key.startswith(_ANSWERED) else None)
        return self._table.put_new(turn) if key is None else self._say(turn, key, begun)

    def begin(self, session: Session, begun: str, place: str) -> None:
        """An utterance begins here that is told later, as a visitor's words are when they have been written down.

        Of several beginnings the last one counts, and the words may have been quicker.
        """
        said = self._table.update(
            session.key,
            _said(begun),
            "SET place = :place, expires_at = :until",
            values={":place": place, ":until": session.kept_until(self._clock())},
            condition="attribute_not_exists(place) OR place < :place",
        )
        if said is not None and "turn" in said:
            moved = {":place": place}
            condition = "attribute_exists(pk)"
            self._table.update(session.key, said["turn"], "SET place = :place", values=moved, condition=condition)

    def correct(
        self,
        session: Session,
        role: Role,
        text: str,
        *,
        channel: str,
        key: str,
        place: str,
        cut: bool = False,
        begun: str | None = None,
    ) -> None:
        """Of the utterance `key` this was really said, whether what was meant is stored already or still to come.

        Of several corrections the one with the last place counts.
        """
        text = text[:MAX_TURN_CHARACTERS]
        said = self._table.get(session.key, _said(key))
        if said is None or "turn" not in said:
            turn = self._turn(session, role, text, channel) | {"place": place, "corrected": place, "cut": cut}
            if self._say(turn, key, begun):
                return
            said = self._table.get(session.key, _said(key))
        if said is not None and "turn" in said:
            self._table.update(
                session.key,
                said["turn"],
                "SET #text = :text, cut = :cut, corrected = :place",
                values={":text": seen(text), ":cut": cut, ":place": place, ":role": role},
                condition="#role = :role AND (attribute_not_exists(corrected) OR corrected < :place)",
                names={"#text": "text", "#role": "role"},
            )

    def rate(self, session: Session, answer_id: str, rating: Rating | None) -> None:
        """Stores with an answer what the visitor thinks of it; None takes it back.

        Raises:
            NotFound: the conversation has no such answer.
        """
        said = self._table.get(session.key, _said(answered(answer_id)))
        turn = said.get("turn") if said else None
        rated = turn and self._table.update(
            session.key,
            turn,
            "SET rating = :rating",
            values={":rating": rating},
            condition="attribute_exists(pk)",
        )
        if not rated:
            raise NotFound("'answerId' is no answer of this conversation", code="answer_not_found")

    def recent(self, session: Session, limit: int = 12) -> list[Turn]:
        """The newest `limit` turns, oldest first."""
        items = self._table.query(session.key, prefix=_PREFIX, limit=limit, newest_first=True)
        return [_read(item) for item in _in_order(items[::-1])]

    def all(self, session: Session) -> list[Turn]:
        """Every turn of the conversation, oldest first."""
        return [_read(item) for item in _in_order(self._table.query(session.key, prefix=_PREFIX))]

    def each(self, scope: TenantScope) -> Iterator[tuple[str, Turn]]:
        """Session id and turn of all that was said to a company, conversation by conversation. Operators only."""
        prefix = session_key(scope.company_id, "")
        for pk, items in groupby(self._table.scan_owner(prefix, _PREFIX), key=lambda item: str(item["pk"])):
            for item in _in_order([*items]):
                yield pk.removeprefix(prefix), _read(item)

    def _turn(self, session: Session, role: Role, text: str, channel: str, said_at: float | None = None) -> Item:
        """The rest of the sort key parts turns of one microsecond."""
        now = self._clock() if said_at is None else said_at
        return {
            "pk": session.key,
            "sk": f"{_PREFIX}{int(now * 1e6):020d}#{next(self._appended):06d}#{secrets.token_hex(4)}",
            "role": role,
            "text": seen(text[:MAX_TURN_CHARACTERS]),
            "said_at": now,
            "channel": channel,
            "expires_at": session.kept_until(now),
        }

    def _say(self, turn: Item, key: str, begun: str | None) -> bool:
        """Stores a turn under its key, unless there is one."""
        beginning = self._table.get(turn["pk"], _said(begun)) if begun else None
        place = _known(place=beginning.get("place")) if beginning else {}
        condition = "attribute_not_exists(turn)"
        if begun == key and not place:
            condition += " AND attribute_not_exists(place)"
        try:
            # Together, so that a process that dies between the two cannot have said it without a turn.
            with self._table.transaction(Conflict("said before")) as writes:
                writes.update(
                    turn["pk"],
                    _said(key),
                    "SET turn = :turn, expires_at = :until",
                    condition=condition,
                    values={":turn": turn["sk"], ":until": turn["expires_at"]},
                )
                writes.put(turn | place)
        except Conflict:
            said = self._table.get(turn["pk"], _said(key)) if begun == key and not place else None
            # It began while we were writing: once more, in its place.
            return said is not None and "turn" not in said and "place" in said and self._say(turn, key, begun)
        return True


_PREFIX = "turn#"
_ANSWERED = "answered#"


def answered(question_id: str) -> str:
    """The key of the answer to the question that the browser gave this id."""
    return f"{_ANSWERED}{question_id}"


def _said(key: str) -> str:
    return f"said#{key}"


def _known(**values: str | None) -> Item:
    return {name: value for name, value in values.items() if value is not None}


def _in_order(items: Sequence[Item]) -> list[Item]:
    """As it was said. `items` come as they were written.

    What has a place was said before whatever stands behind it, and so at the latest when the first of those was
    written. What has none, such as a typed question, keeps its moment.
    """
    first: Item | None = None
    moments: dict[str, Item] = {}
    for item in sorted((each for each in items if "place" in each), key=_place, reverse=True):
        first = item if first is None or item["sk"] < first["sk"] else first
        moments[item["sk"]] = first

    def moment(item: Item) -> Item:
        return moments.get(item["sk"], item)

    ordered = sorted(items, key=lambda item: (moment(item)["sk"], *_place(item)))
    return [item | {"said_at": moment(item)["said_at"]} for item in ordered]


def _place(item: Item) -> tuple[str, str]:
    return item.get("place", ""), item["sk"]


def _read(item: Item) -> Turn:
    answer = item.get("answer")
    return Turn(
        item["role"],
        item["text"],
        item["said_at"],
        item["channel"],
        Answer.model_validate_json(answer) if answer else None,
        item.get("cut", False),
        item.get("language"),
        item.get("answer_id"),
        item.get("rating"),
    )

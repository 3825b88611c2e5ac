"""Frames that are kept, so that a new socket can ask for them: what a browser must not miss."""

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aisdr.errors import Conflict
from aisdr.frames import Json, KeptFrame, as_json
from aisdr.media_links import MediaLinks
from aisdr.session import Session
from aisdr.table import Item, Table

MOST_BYTES_OUT = 120 * 1024
"""`PostToConnection` takes 128 KB of data; what is larger loses the ends of its longest texts."""
KEPT_SECONDS = 2 * 3600
"""As long as API Gateway keeps a socket."""
OVERLAP_MICROSECONDS = 5_000_000
"""Clocks of two function instances differ, and so a frame may be kept late: `resume` looks back this much further."""
MOST_REPLAYED = 200
MOST_WRITTEN = 99
"""`TransactWriteItems` takes a hundred items, and one of them is the mark."""
FOR_THE_CALL = ("send", "end")
"""Types of frames that make sense in one live call only."""


@dataclass(frozen=True)
class Kept:
    """Frames as they are kept and posted. `first` is False when the same thing had been done before."""

    frames: tuple[Json, ...]
    first: bool = True


class Frames:
    """The store of what a browser must not miss. Every frame is kept before it is posted.

    Args:
        links: signs the addresses in frames that leave; they are kept without a signature, since that one ends.
    """

    def __init__(
        self, table: Table, clock: Callable[[], float] = time.time, *, links: MediaLinks | None = None
    ) -> None:
        self._table = table
        self._clock = clock
        self._links = links
        self._latest = 0
        self._lock = threading.Lock()

    def keep(
        self, session: Session, frames: Sequence[KeptFrame], *, once: str | None = None, call_id: str | None = None
    ) -> Kept:
        """Numbers and keeps the frames. What was kept under the same `once` before comes back instead.

        All or none, up to `MOST_WRITTEN`; of more than that the rest is kept by whoever repeats it, should we die.
        `call_id` is the live call that commands among them are for: they make sense in that one only.
        """
        expires_at = int(self._clock() + KEPT_SECONDS)
        numbered = [_fitting(as_json(frame.model_copy(update={"seq": self._next()}))) for frame in frames]
        about: Item = {"pk": session.key, "expires_at": expires_at}
        rows = [about | _row(frame, call_id) for frame in numbered]
        if once is None and len(rows) == 1:
            self._table.put(rows[0])
            return Kept(self._leaving(session, numbered))
        try:
            with self._table.transaction(Conflict("This was done before")) as writes:
                if once is not None:
                    mark = {"sk": f"once#{once}", "seqs": [frame["seq"] for frame in numbered]}
                    writes.put(about | mark, condition="attribute_not_exists(pk)")
                for row in rows[:MOST_WRITTEN]:
                    writes.put(row)
        except Conflict:
            assert once is not None
            return Kept(self._kept_before(session, once, rows), first=False)
        self._keep_rest(rows[MOST_WRITTEN:])
        return Kept(self._leaving(session, numbered))

    def _keep_rest(self, rows: Sequence[Item]) -> None:
        for begin in range(0, len(rows), MOST_WRITTEN):
            with self._table.transaction(Conflict("This was done before")) as writes:
                for row in rows[begin : begin + MOST_WRITTEN]:
                    writes.put(row)

    def _kept_before(self, session: Session, once: str, rows: Sequence[Item]) -> tuple[Json, ...]:
        """What stands under the mark, completed when whoever set it did not come to its end."""
        kept = self.under(session, once) or []
        if len(kept) < len(rows) > MOST_WRITTEN:
            mark = self._table.get(session.key, f"once#{once}") or {"seqs": []}
            there = {frame["seq"] for frame in kept}
            missing = [(row, seq) for row, seq in zip(rows, mark["seqs"], strict=False) if seq not in there]
            self._keep_rest([_renumbered(row, seq) for row, seq in missing])
            kept = self.under(session, once) or []
        return tuple(kept)

    def under(self, session: Session, once: str) -> list[Json] | None:
        """What was kept under this mark; None when nothing was."""
        mark = self._table.get(session.key, f"once#{once}")
        if mark is None:
            return None
        rows = [self._table.get(session.key, _sort_key(seq)) for seq in mark["seqs"]]
        return list(self._leaving(session, [json.loads(row["frame"]) for row in rows if row is not None]))

    def after(self, session: Session, seq: int, call_id: str | None) -> list[Json]:
        """What was kept after `seq`, oldest first, without what was meant for another live call."""
        start = f"{max(0, seq - OVERLAP_MICROSECONDS):020d}"
        rows = self._table.query(session.key, prefix=_PREFIX, start=start)
        meant = [row for row in rows if row.get("call_id") in (None, call_id)]
        return list(self._leaving(session, [json.loads(row["frame"]) for row in meant[-MOST_REPLAYED:]]))

    def newest(self, session: Session) -> int:
        """The number of the newest frame; 0 when there is none."""
        rows = self._table.query(session.key, prefix=_PREFIX, limit=1, newest_first=True)
        return int(rows[0]["sk"].removeprefix(_PREFIX)) if rows else 0

    def _leaving(self, session: Session, frames: Sequence[Json]) -> tuple[Json, ...]:
        """As a browser gets them. What goes into a call is a vendor's message, and none of our addresses is in it."""
        if self._links is None:
            return tuple(frames)
        links = self._links
        return tuple(each if each["type"] in FOR_THE_CALL else links.json(session, each) for each in frames)

    def _next(self) -> int:
        """Microseconds of the clock, and never the same twice."""
        with self._lock:
            self._latest = max(self._latest + 1, int(self._clock() * 1e6))
            return self._latest


_PREFIX = "frame#"


def _sort_key(seq: int) -> str:
    return f"{_PREFIX}{seq:020d}"


def _row(frame: Json, call_id: str | None) -> Item:
    row = {"sk": _sort_key(frame["seq"]), "frame": json.dumps(frame, ensure_ascii=False)}
    return row | ({"call_id": call_id} if call_id and frame["type"] in FOR_THE_CALL else {})


def _renumbered(row: Item, seq: int) -> Item:
    return row | {
        "sk": _sort_key(seq),
        "frame": json.dumps(json.loads(row["frame"]) | {"seq": seq}, ensure_ascii=False),
    }


def _fitting(frame: Json) -> Json:
    """Only broken or hostile material is this large; a shortened text beats a frame that never arrives."""
    for most in (8000, 2000, 400, 80):
        if len(json.dumps(frame, ensure_ascii=False).encode()) <= MOST_BYTES_OUT:
            break
        frame = _shortened(frame, most)
    return frame


def _shortened(value: Any, most: int) -> Any:
    match value:
        case str():
            return value if len(value) <= most else value[:most] + "…"
        case Mapping():
            return {key: _shortened(inner, most) for key, inner in value.items()}
        case list():
            return [_shortened(inner, most) for inner in value]
        case _:
            return value

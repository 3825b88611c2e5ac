"""What browser and relay say to each other, and the frames that are kept so that a new socket can ask for them."""

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, TypeAdapter, ValidationError

from aisdr.answer import Answer, Card
from aisdr.errors import Conflict, InvalidInput
from aisdr.media_links import MediaLinks
from aisdr.session import Session
from aisdr.strict_json import MalformedJson, read_json
from aisdr.table import Item, Table
from aisdr.wire import Wire, problems

MOST_BYTES_IN = 16 * 1024
"""Nothing a browser has to say is longer, and events of a call that are the widget leaves out.

API Gateway takes 32 KB a frame and closes the socket on more.
"""
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

FrameId = Annotated[str, Field(min_length=1, max_length=64)]


class _FromBrowser(Wire):
    """Any frame may name the trace that it belongs to, as a request does in its header (W3C Trace Context)."""

    traceparent: str | None = None


class Hello(_FromBrowser):
    """The browser is ready to read. Nothing is posted before: during `$connect` API Gateway answers 410."""

    action: Literal["hello"]


class Resume(_FromBrowser):
    """Instead of `hello` on a reopened socket: send again what was kept after `after`, the newest `seq` it knows."""

    action: Literal["resume"]
    after: int = Field(ge=0, le=2**53)


class Ping(_FromBrowser):
    """Keeps the socket from API Gateway's ten-minute idle cut."""

    action: Literal["ping"]


class Ask(_FromBrowser):
    """A typed question. `id` is the browser's own and returns in every frame of the answer."""

    action: Literal["ask"]
    id: FrameId
    text: str = Field(min_length=1, max_length=2000)
    mode: Literal["text", "tts"] = "text"


class Stop(_FromBrowser):
    """The visitor has heard enough of answer `id`."""

    action: Literal["stop"]
    id: FrameId


class RawEvent(_FromBrowser):
    """An event of the live call exactly as the vendor sent it, with its number 1, 2, 3 … in this conversation."""

    action: Literal["event"]
    seq: int = Field(ge=1, le=2**53)
    event: dict[str, Any]


class Say(_FromBrowser):
    """Typed during a live call: the one who speaks there answers it."""

    action: Literal["say"]
    id: FrameId
    text: str = Field(min_length=1, max_length=2000)


class Confirm(_FromBrowser):
    """The visitor's word on a confirm card, with the values as corrected."""

    action: Literal["confirm"]
    id: FrameId
    accept: bool
    values: dict[str, Annotated[str, Field(max_length=4000)]] | None = Field(None, max_length=40)


class ReadyFrame(Wire):
    """`received`: send live events beyond this number again. `seq`: the number of the newest frame that is kept."""

    type: Literal["ready"] = "ready"
    received: int
    seq: int


class PongFrame(Wire):
    type: Literal["pong"] = "pong"


class DeltaFrame(Wire):
    """Piece `index` (0, 1, 2 …) of answer `id`; API Gateway promises no order."""

    type: Literal["delta"] = "delta"
    id: str
    index: int
    text: str


class ShowFrame(Wire):
    """Put this before the visitor."""

    type: Literal["show"] = "show"
    seq: int = 0
    id: str | None = None
    card: Card


class DoneFrame(Wire):
    """The whole answer; it replaces the deltas."""

    type: Literal["done"] = "done"
    seq: int = 0
    id: str
    answer: Answer


class FrameError(Wire):
    code: str
    message: str


class ErrorFrame(Wire):
    """A frame could not be served; `id` names the question, the saying or the confirmation if it was one."""

    type: Literal["error"] = "error"
    id: str | None = None
    error: FrameError


class SendFrame(Wire):
    """Pass this message into the live call, unchanged."""

    type: Literal["send"] = "send"
    seq: int = 0
    message: dict[str, Any]


class EndFrame(Wire):
    """Leave the live call `call_id`; a page that has gone on to another one lets it pass."""

    type: Literal["end"] = "end"
    seq: int = 0
    reason: str
    call_id: str


class ConfirmedFrame(Wire):
    """What became of confirmation `id`; its card closes, and `message` says so in a sentence."""

    type: Literal["confirmed"] = "confirmed"
    seq: int = 0
    id: str
    accepted: bool
    cards: tuple[Card, ...] = ()
    message: str = ""


ClientFrame = Hello | Resume | Ping | Ask | Stop | RawEvent | Say | Confirm
KeptFrame = ShowFrame | DoneFrame | SendFrame | EndFrame | ConfirmedFrame
ServerFrame = ReadyFrame | PongFrame | DeltaFrame | ErrorFrame | KeptFrame
FROM_BROWSER: tuple[type[Wire], ...] = get_args(ClientFrame)
TO_BROWSER: tuple[type[Wire], ...] = get_args(ServerFrame)
Json = dict[str, Any]


@cache
def _client_frame() -> TypeAdapter[ClientFrame]:
    """Made for the first frame: other functions import this file as well, and read none."""
    return TypeAdapter(Annotated[ClientFrame, Field(discriminator="action")])


def read(body: Any) -> ClientFrame:
    """Raises: InvalidInput, naming the fields that are wrong and never their values."""
    if not isinstance(body, str) or len(body.encode(errors="replace")) > MOST_BYTES_IN:
        raise InvalidInput(f"A frame is JSON text of at most {MOST_BYTES_IN} bytes", code="invalid_frame")
    try:
        return _client_frame().validate_python(read_json(body), strict=True)
    except MalformedJson as error:
        raise InvalidInput(f"The frame is not valid JSON: {error}", code="invalid_frame") from None
    except ValidationError as error:
        raise InvalidInput(f"The frame is not understood: {problems(error.errors())}", code="invalid_frame") from None


def as_json(frame: ServerFrame) -> Json:
    return frame.model_dump(mode="json", by_alias=True)


def sends(messages: Sequence[Json]) -> list[KeptFrame]:
    """Messages in a vendor's words as frames."""
    return [SendFrame(message=message) for message in messages]


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

"""What browser and relay say to each other."""

from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, TypeAdapter, ValidationError

from aisdr.answer import Answer, Card
from aisdr.errors import InvalidInput
from aisdr.strict_json import MalformedJson, read_json
from aisdr.wire import Wire, problems

MOST_BYTES_IN = 16 * 1024
"""Nothing a browser has to say is longer, and events of a call that are the widget leaves out.

API Gateway takes 32 KB a frame and closes the socket on more.
"""

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

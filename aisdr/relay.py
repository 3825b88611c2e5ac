"""The relay: what happens in a conversation's socket, and what goes back to the browser.

Frames are JSON objects. From the browser: `hello`, `ping`, `ask` (a typed question) and `event` (a raw event of the
live call, passed on unread). To the browser: `ready`, `pong`, `delta`, `show`, `done`, `error`, and the commands `send`
(a raw message for the call) and `end`.
"""

import time
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from aisdr.agent import Agent, Delta, Done, Show
from aisdr.answer import Answer, Card
from aisdr.call import Calls
from aisdr.company import Companies, Company
from aisdr.connections import Connections
from aisdr.errors import AisdrError, InvalidInput
from aisdr.events import CallEnded, ToolCall, Utterance
from aisdr.live.base import LiveVendor
from aisdr.observability import logger
from aisdr.session import Session, Sessions
from aisdr.tools.base import ToolContext, ToolRegistry, failed
from aisdr.transcript import Transcripts
from aisdr.wire import Wire

MAX_FRAME_CHARACTERS = 32 * 1024
"""Nothing a browser has to say is longer; API Gateway itself would take 128 KB."""
DELTA_SECONDS = 0.06
"""Deltas are posted in batches: each post is a signed HTTPS call of 5 to 20 ms."""


class Hello(Wire):
    """The browser is ready to read. Nothing is posted before: during `$connect` API Gateway answers 410."""

    action: Literal["hello"]


class Ping(Wire):
    """Keeps the socket from API Gateway's ten-minute idle cut."""

    action: Literal["ping"]


class Ask(Wire):
    """A typed question. `id` is the browser's own and returns in every frame of the answer."""

    action: Literal["ask"]
    id: str = Field(min_length=1, max_length=64)
    text: str = Field(min_length=1, max_length=2000)


class RawEvent(Wire):
    """An event of the live call exactly as the vendor sent it."""

    action: Literal["event"]
    event: dict[str, Any]


class ReadyFrame(Wire):
    type: Literal["ready"] = "ready"


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
    id: str | None = None
    card: Card


class DoneFrame(Wire):
    """The whole answer; it replaces the deltas."""

    type: Literal["done"] = "done"
    id: str
    answer: Answer


class FrameError(Wire):
    code: str
    message: str


class ErrorFrame(Wire):
    """A frame could not be served; `id` names the question if it was one."""

    type: Literal["error"] = "error"
    id: str | None = None
    error: FrameError


class SendFrame(Wire):
    """Pass this message into the live call, unchanged."""

    type: Literal["send"] = "send"
    message: dict[str, Any]


class EndFrame(Wire):
    """Leave the live call."""

    type: Literal["end"] = "end"
    reason: str


ClientFrame = Annotated[Hello | Ping | Ask | RawEvent, Field(discriminator="action")]
ServerFrame = ReadyFrame | PongFrame | DeltaFrame | ShowFrame | DoneFrame | ErrorFrame | SendFrame | EndFrame
_client_frame: TypeAdapter[Hello | Ping | Ask | RawEvent] = TypeAdapter(ClientFrame)


class Relay:
    """Turns what a browser sends into answers, tool results and things to show."""

    def __init__(
        self,
        sessions: Sessions,
        connections: Connections,
        companies: Companies,
        transcripts: Transcripts,
        agent: Callable[[], Agent],
        tools: Callable[[], ToolRegistry],
        vendor: LiveVendor,
        calls: Calls,
    ) -> None:
        self._sessions = sessions
        self._connections = connections
        self._companies = companies
        self._transcripts = transcripts
        # Late, because a `$connect` and a ping need neither index nor model.
        self._agent = agent
        self._tools = tools
        self._vendor = vendor
        self._calls = calls

    def connect(self, connection_id: str, ticket: str, origin: str | None) -> None:
        """Raises: Unauthorized."""
        session = self._sessions.redeem(ticket, origin or "")
        self._connections.add(connection_id, session)
        logger.info("relay connected", company_id=session.company_id, session_id=session.session_id)

    def disconnect(self, connection_id: str) -> None:
        self._connections.remove(connection_id)

    def receive(self, connection_id: str, body: Any) -> None:
        """Serves one frame. Whatever a client can send ends in a frame back, never in a failure."""
        connection = self._connections.get(connection_id)
        if connection is None:
            return  # the socket outlived its record; the browser opens a new one
        frame_id = None
        try:
            frame = _read(body)
            frame_id = frame.id if isinstance(frame, Ask) else None
            session = self._sessions.get(connection.company_id, connection.session_id)
            match frame:
                case Hello():
                    self._post(connection_id, ReadyFrame())
                case Ping():
                    self._post(connection_id, PongFrame())
                case Ask():
                    self._answer(connection_id, session, frame)
                case RawEvent():
                    self._live_event(connection_id, session, frame.event)
        except AisdrError as error:
            logger.warning("frame refused", code=error.code, company_id=connection.company_id)
            refusal = FrameError(code=error.code, message=error.message)
            self._post(connection_id, ErrorFrame(id=frame_id, error=refusal))

    def _answer(self, connection_id: str, session: Session, ask: Ask) -> None:
        company = self._companies.get(session.company_id)
        index, waiting, posted_at = 0, "", time.monotonic()
        for event in self._agent().answer(company, session, ask.text):
            match event:
                case Delta():
                    waiting += event.text
                case Show():
                    self._post(connection_id, ShowFrame(id=ask.id, card=event.card))
                case Done():
                    self._post(connection_id, DoneFrame(id=ask.id, answer=event.answer))
                    return
            if waiting and (index == 0 or time.monotonic() - posted_at >= DELTA_SECONDS):
                if not self._post(connection_id, DeltaFrame(id=ask.id, index=index, text=waiting)):
                    return  # nobody reads any more
                index, waiting, posted_at = index + 1, "", time.monotonic()

    def _live_event(self, connection_id: str, session: Session, event: Mapping[str, Any]) -> None:
        match self._vendor.read(event):
            case ToolCall() as call:
                self._run_tool(connection_id, session, event, call)
            case Utterance() as spoken:
                self._transcripts.append(session, spoken.role, spoken.text, channel="video", key=spoken.key)
            case CallEnded() as ended:
                self._calls.end(session.company_id, session.session_id, ended.reason)
                self._post(connection_id, EndFrame(reason=ended.reason))
            case None:
                pass  # vendors say much that is not for us

    def _run_tool(self, connection_id: str, session: Session, event: Mapping[str, Any], call: ToolCall) -> None:
        company: Company = self._companies.get(session.company_id)
        try:
            if call.malformed:
                message = f"The arguments of '{call.name[:64]}' do not fit: {call.malformed}"
                raise InvalidInput(message, code="invalid_arguments")
            outcome = self._tools().run(ToolContext(company, session), call.call_id, call.name, call.arguments)
        except AisdrError as error:
            outcome = failed(error)
        reply = self._vendor.tool_result(event, call, outcome.result, success=outcome.success)
        self._post(connection_id, SendFrame(message=reply))
        for card in outcome.cards:
            self._post(connection_id, ShowFrame(card=card))

    def _post(self, connection_id: str, frame: ServerFrame) -> bool:
        return self._connections.post(connection_id, frame.model_dump(mode="json", by_alias=True))


def _read(body: Any) -> Hello | Ping | Ask | RawEvent:
    if not isinstance(body, str) or len(body) > MAX_FRAME_CHARACTERS:
        raise InvalidInput(f"A frame is JSON text of at most {MAX_FRAME_CHARACTERS} characters", code="invalid_frame")
    try:
        return _client_frame.validate_json(body)
    except ValidationError as error:
        problems = "; ".join(f"'{'.'.join(map(str, each['loc']))}': {each['msg'].lower()}" for each in error.errors())
        raise InvalidInput(f"The frame is not understood: {problems[:300]}", code="invalid_frame") from None

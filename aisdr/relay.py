"""The relay: what happens in a conversation's socket, and what goes back to the browser.

Frames stand in `frames.py`. What a visitor must not miss is kept before it is posted; a reopened socket asks for it.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from aisdr.answer import Card, answer_of
from aisdr.call import Calls
from aisdr.company import Companies
from aisdr.configuration import Mode
from aisdr.connections import Arrival, Connections, RelayConnection
from aisdr.errors import AisdrError, InvalidInput, LimitReached
from aisdr.events import CallEnded, LiveEvent, Opened, Spent, ToolCall, Utterance
from aisdr.frames import (
    Ask,
    ClientFrame,
    Confirm,
    ConfirmedFrame,
    EndFrame,
    ErrorFrame,
    FrameError,
    Frames,
    Hello,
    Json,
    KeptFrame,
    Ping,
    PongFrame,
    RawEvent,
    ReadyFrame,
    Resume,
    Say,
    SendFrame,
    ServerFrame,
    ShowFrame,
    Stop,
    as_json,
    read,
)
from aisdr.live.base import LiveVendor, RawMessage, ToolOutput
from aisdr.observability import logger
from aisdr.reply import Replies
from aisdr.session import Session, Sessions
from aisdr.tools.base import ToolContext, ToolRegistry, ToolResult, failed
from aisdr.transcript import Transcripts

KNOWN_SECONDS = 3.0
"""How long this process believes that a session is open, for frames that only write down what was said.

Whatever spends, runs a tool or reads back asks the table each time.
"""
MOST_KNOWN = 2000
WARN_EVERY = 20
CLOSE_AFTER = 200
"""Frames that came too fast: one in twenty is told so, and after two hundred the socket is closed."""


class Relay:
    """Turns what a browser sends into answers, tool results and things to show."""

    def __init__(
        self,
        sessions: Sessions,
        connections: Connections,
        frames: Frames,
        companies: Companies,
        transcripts: Transcripts,
        replies: Replies,
        tools: Callable[[], ToolRegistry],
        vendors: Mapping[Mode, LiveVendor],
        calls: Callable[[], Calls],
    ) -> None:
        self._sessions = sessions
        self._connections = connections
        self._frames = frames
        self._companies = companies
        self._transcripts = transcripts
        self._replies = replies
        # Late, because a `$connect` and a ping need neither index nor model.
        self._tools = tools
        self._vendors = vendors
        self._calls = calls
        self._known: dict[tuple[str, str], tuple[float, Session]] = {}

    def connect(self, connection_id: str, ticket: str, origin: str | None) -> None:
        """Raises: Unauthorized."""
        entry = self._sessions.redeem(ticket, origin or "")
        self._connections.add(connection_id, entry)
        logger.info("relay connected", company_id=entry.session.company_id, session_id=entry.session.session_id)

    def disconnect(self, connection_id: str) -> None:
        self._connections.remove(connection_id)

    def receive(self, connection_id: str, body: object) -> None:
        """Serves one frame. Whatever a client can send ends in a frame back or in silence, never in a failure."""
        frame: ClientFrame | None = None
        problem: AisdrError | None = None
        try:
            frame = read(body)
        except InvalidInput as error:
            problem = error
        try:
            event = frame.seq if isinstance(frame, RawEvent) else 0
            arrival = self._connections.arrive(connection_id, event)
            if arrival is None:
                return  # the socket outlived its record; the browser opens a new one
            if arrival.verdict == "too_fast":
                problem = None
                self._slow_down(arrival)
            elif frame is not None:
                self._serve(arrival.connection, frame)
        except AisdrError as error:
            problem = error
        if problem is not None:
            logger.warning("frame refused", code=problem.code, connection_id=connection_id)
            refusal = FrameError(code=problem.code, message=problem.message)
            self._post(connection_id, ErrorFrame(id=getattr(frame, "id", None), error=refusal))

    def show(self, session: Session, cards: Sequence[Card], *, channel: Mode, once: str) -> None:
        """Puts cards before the visitor from outside the socket, such as from a tool call that a vendor delivers."""
        if cards:
            self._note_cards(session, cards, channel, once)
            self._tell_all(session, [ShowFrame(card=card) for card in cards], once)

    def end(self, session: Session, reason: str, *, call_id: str) -> None:
        """Sends the visitor out of a live call that is over. Without an open socket the frame waits for the next."""
        self._tell_all(session, [EndFrame(reason=reason)], f"end#{call_id}", call_id)

    def _tell_all(self, session: Session, frames: Sequence[KeptFrame], once: str, call_id: str | None = None) -> None:
        kept = self._frames.keep(session, frames, once=once, call_id=call_id)
        for connection_id in self._connections.of_session(session) if kept.first else ():
            self._post_all(connection_id, kept.frames)

    def _slow_down(self, arrival: Arrival) -> None:
        connection_id = arrival.connection.connection_id
        if arrival.refusals >= CLOSE_AFTER:
            logger.warning("socket closed", reason="too fast", company_id=arrival.connection.company_id)
            self._connections.close(connection_id)
        elif arrival.refusals % WARN_EVERY == 1:
            raise LimitReached("Too many frames; wait a second, then send the last ones again", code="rate_limited")

    def _serve(self, connection: RelayConnection, frame: ClientFrame) -> None:
        match frame:
            case Ping():
                self._post(connection.connection_id, PongFrame())
            case Hello():
                self._greet(connection, None)
            case Resume():
                self._greet(connection, frame.after)
            case Ask():
                session = self._session(connection)
                company = self._companies.get(session.company_id)
                self._replies.answer(connection.connection_id, company, session, frame)
            case Stop():
                self._replies.stop(self._known_session(connection), frame.id)
            case RawEvent():
                self._live_event(connection, frame.event)
            case Say():
                self._say(connection, frame)
            case Confirm():
                self._confirm(connection, frame)

    def _greet(self, connection: RelayConnection, after: int | None) -> None:
        session = self._session(connection)
        missed = [] if after is None else self._frames.after(session, after, connection.call_id)
        newest = missed[-1]["seq"] if missed else self._frames.newest(session)
        self._post(connection.connection_id, ReadyFrame(received=connection.received, seq=newest))
        self._post_all(connection.connection_id, missed)

    def _live_event(self, connection: RelayConnection, raw: Json) -> None:
        vendor, call_id = self._live(connection)
        happened = vendor.read(raw)
        for event in happened:
            self._happened(connection, vendor, call_id, event)
        calls = [event for event in happened if isinstance(event, ToolCall)]
        if calls:
            self._run_tools(connection, vendor, raw, calls)

    def _happened(self, connection: RelayConnection, vendor: LiveVendor, call_id: str, event: LiveEvent) -> None:
        match event:
            case Utterance() as spoken:
                session = self._known_session(connection)
                self._transcripts.append(session, spoken.role, spoken.text, channel=connection.mode, key=spoken.key)
            case Opened():
                session = self._session(connection)
                greeting = self._calls().greeting(self._companies.get(session.company_id), session)
                self._send(connection, session, _sends(vendor.spoken(call_id, greeting)), f"greeting#{call_id}")
            case Spent():
                self._calls().reported(call_id, event.units)
            case CallEnded():
                session = self._known_session(connection)
                self._calls().end(session.company_id, session.session_id, event.reason, call_id)
                self._send(connection, session, [EndFrame(reason=event.reason)], f"end#{call_id}")
            case _:
                pass  # tools are run together; the browser draws the rest from the raw events itself

    def _run_tools(self, connection: RelayConnection, vendor: LiveVendor, raw: Json, calls: Sequence[ToolCall]) -> None:
        """All calls of one event get their results together: the brain goes on when it has the last one."""
        session = self._session(connection)
        context = ToolContext(self._companies.get(session.company_id), session)
        outcomes = [(call, self._run_tool(context, call)) for call in calls]
        results = [(call, ToolOutput(outcome.result, outcome.success)) for call, outcome in outcomes]
        cards = [card for _, outcome in outcomes for card in outcome.cards]
        once = f"tools#{_digest(call.call_id for call in calls)}"
        self._note_cards(session, cards, connection.mode, once)
        frames = _sends(vendor.tool_results(raw, results))
        self._send(connection, session, [*frames, *(ShowFrame(card=card) for card in cards)], once)

    def _run_tool(self, context: ToolContext, call: ToolCall) -> ToolResult:
        try:
            if call.malformed:
                message = f"The arguments of '{call.name[:64]}' do not fit: {call.malformed}"
                raise InvalidInput(message, code="invalid_arguments")
            return self._tools().run(context, call.call_id, call.name, call.arguments)
        except AisdrError as error:
            return failed(error)

    def _say(self, connection: RelayConnection, say: Say) -> None:
        vendor, call_id = self._live(connection)
        session = self._known_session(connection)
        if not vendor.repeats_typed:
            self._transcripts.append(session, "visitor", say.text, channel=connection.mode, key=f"say-{say.id}")
        self._send(connection, session, _sends(vendor.typed(call_id, say.text)), f"say#{say.id}")

    def _confirm(self, connection: RelayConnection, confirm: Confirm) -> None:
        session = self._session(connection)
        context = ToolContext(self._companies.get(session.company_id), session)
        outcome = self._tools().confirm(context, confirm.id, accept=confirm.accept, values=confirm.values)
        said = str(outcome.result.get("say") or outcome.result.get("message") or "")
        frames: list[KeptFrame] = [
            ConfirmedFrame(id=confirm.id, accepted=outcome.success, cards=outcome.cards, message=said)
        ]
        written = said
        if connection.call_id is not None and (vendor := self._vendors.get(connection.mode)):
            written = ""  # it comes back as an utterance
            about = f"The visitor has answered the confirmation: {json.dumps(outcome.result, ensure_ascii=False)}"
            frames += _sends(vendor.told(connection.call_id, about))
            frames += _sends(vendor.spoken(connection.call_id, said)) if said else []
        answer = answer_of(outcome.cards) if outcome.cards else None
        once = f"confirmed#{confirm.id}"
        if written or answer:
            self._transcripts.append(session, "assistant", written, channel=connection.mode, key=once, answer=answer)
        self._send(connection, session, frames, once)

    def _note_cards(self, session: Session, cards: Sequence[Card], channel: Mode, once: str) -> None:
        """What appeared on the screen belongs to the conversation, although nobody said it."""
        if cards:
            self._transcripts.append(session, "assistant", "", channel=channel, key=once, answer=answer_of(cards))

    def _send(self, connection: RelayConnection, session: Session, frames: Sequence[KeptFrame], once: str) -> None:
        """To the socket that is in the call. What was sent before is sent again, with the numbers it had."""
        if frames:
            kept = self._frames.keep(session, frames, once=once, call_id=connection.call_id)
            self._post_all(connection.connection_id, kept.frames)

    def _live(self, connection: RelayConnection) -> tuple[LiveVendor, str]:
        vendor = self._vendors.get(connection.mode)
        if vendor is None or connection.call_id is None:
            raise InvalidInput(
                "This socket belongs to no live call; open one with a ticket of a voice or video session",
                code="no_live_call",
            )
        return vendor, connection.call_id

    def _session(self, connection: RelayConnection) -> Session:
        session = self._sessions.get(connection.company_id, connection.session_id)
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[connection.company_id, connection.session_id] = (time.monotonic() + KNOWN_SECONDS, session)
        return session

    def _known_session(self, connection: RelayConnection) -> Session:
        until, session = self._known.get((connection.company_id, connection.session_id), (0.0, None))
        return session if session is not None and time.monotonic() < until else self._session(connection)

    def _post(self, connection_id: str, frame: ServerFrame) -> bool:
        return self._connections.post(connection_id, as_json(frame))

    def _post_all(self, connection_id: str, frames: Sequence[Json]) -> None:
        for frame in frames:
            if not self._connections.post(connection_id, frame):
                return  # kept all the same


def _sends(messages: Sequence[RawMessage]) -> list[KeptFrame]:
    return [SendFrame(message=message) for message in messages]


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:32]

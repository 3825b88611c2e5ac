"""The relay: what happens in a conversation's socket, and what goes back to the browser.

Frames stand in `frames.py`. What a visitor must not miss is kept (`kept_frames.py`) before it is posted; a reopened
socket asks for it.
"""

import time
from collections.abc import Callable, Mapping, Sequence

from aisdr.arrival import FRAMES_AT_ONCE, REPLAYED_FOR_A_FRAME
from aisdr.audit import by_session, decided, refusals
from aisdr.call import Calls
from aisdr.company import Companies
from aisdr.configuration import Mode
from aisdr.confirming import Confirming
from aisdr.connections import Arrival, Connections, RelayConnection
from aisdr.errors import AisdrError, InvalidInput, LimitReached, StoreBusy, Trespass
from aisdr.events import Begun, CallEnded, LiveEvent, Opened, QualityWarned, Spent, ToolCall, Utterance
from aisdr.frames import (
    Ask,
    ClientFrame,
    Confirm,
    EndFrame,
    ErrorFrame,
    FrameError,
    Hello,
    KeptFrame,
    Ping,
    PongFrame,
    RawEvent,
    ReadyFrame,
    Resume,
    Say,
    ServerFrame,
    Stop,
    as_json,
    read,
    sends,
)
from aisdr.kept_frames import Frames
from aisdr.live.base import LiveVendor, ToolOutput
from aisdr.observability import about, follow, logger
from aisdr.reply import Replies
from aisdr.screen import Screen
from aisdr.session import Session, Sessions
from aisdr.tools.base import ToolContext, ToolResult, digest_of, failed
from aisdr.tools.registry import ToolRegistry
from aisdr.transcript import Transcripts, place_of

KNOWN_SECONDS = 3.0
"""How long this process believes that a session is open, for frames that only write down what was said.

Whatever spends, runs a tool or reads back asks the table each time.
"""
MOST_KNOWN = 2000
CLOSE_AFTER = 100
"""Frames that came too fast: one in twenty is told so, and after a hundred the socket is closed."""
DEEDS = (Ask, Stop, RawEvent, Say, Confirm)
"""What a visitor did must not get lost: a socket that brings it too fast is hung up, and it comes on the next one."""
MOST_CALLS = 8
"""Tools that one event may call; no brain wants more at once, and each may cost a search or a message to somebody."""


class _TooFast(LimitReached):
    """What was asked for had no effect, for its socket's bucket has no room for it."""


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
        screen: Screen,
        confirming: Confirming,
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
        self._screen = screen
        self._confirming = confirming
        self._known: dict[tuple[str, str], tuple[float, Session]] = {}

    def receive(self, connection_id: str, body: object) -> None:
        """Serves one frame. Whatever a client can send ends in a frame back or in silence, never in a failure."""
        frame: ClientFrame | None = None
        problem: AisdrError | None = None
        try:
            frame = read(body)
            follow(frame.traceparent)
        except InvalidInput as error:
            problem = error
        try:
            arrival = self._connections.arrive(connection_id)
            if arrival is None:
                return  # the socket outlived its record; the browser opens a new one
            _tell_log(arrival.connection)
            if arrival.verdict == "too_fast":
                self._slow_down(arrival, frame)
                return
            if frame is not None:
                self._serve(arrival.connection, frame)
        except _TooFast as error:
            self._bring_again(connection_id, frame, error)
            return
        except StoreBusy as error:
            if isinstance(frame, RawEvent):
                self._bring_again(connection_id, frame, error)
                return
            problem = error
        except AisdrError as error:
            problem = error
        if isinstance(frame, RawEvent):
            self._connections.brought(connection_id, frame.seq)  # not before: had we died, it would have to come again
        if problem is not None:
            logger.warning("frame refused", code=problem.code, connection_id=connection_id)
            refusal = FrameError(code=problem.code, message=problem.message)
            self._post(connection_id, ErrorFrame(id=getattr(frame, "id", None), error=refusal))

    def _bring_again(self, connection_id: str, frame: ClientFrame | None, why: AisdrError) -> None:
        """The socket is hung up before more goes wrong on it. Said, because another instance may count later events:
        whoever hears this brings all in doubt again."""
        logger.warning("socket closed", reason="frame has to come again", code=why.code)
        self._post(connection_id, ErrorFrame(error=FrameError(code=why.code, message=why.message)))
        if isinstance(frame, RawEvent):
            self._connections.missed(connection_id, frame.seq)
        else:
            self._connections.hang_up(connection_id)

    def _slow_down(self, arrival: Arrival, frame: ClientFrame | None) -> None:
        connection_id = arrival.connection.connection_id
        if arrival.refusals >= CLOSE_AFTER:
            logger.warning("socket closed", reason="too fast", company_id=arrival.connection.company_id)
            # `DeleteConnection` knows no code of its own, so the reason that 1008 would give is said before.
            reason = FrameError(code="policy_violation", message="This socket is closed: it sent too many frames")
            self._post(connection_id, ErrorFrame(error=reason))
            self._connections.close(connection_id)
            _limited(arrival.connection, "socket_closed")
        elif isinstance(frame, DEEDS):
            _limited(arrival.connection, "rate_limited")
            raise _TooFast("Too many frames; open another socket and send the last ones again", code="rate_limited")
        elif arrival.refusals:
            _limited(arrival.connection, "rate_limited")
            logger.warning("frame refused", code="rate_limited", connection_id=connection_id)
            slow_down = "Too many frames; wait a second, then send the last ones again"
            self._post(connection_id, ErrorFrame(error=FrameError(code="rate_limited", message=slow_down)))

    def _serve(self, connection: RelayConnection, frame: ClientFrame) -> None:
        match frame:
            case Ping():
                self._post(connection.connection_id, PongFrame())
            case Hello():
                self._greet(connection, None)
            case Resume():
                self._greet(connection, frame.after)
            case Ask():
                about(mode=frame.mode)
                session = self._session(connection)
                company = self._companies.get(session.company_id)
                self._replies.answer(connection.connection_id, company, session, frame)
            case Stop():
                self._replies.stop(self._known_session(connection), frame.id)
            case RawEvent():
                self._live_event(connection, frame)
            case Say():
                self._say(connection, frame)
            case Confirm():
                self._confirm(connection, frame)

    def _greet(self, connection: RelayConnection, after: int | None) -> None:
        session = self._session(connection)
        missed = [] if after is None else self._frames.after(session, after, connection.call_id)
        self._charge(connection, len(missed) // REPLAYED_FOR_A_FRAME, "Too much is wanted again; wait a second")
        newest = missed[-1]["seq"] if missed else self._frames.newest(session)
        self._post(connection.connection_id, ReadyFrame(received=connection.received, seq=newest))
        self._screen.post(connection.connection_id, missed)

    def _live_event(self, connection: RelayConnection, frame: RawEvent) -> None:
        vendor, call_id = self._live(connection)
        happened = vendor.read(frame.event)
        for event in happened:
            self._happened(connection, vendor, call_id, event, frame.seq)
        calls = [event for event in happened if isinstance(event, ToolCall)]
        if calls:
            self._run_tools(connection, vendor, frame, calls)

    def _happened(
        self, connection: RelayConnection, vendor: LiveVendor, call_id: str, event: LiveEvent, number: int
    ) -> None:
        match event:
            case Utterance():
                self._write_down(connection, event, number)
            case Begun():
                place = place_of(connection.opened_at, number)
                self._transcripts.begin(self._known_session(connection), event.key, place)
            case Opened():
                session = self._session(connection)
                greeting = self._calls().greeting(self._companies.get(session.company_id), session)
                self._send(connection, session, sends(vendor.spoken(call_id, greeting)), f"greeting#{call_id}")
            case Spent():
                self._calls().reported(call_id, event.units, event.key)
            case CallEnded():
                session = self._known_session(connection)
                self._calls().end(session.company_id, session.session_id, event.reason, call_id)
                self._send(connection, session, [EndFrame(reason=event.reason, call_id=call_id)], f"end#{call_id}")
            case QualityWarned():
                # The visitor sees it for themselves; whoever runs this sees from it why calls are left.
                logger.warning("call quality", what=event.what, mode=connection.mode, call_id=call_id)
            case ToolCall():
                pass  # all of one event are run together

    def _write_down(self, connection: RelayConnection, said: Utterance, number: int) -> None:
        session = self._known_session(connection)
        place = place_of(connection.opened_at, number if said.order is None else said.order)
        if said.spoken or said.cut:
            self._transcripts.correct(
                session,
                said.role,
                said.text,
                channel=connection.mode,
                key=said.key,
                place=place,
                cut=said.cut,
                begun=said.begun,
            )
        else:
            self._transcripts.append(
                session,
                said.role,
                said.text,
                channel=connection.mode,
                key=said.key,
                language=said.language,
                place=place,
                begun=said.begun,
            )

    def _run_tools(
        self, connection: RelayConnection, vendor: LiveVendor, frame: RawEvent, calls: Sequence[ToolCall]
    ) -> None:
        """All calls of one event get their results together: the brain goes on when it has the last one."""
        # Each call counts as a frame of its own; the first one is the frame that brought them.
        more = min(len(calls), FRAMES_AT_ONCE) - 1
        self._charge(connection, more, "Too many tools are called at once; wait a second")
        session = self._session(connection)
        context = ToolContext(self._companies.get(session.company_id), session, live=True)
        try:
            outcomes = [(call, self._run_tool(context, call)) for call in calls[:MOST_CALLS]]
        except Trespass as error:  # whoever got one foreign passage may have got others that nobody recognised
            outcomes = [(call, failed(error)) for call in calls[:MOST_CALLS]]
        for call in calls[MOST_CALLS:]:
            refusal, who = _too_many(len(calls)), by_session(session.session_id)
            decided("tool.run", "deny", company_id=session.company_id, who=who, reason=refusal.code)
            outcomes.append((call, failed(refusal)))
        results = [(call, ToolOutput(outcome.result, outcome.success)) for call, outcome in outcomes]
        once = f"tools#{digest_of(*(call.call_id for call in calls))[:32]}"
        self._send(connection, session, sends(vendor.tool_results(frame.event, results)), once)
        for call, outcome in outcomes:
            place = place_of(connection.opened_at, frame.seq if call.order is None else call.order)
            self._screen.show(session, outcome.cards, tool_call=call.call_id, channel=connection.mode, place=place)

    def _charge(self, connection: RelayConnection, frames: int, too_many: str) -> None:
        """For a frame that has as much done as so many more.

        Raises: _TooFast.
        """
        arrival = self._connections.arrive(connection.connection_id, frames=frames) if frames else None
        if arrival is not None and arrival.verdict == "too_fast":
            _limited(connection, "rate_limited")
            raise _TooFast(too_many, code="rate_limited")

    def _run_tool(self, context: ToolContext, call: ToolCall) -> ToolResult:
        company_id, who = context.company.company_id, by_session(context.session.session_id)
        try:
            if call.malformed:
                with refusals("tool.run", company_id=company_id, who=who):
                    message = f"The arguments of this tool do not fit: {call.malformed}"
                    raise InvalidInput(message, code="invalid_arguments")
            return self._tools().run(context, call.call_id, call.name, call.arguments)
        except Trespass:
            raise
        except AisdrError as error:
            return failed(error)

    def _say(self, connection: RelayConnection, say: Say) -> None:
        vendor, call_id = self._live(connection)
        session = self._known_session(connection)
        if not vendor.repeats_typed:
            self._transcripts.append(session, "visitor", say.text, channel=connection.mode, key=f"say-{say.id}")
        # Who types while the avatar speaks has heard enough of it, as one who speaks into its words.
        messages = [*vendor.interrupted(call_id), *vendor.typed(call_id, say.text)]
        self._send(connection, session, sends(messages), f"say#{say.id}")

    def _confirm(self, connection: RelayConnection, confirm: Confirm) -> None:
        session = self._session(connection)
        self._confirming.carry_out(session, confirm.id, accept=confirm.accept, values=confirm.values, socket=connection)

    def _send(self, connection: RelayConnection, session: Session, frames: Sequence[KeptFrame], once: str) -> None:
        """To the socket that is in the call. What was sent before is sent again, with the numbers it had."""
        if frames:
            kept = self._frames.keep(session, frames, once=once, call_id=connection.call_id)
            self._screen.post(connection.connection_id, kept.frames)

    def _live(self, connection: RelayConnection) -> tuple[LiveVendor, str]:
        vendor = self._vendors.get(connection.mode)
        if vendor is None or connection.call_id is None:
            raise InvalidInput(
                "This socket belongs to no live call; open one with a ticket of a voice or video session",
                code="no_live_call",
            )
        return vendor, connection.call_id

    def _session(self, connection: RelayConnection) -> Session:
        with refusals(
            "session.verify", company_id=connection.company_id, who=by_session(connection.session_id), on="frame"
        ):
            session = self._sessions.get(connection.company_id, connection.session_id)
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[connection.company_id, connection.session_id] = (time.monotonic() + KNOWN_SECONDS, session)
        return session

    def _known_session(self, connection: RelayConnection) -> Session:
        until, session = self._known.get((connection.company_id, connection.session_id), (0.0, None))
        return session if session is not None and time.monotonic() < until else self._session(connection)

    def _post(self, connection_id: str, frame: ServerFrame) -> None:
        self._connections.post(connection_id, as_json(frame))


def _tell_log(connection: RelayConnection) -> None:
    about(
        company_id=connection.company_id,
        session_id=connection.session_id,
        call_id=connection.call_id,
        mode=connection.mode,
    )


def _limited(connection: RelayConnection, reason: str) -> None:
    who = by_session(connection.session_id)
    decided("rate.check", "deny", company_id=connection.company_id, who=who, reason=reason, on="frames")


def _too_many(calls: int) -> InvalidInput:
    message = f"{calls} tools at once are too many: the first {MOST_CALLS} were called; call the others after these"
    return InvalidInput(message, code="too_many_calls")

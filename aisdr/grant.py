"""What a browser is given to talk with: tokens for us, and its way into a call."""

import time
from collections.abc import Callable

from aisdr.audit import by_session, decided
from aisdr.company import Company
from aisdr.configuration import Mode
from aisdr.ledger import Operation
from aisdr.observability import about
from aisdr.session import Session, Sessions
from aisdr.wire import Wire


class VideoGrant(Wire):
    """One browser's way into the avatar's room."""

    conversation_id: str
    conversation_url: str
    meeting_token: str | None
    replica_id: str | None
    max_seconds: int
    seconds_left: int
    """Of `max_seconds`, which count from the wish: from the moment of this answer, by our clock."""


class VoiceGrant(Wire):
    """The answer to one browser's offer. What is said comes back over the peer connection itself."""

    call_id: str
    sdp_answer: str
    max_seconds: int
    seconds_left: int
    """As in `VideoGrant`."""


class SessionGrant(Wire):
    """What a browser needs to talk: a token for HTTP, a ticket that opens `websocketUrl` once, its way into a call."""

    session_id: str
    token: str
    ticket: str
    websocket_url: str
    expires_at: int
    """Epoch seconds at which the token dies; renew before."""
    mode: Mode
    modes: tuple[Mode, ...]
    video: VideoGrant | None = None
    voice: VoiceGrant | None = None


class TavusSessionGrant(Wire):
    """The mission's flat form of a video grant."""

    session_id: str
    websocket_url: str
    ticket: str
    replica_id: str | None
    conversation_id: str
    conversation_url: str
    meeting_token: str | None
    token: str
    expires_at: int
    max_seconds: int
    seconds_left: int
    """As in `VideoGrant`."""


class Grants:
    """Writes them out, each with a fresh token and a ticket for one socket."""

    def __init__(self, sessions: Sessions, websocket_url: str, clock: Callable[[], float] = time.time) -> None:
        self._sessions = sessions
        self._websocket_url = websocket_url
        self._clock = clock

    def give(self, company: Company, session: Session, mode: Mode, operation: Operation | None = None) -> SessionGrant:
        call_id = operation.conversation_id if operation else None
        about(session_id=session.session_id, call_id=call_id)
        tokens = self._sessions.issue(session, mode, call_id)
        decided("ticket.issue", "allow", company_id=session.company_id, who=by_session(session.session_id), mode=mode)
        return SessionGrant(
            session_id=session.session_id,
            token=tokens.token,
            ticket=tokens.ticket,
            websocket_url=self._websocket_url,
            expires_at=int(tokens.expires_at),
            mode=mode,
            modes=company.profile().modes,
            video=_video(company, operation, self._clock()) if operation and mode == "video" else None,
            voice=_voice(operation, self._clock()) if operation and mode == "voice" else None,
        )


def _video(company: Company, operation: Operation, now: float) -> VideoGrant:
    assert operation.conversation_id is not None
    assert operation.conversation_url is not None
    return VideoGrant(
        conversation_id=operation.conversation_id,
        conversation_url=operation.conversation_url,
        meeting_token=operation.meeting_token,
        replica_id=company.tavus_replica_id,
        max_seconds=operation.reserved_seconds,
        seconds_left=operation.seconds_left(now),
    )


def _voice(operation: Operation, now: float) -> VoiceGrant:
    assert operation.conversation_id is not None
    assert operation.sdp_answer is not None
    return VoiceGrant(
        call_id=operation.conversation_id,
        sdp_answer=operation.sdp_answer,
        max_seconds=operation.reserved_seconds,
        seconds_left=operation.seconds_left(now),
    )

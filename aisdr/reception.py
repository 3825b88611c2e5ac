"""The front desk: which website may open a session for which company, in which mode, with which consent."""

from uuid import UUID

from pydantic import Field

from aisdr.call import Calls
from aisdr.company import Companies, Company, CompanyId, Mode
from aisdr.errors import Conflict, Forbidden, InvalidInput
from aisdr.ledger import Operation
from aisdr.session import Session, Sessions
from aisdr.wire import Wire


class ConsentGiven(Wire):
    """The consent text that the visitor saw and agreed to."""

    version: str = Field(max_length=40)


class OpenSession(Wire):
    """`resume` is the token of a conversation that goes on in another mode. `consent` is needed for every live mode."""

    company_id: CompanyId
    mode: Mode = "text"
    consent: ConsentGiven | None = None
    resume: str | None = Field(None, max_length=2000)


class OpenVideo(Wire):
    """The body of the mission's own door to a video call."""

    company_id: CompanyId
    consent: ConsentGiven | None = None


class VideoGrant(Wire):
    """One browser's way into the avatar's room."""

    conversation_id: str
    conversation_url: str
    meeting_token: str | None
    replica_id: str | None
    max_seconds: int


class SessionGrant(Wire):
    """What a browser needs to talk: a token for HTTP, a ticket that opens `websocketUrl` once, a room in video."""

    session_id: str
    token: str
    ticket: str
    websocket_url: str
    expires_at: int
    """Epoch seconds at which the token dies; renew before."""
    mode: Mode
    modes: tuple[Mode, ...]
    video: VideoGrant | None = None


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


class Reception:
    """Opens, renews and ends sessions."""

    def __init__(
        self, companies: Companies, sessions: Sessions, calls: Calls, *, public_url: str, websocket_url: str
    ) -> None:
        self._companies = companies
        self._sessions = sessions
        self._calls = calls
        self._own_origin = public_url
        self._websocket_url = websocket_url

    def open(self, wish: OpenSession, origin: str | None, idempotency_key: str | None) -> SessionGrant:
        """Opens a session, or goes on with the one whose token is in `resume`.

        Raises:
            NotFound, Forbidden, InvalidInput, Unauthorized, NotConfigured, LimitReached, VendorError: nothing is
                stored or spent unless the last check has passed.
        """
        company = self._companies.get(wish.company_id)
        allowed = self._check_origin(company, origin)
        if wish.mode == "video":
            return self._open_video(company, allowed, wish.resume, wish.consent, idempotency_key, must_consent=True)
        if wish.mode != "text" or not company.offers("text"):
            raise Forbidden(f"The mode '{wish.mode}' is not enabled for this company", code="mode_not_enabled")
        version = self._consent_version(company, wish.consent)
        session = self._resumed(company, wish.resume, allowed) or self._sessions.open(company, allowed, version)
        return self._grant(company, session, "text")

    def open_video(
        self, wish: OpenVideo, origin: str | None, token: str | None, idempotency_key: str | None
    ) -> TavusSessionGrant:
        """The same call by the mission's door. Consent is recorded when it is given here or was given before."""
        company = self._companies.get(wish.company_id)
        allowed = self._check_origin(company, origin)
        grant = self._open_video(company, allowed, token, wish.consent, idempotency_key, must_consent=False)
        assert grant.video is not None
        shared = grant.model_dump(include={"session_id", "websocket_url", "ticket", "token", "expires_at"})
        return TavusSessionGrant(**shared, **grant.video.model_dump())

    def renew(self, session: Session) -> SessionGrant:
        """A fresh token and ticket for a conversation that is still open."""
        company = self._companies.get(session.company_id)
        return self._grant(company, session, "text")

    def end(self, session: Session, *, call_only: bool) -> None:
        """Ends the running call; and, unless `call_only`, revokes the session."""
        self._calls.end(session.company_id, session.session_id, "visitor")
        if not call_only:
            self._sessions.end(session)

    def _open_video(
        self,
        company: Company,
        origin: str,
        token: str | None,
        consent: ConsentGiven | None,
        idempotency_key: str | None,
        *,
        must_consent: bool,
    ) -> SessionGrant:
        key = self._calls.check(company, idempotency_key)
        version = self._consent_version(company, consent)
        session = self._resumed(company, token, origin)
        if must_consent and version is None and (session is None or session.consent_version is None):
            raise Forbidden(
                f"Video needs the visitor's consent first: send consent {{'version': '{company.consent.version}'}}",
                code="consent_required",
            )
        session = session or self._of_repeated_wish(company, key, origin)
        wanted = session or self._sessions.draft(company, origin, version)
        operation, is_new = self._calls.reserve(company, wanted, key)
        if operation.session_id != wanted.session_id:
            raise Conflict(
                "This Idempotency-Key was used in another conversation; make a new one", code="idempotency_conflict"
            )
        if not is_new:
            return self._grant(company, wanted, "video", self._calls.replay(operation))
        if session is None:
            self._sessions.save(wanted)
        elif version is not None:
            self._sessions.consent(wanted, version)
        wanted = self._sessions.extend(wanted, operation.reserved_seconds)
        return self._grant(company, wanted, "video", self._calls.buy(company, wanted, operation))

    def _of_repeated_wish(self, company: Company, key: str, origin: str) -> Session | None:
        """The session that an earlier request without a token made with this key, when its answer was lost.

        The key then stands for the visitor, so it must be one that nobody can guess.
        """
        known = self._calls.known(company, key)
        if known is None:
            return None
        session = self._sessions.get(company.company_id, known.session_id)
        if session.origin != origin or not _is_uuid(key):
            raise Conflict(
                "This Idempotency-Key was used before; send the session's token with it, or make a new UUID",
                code="idempotency_conflict",
            )
        return session

    def _check_origin(self, company: Company, origin: str | None) -> str:
        """Raises: Forbidden. A request without an Origin comes from no website, so it is nobody's visitor."""
        if origin is not None and (origin == self._own_origin or company.allows(origin)):
            return origin
        raise Forbidden(
            "This website may not open a session for this company; send its Origin, and add it to allowedOrigins",
            code="origin_not_allowed",
        )

    def _resumed(self, company: Company, token: str | None, origin: str) -> Session | None:
        if token is None:
            return None
        session = self._sessions.authenticate(token, origin)
        if session.company_id != company.company_id:
            raise Forbidden("'companyId' is not the company of this session", code="forbidden")
        return session

    def _consent_version(self, company: Company, consent: ConsentGiven | None) -> str | None:
        if consent is not None and consent.version != company.consent.version:
            raise InvalidInput(
                f"'consent.version' is not the current one; show the text of version '{company.consent.version}'",
                code="consent_outdated",
            )
        return consent.version if consent else None

    def _grant(
        self, company: Company, session: Session, mode: Mode, operation: Operation | None = None
    ) -> SessionGrant:
        tokens = self._sessions.issue(session)
        return SessionGrant(
            session_id=session.session_id,
            token=tokens.token,
            ticket=tokens.ticket,
            websocket_url=self._websocket_url,
            expires_at=int(tokens.expires_at),
            mode=mode,
            modes=company.profile().modes,
            video=_video(company, operation) if operation else None,
        )


def _is_uuid(key: str) -> bool:
    try:
        return UUID(key).version == 4
    except ValueError:
        return False


def _video(company: Company, operation: Operation) -> VideoGrant:
    assert operation.conversation_id is not None
    assert operation.conversation_url is not None
    return VideoGrant(
        conversation_id=operation.conversation_id,
        conversation_url=operation.conversation_url,
        meeting_token=operation.meeting_token,
        replica_id=company.tavus_replica_id,
        max_seconds=operation.reserved_seconds,
    )

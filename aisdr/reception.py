"""The front desk: which website may open a session for which company, in which mode, with which consent."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from aisdr.audit import ANONYMOUS, by_session, decided, refusals
from aisdr.call import Calls
from aisdr.company import Companies, Company, no_such_company
from aisdr.configuration import Mode
from aisdr.consent import Consents
from aisdr.conversation import Conversation, retold
from aisdr.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthorized
from aisdr.grant import Grants, SessionGrant, TavusSessionGrant
from aisdr.metrics import SESSIONS, count
from aisdr.network import Networks
from aisdr.observability import about
from aisdr.offer import sound_offer
from aisdr.session import SHORTEST_CALL_SECONDS, Session, Sessions
from aisdr.tools.base import Settled
from aisdr.transcript import Transcripts
from aisdr.wish import ConsentGiven, OpenSession, OpenVideo


@dataclass(frozen=True)
class _CallWish:
    """A wish for a live call, whichever door it came through."""

    mode: Mode
    key: str | None
    token: str | None
    consent: ConsentGiven | None
    must_consent: bool
    address: str | None
    offer: str | None = None


@dataclass(frozen=True)
class _Wanted:
    """A wish that nothing speaks against: the session that it is for, stored already or still a draft."""

    key: str
    offer: str | None
    consent_version: str | None
    session: Session
    is_new: bool


class Reception:
    """Opens, renews and ends sessions."""

    def __init__(
        self,
        companies: Companies,
        sessions: Sessions,
        calls: Calls,
        transcripts: Transcripts,
        consents: Consents,
        networks: Networks,
        *,
        public_url: str,
        websocket_url: str,
    ) -> None:
        self._companies = companies
        self._sessions = sessions
        self._calls = calls
        self._transcripts = transcripts
        self._consents = consents
        self._networks = networks
        self._own_origin = public_url
        self._grants = Grants(sessions, websocket_url)

    def open(
        self, wish: OpenSession, origin: str | None, idempotency_key: str | None, address: str | None = None
    ) -> SessionGrant:
        """Opens a session, or goes on with the one whose token is in `resume`.

        `address` is where the visitor is on the internet; all whose address is not known count as one network.

        Raises:
            NotFound, Forbidden, InvalidInput, Unauthorized, NotConfigured, LimitReached, VendorError: nothing is
                stored or spent unless the last check has passed.
        """
        company = self._named(wish.company_id)
        with refusals("session.create", company_id=company.company_id, who=ANONYMOUS, mode=wish.mode):
            about(company_id=company.company_id, mode=wish.mode)
            allowed = self._check_origin(company, origin)
            if wish.mode == "text" or wish.mode == "tts":
                return self._open_text(company, allowed, wish)
            call = _CallWish(wish.mode, idempotency_key, wish.resume, wish.consent, True, address, wish.sdp_offer)
            wanted = self._wanted(company, allowed, call)
        return self._open_call(company, call, wanted)

    def open_video(
        self,
        wish: OpenVideo,
        origin: str | None,
        token: str | None,
        idempotency_key: str | None,
        address: str | None = None,
    ) -> TavusSessionGrant:
        """The same call by the mission's door. Consent is recorded when it is given here or was given before."""
        company = self._named(wish.company_id)
        with refusals("session.create", company_id=company.company_id, who=ANONYMOUS, mode="video"):
            about(company_id=company.company_id, mode="video")
            call = _CallWish("video", idempotency_key, token, wish.consent, False, address)
            wanted = self._wanted(company, self._check_origin(company, origin), call)
        grant = self._open_call(company, call, wanted)
        assert grant.video is not None
        shared = grant.model_dump(include={"session_id", "websocket_url", "ticket", "token", "expires_at"})
        return TavusSessionGrant(**shared, **grant.video.model_dump())

    def renew(self, session: Session, *, in_call: bool = True) -> SessionGrant:
        """A fresh token and ticket for a conversation that is still open, in the live mode that it is in.

        With `in_call` False the ticket is for typing: a page that was loaded anew, or a second tab, sits in no call.
        """
        company = self._companies.get(session.company_id)
        call = self._calls.running(session.company_id, session.session_id) if in_call else None
        decided("session.renew", "allow", company_id=session.company_id, who=by_session(session.session_id))
        return self._grants.give(company, session, call.mode if call else "text", call)

    def conversation(
        self, session: Session, settled: Callable[[Session, Sequence[str]], dict[str, Settled]]
    ) -> Conversation:
        """What was said so far. `settled` tells what became of confirmations."""
        said = self._transcripts.all(session)
        call = self._calls.running(session.company_id, session.session_id)
        return retold(said, call.mode if call else None, lambda asked: settled(session, asked))

    def end(self, session: Session, *, call_only: bool) -> None:
        """Ends the running call; and, unless `call_only`, revokes the session."""
        self._calls.end(session.company_id, session.session_id, "visitor" if call_only else "conversation")
        if not call_only:
            self._sessions.end(session)
            decided("session.end", "done", company_id=session.company_id, who=by_session(session.session_id))

    def _open_text(self, company: Company, origin: str, wish: OpenSession) -> SessionGrant:
        if not company.offers(wish.mode):
            raise Forbidden(f"The mode '{wish.mode}' is not enabled for this company", code="mode_not_enabled")
        version = self._consent_version(company, wish.consent)
        session = self._resumed(company, wish.resume, origin)
        is_new = session is None
        if session is None:
            session = self._sessions.open(company, origin, version)
            count(SESSIONS, 1, company_id=company.company_id)
        if version is not None:
            self._consents.record(company, session, wish.mode)
        _opened(session, wish.mode, is_new=is_new)
        return self._grants.give(company, session, wish.mode)

    def _wanted(self, company: Company, origin: str, wish: _CallWish) -> _Wanted:
        """All that can be refused before anything is stored or spent."""
        key = self._calls.check(company, wish.mode, wish.key)
        offer = sound_offer(wish.offer) if wish.mode == "voice" else None
        version = self._consent_version(company, wish.consent)
        session = self._resumed(company, wish.token, origin)
        if wish.must_consent and version is None and (session is None or session.consent_version is None):
            raise Forbidden(
                f"{wish.mode.capitalize()} needs the visitor's consent first: "
                f"send consent {{'version': '{company.consent.version}'}}",
                code="consent_required",
            )
        session = session or self._of_repeated_wish(company, key, origin)
        wanted = session or self._sessions.draft(company, origin, version)
        return _Wanted(key, offer, version, wanted, is_new=session is None)

    def _open_call(self, company: Company, wish: _CallWish, wanted: _Wanted) -> SessionGrant:
        session = wanted.session
        about(session_id=session.session_id)
        network = self._networks.mark(company.company_id, wish.address)
        seconds = self._sessions.seconds_for_a_call(session)
        if seconds < SHORTEST_CALL_SECONDS and self._calls.known(company, wanted.key) is None:
            raise Unauthorized("The conversation is about to end; open a new session with POST /api/session for a call")
        shortened = company.with_calls_within(seconds)
        operation, is_new = self._calls.reserve(
            shortened, session, wish.mode, wanted.key, wanted.offer, network=network
        )
        if operation.session_id != session.session_id:
            raise Conflict(
                "This Idempotency-Key was used in another conversation; make a new one", code="idempotency_conflict"
            )
        if not is_new:
            return self._grants.give(company, session, wish.mode, self._calls.replay(operation))
        if wanted.is_new:
            self._sessions.save(session)
        elif wanted.consent_version is not None:
            self._sessions.consent(session, wanted.consent_version)
        if wanted.consent_version is not None:
            self._consents.record(company, session, wish.mode)
        _opened(session, wish.mode, is_new=wanted.is_new)
        bought = self._calls.buy(company, session, operation, wanted.offer)
        count(SESSIONS, 1, company_id=company.company_id)
        return self._grants.give(company, session, wish.mode, bought)

    def _of_repeated_wish(self, company: Company, key: str, origin: str) -> Session | None:
        """The session that an earlier request without a token made with this key, when its answer was lost.

        The key then stands for the visitor, so it must be one that nobody can guess.
        """
        known = self._calls.known(company, key)
        if known is None:
            return None
        another = Conflict(
            "This Idempotency-Key was used before; send the session's token with it, or make a new UUID",
            code="idempotency_conflict",
        )
        if not _is_uuid(key):
            raise another
        try:
            session = self._sessions.get(company.company_id, known.session_id)
        except NotFound:
            self._calls.replay(known)  # not stored yet: the first request is on its way
            raise
        if session.origin != origin:
            raise another
        return session

    def _named(self, company_id: str) -> Company:
        """Raises: NotFound."""
        with refusals("session.create", company_id=None, who=ANONYMOUS):  # the name is a stranger's word
            return self._companies.get(company_id)

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
            raise no_such_company(company.company_id)  # as for one that does not exist
        return session

    def _consent_version(self, company: Company, consent: ConsentGiven | None) -> str | None:
        if consent is not None and consent.version != company.consent.version:
            raise InvalidInput(
                f"'consent.version' is not the current one; show the text of version '{company.consent.version}'",
                code="consent_outdated",
            )
        return consent.version if consent else None


def _is_uuid(key: str) -> bool:
    try:
        return UUID(key).version == 4
    except ValueError:
        return False


def _opened(session: Session, mode: Mode, *, is_new: bool) -> None:
    who, reason = by_session(session.session_id), "new" if is_new else "resumed"
    decided("session.create", "allow", company_id=session.company_id, who=who, reason=reason, mode=mode)

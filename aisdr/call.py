"""A live call as its visitor has it: reserve, buy, hand over, end. Whoever sees the end first says so."""

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence

from aisdr.audit import Decision, by_session, decided, refusals
from aisdr.company import Company
from aisdr.configuration import Mode
from aisdr.errors import AisdrError, Conflict, Forbidden, InvalidInput, LimitReached, NotFound, VendorError
from aisdr.greeting import greeting
from aisdr.inference.base import ToolSpec
from aisdr.introduction import introduced
from aisdr.ledger import Ledger, Operation, operation_id
from aisdr.live.base import CallRequest, LiveCall, LiveVendor
from aisdr.metrics import STEP_DOWNS, count
from aisdr.network import NOBODYS
from aisdr.observability import logger
from aisdr.overdue import OverdueCalls
from aisdr.session import Session, Sessions
from aisdr.settling import Settling

MIN_KEY, MAX_KEY = 16, 128


class Calls:
    """Starts and ends the live calls of all companies, each mode with its own vendor."""

    def __init__(
        self,
        vendors: Mapping[Mode, LiveVendor],
        ledger: Ledger,
        sessions: Sessions,
        memory_told: Callable[[Company, Session], str],
        tool_specs: Callable[[Company], Sequence[ToolSpec]],
        *,
        webhook_url: str,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        over: Callable[[Operation, str], None] = lambda operation, reason: None,
    ) -> None:
        """`over` hears of a call that ends although its visitor's own page did not ask for it, and why."""
        self._vendors = vendors
        self._ledger = ledger
        self._sessions = sessions
        self._memory_told = memory_told
        self._tool_specs = tool_specs
        self._webhook_url = webhook_url
        self._settling = Settling(vendors, ledger, clock, over)
        self._overdue = OverdueCalls(vendors, ledger, self._settling, clock, sleep)

    def check(self, company: Company, mode: Mode, idempotency_key: str | None) -> str:
        """All that can be refused before anything is stored or spent; returns the key.

        Raises:
            Forbidden: the company has no calls in this mode.
            NotConfigured: there is no key for the vendor.
            InvalidInput: no usable Idempotency-Key.
        """
        self._vendor(mode).check(company)
        if idempotency_key is None or not MIN_KEY <= len(idempotency_key) <= MAX_KEY:
            raise InvalidInput(
                f"The header Idempotency-Key is required here, {MIN_KEY} to {MAX_KEY} characters; send a new UUID for "
                "each call you want",
                code="idempotency_key_required",
            )
        return idempotency_key

    def known(self, company: Company, idempotency_key: str) -> Operation | None:
        """The operation an earlier request with this key made, whatever became of it."""
        return self._ledger.get(company.company_id, operation_id(company.company_id, idempotency_key))

    def running(self, company_id: str, session_id: str) -> Operation | None:
        """The session's live call, if it is in one."""
        open_calls = self._ledger.open_operations(company_id, session_id)
        calls = [each for each in open_calls if each.state in ("created", "live")]
        return max(calls, key=lambda each: each.reserved_at, default=None)

    def reserve(
        self,
        company: Company,
        session: Session,
        mode: Mode,
        idempotency_key: str,
        offer: str | None = None,
        *,
        network: str = NOBODYS,
    ) -> tuple[Operation, bool]:
        """Takes a line and the money for one call. True when it is new, False when the same wish was made before.

        A new call ends the session's earlier ones; a full house is asked again without them. `network` is the mark of
        where the wish comes from.

        Raises:
            Conflict: the key was used for another request.
            LimitReached: a cap of the company is full; nothing was stored.
        """
        who = by_session(session.session_id)
        with refusals("call.reserve", company_id=company.company_id, who=who, mode=mode):
            operation, is_new = self._take(company, session, mode, idempotency_key, offer, network)
        decided(
            "call.reserve",
            "spend" if is_new else "allow",
            company_id=company.company_id,
            who=who,
            reason="new" if is_new else "repeated",
            mode=mode,
            operation=operation.operation_id,
            seconds=operation.reserved_seconds,
        )
        return operation, is_new

    def _take(
        self, company: Company, session: Session, mode: Mode, idempotency_key: str, offer: str | None, network: str
    ) -> tuple[Operation, bool]:
        vendor, fingerprint = self._vendor(mode), _fingerprint(session, mode, offer)

        def take() -> tuple[Operation, bool]:
            return self._ledger.reserve(
                company,
                session.session_id,
                idempotency_key,
                fingerprint,
                vendor.minute_price,
                mode=mode,
                vendor=vendor.name,
                network=network,
            )

        try:
            operation, is_new = take()
        except LimitReached as full:
            # A call of one's own gives back a line and what is left of its time, but no start of the network.
            running = self._ledger.open_operations(company.company_id, session.session_id)
            if full.code == "network_busy" or not running:
                raise
            self.end(company.company_id, session.session_id, "replaced")
            return take()
        if is_new:
            self._end(
                company.company_id,
                session.session_id,
                "replaced",
                lambda each: each.operation_id != operation.operation_id,
            )
        return operation, is_new

    def buy(self, company: Company, session: Session, operation: Operation, offer: str | None = None) -> Operation:
        """Creates the call that was reserved.

        Raises:
            LimitReached: the vendor's plan is full.
            NotConfigured: the vendor wants another key, or other settings.
            InvalidInput: the vendor cannot read the offer.
            NotFound: the session was ended meanwhile, and so was the call.
            VendorError: the call could not be created, or nobody knows whether it was.
        """
        vendor = self.vendor_of(operation)
        try:
            request = self._request(company, session, operation, offer)
        except Exception:
            self._ledger.fail(operation)  # the vendor has not been asked for anything
            _bought(operation, "deny", "not_asked")
            raise
        try:
            call = vendor.start(request)
        except AisdrError as error:
            self._not_bought(operation, vendor, error)
            if isinstance(error, VendorError):
                raise _not_created(vendor, retryable=error.retryable, retry_after=error.retry_after) from error
            raise
        except Exception:
            # A bug of ours, before or after the vendor has heard us: it is looked for like a lost answer.
            self._ledger.unknown(operation)
            _bought(operation, "deny", "unexpected", unknown=True)
            raise
        with refusals("call.buy", company_id=company.company_id, who=by_session(session.session_id)):
            stored = self._store(operation, call, vendor)
        _bought(operation, "spend", "")
        try:
            self._sessions.get(session.company_id, session.session_id)
        except NotFound:
            self.end(session.company_id, session.session_id, "visitor")  # left while the call was being created
            raise
        return stored

    def replay(self, operation: Operation) -> Operation:
        """What a repeated wish gets: the call it bought the first time.

        Raises:
            NotFound: that call is over.
            VendorError: it is still being created, or nobody knows yet.
        """
        if operation.state in ("created", "live"):
            return operation
        if operation.state in ("reserved", "unknown"):
            raise VendorError(
                "The call with this Idempotency-Key is still being created; try again in a few seconds",
                vendor=operation.vendor,
                retryable=True,
                code="call_pending",
            )
        raise NotFound("The call with this Idempotency-Key is over; use a new key", code="call_over")

    def reported(self, call_id: str, units: Mapping[str, int], key: str) -> None:
        """What the reply `key` used, as the browser passes it on: kept with the call for the operator's eyes."""
        self._ledger.reported(call_id, units, key)

    def greeting(self, company: Company, session: Session) -> str:
        """The first words of a call, for vendors that must be asked to say them."""
        return greeting(company, goes_on=bool(self._memory_told(company, session)))

    def end(self, company_id: str, session_id: str, reason: str, call_id: str | None = None) -> None:
        """Ends whatever calls the session has, or the one named. Safe to repeat.

        An end that the vendor missed the reconciler repeats.
        """
        self._end(company_id, session_id, reason, lambda each: call_id in (None, each.conversation_id))

    def forget(self, company_id: str, session_id: str) -> None:
        """Has the vendors delete what they keep of the session's calls, and takes its name off their bills.

        Raises:
            Conflict: one of them is not settled yet; its vendor still has to tell what it took.
            VendorError: a vendor did not delete.
        """
        operations = self._ledger.of_session(company_id, session_id)
        if any(each.is_open for each in operations):
            raise Conflict("A call of this session is not settled yet")
        for operation in operations:
            if operation.conversation_id is not None:
                self.vendor_of(operation).forget(operation.conversation_id)
            self._ledger.without_person(operation)

    def reconcile(self) -> int:
        """Looks after what is overdue. Returns how many operations it closed."""
        return self._overdue.reconcile()

    def end_on_time(self, seconds: float) -> int:
        """Waits for calls whose time is up within so many seconds, and ends them. Returns how many it closed."""
        return self._overdue.end_on_time(seconds)

    def settle(self, operation: Operation, reason: str, *, who: str) -> bool:
        """Somebody says that the call is over, see `Settling.settle`. True for the first who says so rightly."""
        return self._settling.settle(operation, reason, who=who)

    def vendor_of(self, operation: Operation) -> LiveVendor:
        """Who runs this call."""
        return self._vendors[operation.mode]

    def _vendor(self, mode: Mode) -> LiveVendor:
        if mode not in self._vendors:
            raise Forbidden(f"The mode '{mode}' has no calls", code="mode_not_enabled")
        return self._vendors[mode]

    def _end(self, company_id: str, session_id: str, reason: str, wanted: Callable[[Operation], bool]) -> None:
        for operation in self._ledger.open_operations(company_id, session_id):
            if operation.conversation_id is not None and wanted(operation):
                try:
                    self._settling.end(operation, reason, by_session(session_id))
                except AisdrError as error:
                    # The visitor is gone and can do nothing about it.
                    logger.error("call not ended", operation_id=operation.operation_id, code=error.code)

    def _request(self, company: Company, session: Session, operation: Operation, offer: str | None) -> CallRequest:
        capability = self._sessions.capability(operation.operation_id, company.company_id)
        said = self._memory_told(company, session)
        return CallRequest(
            company=company,
            name=operation.operation_id,
            max_seconds=operation.reserved_seconds,
            callback_url=f"{self._webhook_url}/{capability}",
            context="\n".join(part for part in (introduced(session).told(), said) if part),
            greeting=greeting(company, goes_on=bool(said)),
            tools=tuple(self._tool_specs(company)),
            offer=offer,
        )

    def _not_bought(self, operation: Operation, vendor: LiveVendor, error: AisdrError) -> None:
        """Refused for certain, and everything is given back; or nobody knows, and everything stays reserved."""
        lost = isinstance(error, VendorError) and error.outcome_unknown
        if lost:
            self._ledger.unknown(operation)
        else:
            self._ledger.fail(operation)
        logger.error(
            "call not created",
            operation_id=operation.operation_id,
            vendor=vendor.name,
            code=error.code,
            reason=error.message,
            unknown=lost,
        )
        _bought(operation, "deny", error.code, unknown=lost)
        count(STEP_DOWNS, 1, company_id=operation.company_id, mode=operation.mode)

    def _store(self, operation: Operation, call: LiveCall, vendor: LiveVendor) -> Operation:
        try:
            stored = self._ledger.created(
                operation, call.call_id, call.url, call.token, call.answer, watched=vendor.tells_end
            )
        except Exception:
            # The call is bought and we cannot remember it: end it at once rather than pay for a room nobody can enter.
            vendor.end(call.call_id)
            raise
        if stored.conversation_id != call.call_id or stored.state not in ("created", "live"):
            # The answer came so late that the reconciler has given the reservation back, or found and ended the call.
            vendor.end(call.call_id)
            raise _not_created(vendor, retryable=True)
        return stored


def _bought(operation: Operation, decision: Decision, reason: str, *, unknown: bool = False) -> None:
    decided(
        "call.buy",
        decision,
        company_id=operation.company_id,
        who=by_session(operation.session_id),
        reason=reason,
        mode=operation.mode,
        operation=operation.operation_id,
        unknown=unknown,
    )


def _not_created(vendor: LiveVendor, *, retryable: bool, retry_after: float | None = None) -> VendorError:
    return VendorError(
        vendor.not_created,
        vendor=vendor.name,
        retryable=retryable,
        code=f"{vendor.name}_session_failed",
        retry_after=retry_after,
    )


def _fingerprint(session: Session, mode: Mode, offer: str | None) -> str:
    """The same wish comes from the same website of the same company; an answer fits only the offer it was made for."""
    return hashlib.sha256(f"{session.company_id}|{session.origin}|{mode}|{offer or ''}".encode()).hexdigest()[:16]

"""The front desk with ledger and reconciler, Tavus's look-alike behind it: their clocks run together, by hand."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any
from uuid import uuid4

from aisdr.call import Calls
from aisdr.company import Companies, Company
from aisdr.consent import Consents
from aisdr.grant import SessionGrant
from aisdr.ledger import Ledger
from aisdr.live.tavus import TavusVideo
from aisdr.network import Networks
from aisdr.reception import Reception
from aisdr.session import Sessions
from aisdr.table import Table
from aisdr.transcript import Transcripts
from aisdr.wish import OpenSession
from benchmarks.scoreboard.scene.serial_dynamodb import COMPANIES, CONVERSATIONS, SerialDynamoDb, serial_dynamodb
from tests.material import KEYS, Clock, a_company
from tests.tavus import Tavus, running_tavus

PLENTY = 1_000_000
MINUTE = 60.0
AHEAD_SECONDS = 55.0
"""As the reconciler's handler has it."""


class FrontDesk:
    """Serves visitors of several companies in video."""

    def __init__(self, dynamodb: SerialDynamoDb, tavus: Tavus, clock: Clock) -> None:
        self.dynamodb, self.tavus, self.clock = dynamodb, tavus, clock
        table = Table(dynamodb, CONVERSATIONS, clock)  # type: ignore[arg-type]  # speaks like a client
        self.companies = Companies(Table(dynamodb, COMPANIES, clock))  # type: ignore[arg-type]
        self.ledger = Ledger(table, clock)
        self.sessions = Sessions(table, KEYS, clock)
        self._transcripts = Transcripts(table, clock)
        self._consents = Consents(table, clock)
        self.serve_with(tavus.video())

    def serve_with(self, video: TavusVideo) -> None:
        """Begins anew with this vendor, as a process that has just started."""
        self.calls = Calls(
            {"video": video},
            self.ledger,
            self.sessions,
            lambda _company, _session: "",
            lambda _company: (),
            webhook_url="http://127.0.0.1:9/api/tavus/webhook",  # nobody hears what Tavus has to say
            clock=self.clock,
            sleep=self.advance,
        )
        self._reception = Reception(
            self.companies,
            self.sessions,
            self.calls,
            self._transcripts,
            self._consents,
            Networks(KEYS),
            public_url="http://localhost:3000",
            websocket_url="ws://localhost:3000/ws",
        )

    def settle_in(self, company: Company) -> None:
        self.companies.put(company, expected_version=0)

    def create(
        self, company_id: str, address: str | None, key: str | None = None, token: str | None = None
    ) -> SessionGrant:
        """One POST of a program that says all that a browser would say. Raises: AisdrError."""
        wish = {
            "companyId": company_id,
            "mode": "video",
            "consent": {"version": "1"},
            "resume": token,
        }
        origin = f"https://{company_id}.example"
        return self._reception.open(OpenSession.model_validate(wish), origin, key or str(uuid4()), address)

    def text(self, company_id: str) -> SessionGrant:
        wish = OpenSession.model_validate({"companyId": company_id, "mode": "text"})
        return self._reception.open(wish, f"https://{company_id}.example", None)

    def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.tavus.advance(seconds)

    def tick(self) -> int:
        """The reconciler's minute has come. It waits for calls whose time is up within it, so time may go by."""
        return self.calls.reconcile() + self.calls.end_on_time(AHEAD_SECONDS)


def roomy(company_id: str = "acme", call_seconds: int = 180) -> Company:
    """A company that nothing but a call's own length keeps from calling."""
    return a_company(
        company_id,
        limits={
            "call_seconds": call_seconds,
            "concurrent_calls": PLENTY,
            "network_calls_per_hour": 1000,
            "calls_per_day": PLENTY,
            "minutes_per_day": PLENTY,
            "minutes_per_month": PLENTY,
            "money_per_day": PLENTY,
            "money_per_month": PLENTY,
        },
    )


@contextmanager
def front_desk(now: float, **vendor: Any) -> Iterator[FrontDesk]:
    """Args:
    vendor: fields of `dev.tavus.config.TavusConfig`; without them the plan holds as many calls as are wanted.
    """
    plan = {"concurrency": PLENTY, "credit_seconds": PLENTY * 60, "clock_speed": 0.001}
    with ExitStack() as until:
        until.callback(logging.disable, logging.root.manager.disable)
        logging.disable(logging.CRITICAL)
        until.enter_context(_silent_audit())
        dynamodb = until.enter_context(serial_dynamodb())
        tavus = until.enter_context(running_tavus(**plan | vendor))
        yield FrontDesk(dynamodb, tavus, Clock(now))


@contextmanager
def _silent_audit() -> Iterator[None]:
    """Ten thousand refusals are ten thousand lines, which S-17 counts and not this."""
    from aisdr import audit

    before = audit._outside
    audit.operators_write_to(lambda _line: None)
    try:
        yield
    finally:
        audit.operators_write_to(before)


def moment(text: str) -> float:
    """Epoch seconds of a time in Tavus's answers."""
    return datetime.fromisoformat(text).timestamp()


def lasted(conversation: dict[str, Any], now: float) -> float:
    """Seconds of a conversation as the look-alike tells of it, until its end or until now."""
    until = moment(conversation["updated_at"]) if conversation["status"] == "ended" else now
    return until - moment(conversation["created_at"])

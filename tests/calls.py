"""A company with one visitor, a ledger, and Tavus, whose clocks run together."""

import time
from collections.abc import Callable

import pytest

from aisdr.call import Calls
from aisdr.company import Companies, Company
from aisdr.configuration import Mode
from aisdr.inference.base import ToolSpec
from aisdr.ledger import Ledger, Operation
from aisdr.live.base import LiveVendor
from aisdr.notices import Notices
from aisdr.session import Session, Sessions
from aisdr.table import Table
from aisdr.transcript import Transcripts
from tests.material import KEYS, ORIGIN, Clock, a_company
from tests.tavus import Tavus

IDEMPOTENCY_KEY = "6f1f1c9e-the-wish-of-a-visitor"
NOTHING = {"calls": 0, "seconds": 0, "cents": 0, "active": 0}


def start_call(
    calls: Calls, company: Company, session: Session, key: str, mode: Mode = "video", offer: str | None = None
) -> Operation:
    """One wish, as the reception serves it."""
    operation, is_new = calls.reserve(company, session, mode, key, offer)
    return calls.buy(company, session, operation, offer) if is_new else calls.replay(operation)


class CallScene:
    """`acme` and its visitor before, during and after a call."""

    def __init__(self, tavus: Tavus, conversations: Table, companies: Table, clock: Clock) -> None:
        self.tavus, self.clock, self._table = tavus, clock, conversations
        self.ledger = Ledger(conversations, clock)
        self.sessions = Sessions(conversations, KEYS, clock)
        self.transcripts = Transcripts(conversations, clock)
        self.companies = Companies(companies)
        self.company = a_company()
        self.companies.put(self.company, expected_version=0)
        self.session = self.sessions.open(self.company, ORIGIN, "1")
        self.told = self._told
        self.calls = self.with_vendor(tavus.video())

    def with_vendor(self, *vendors: LiveVendor, sleep: Callable[[float], None] = time.sleep) -> Calls:
        return Calls(
            {vendor.mode: vendor for vendor in vendors},
            self.ledger,
            self.sessions,
            lambda company, session: self.told(company, session),
            lambda _: (ToolSpec("search_knowledge", "Looks things up.", {"type": "object", "properties": {}}),),
            webhook_url="http://127.0.0.1:9/api/tavus/webhook",
            clock=self.clock,
            sleep=sleep,
        )

    def start(
        self,
        key: str = IDEMPOTENCY_KEY,
        session: Session | None = None,
        mode: Mode = "video",
        offer: str | None = None,
    ) -> Operation:
        return start_call(self.calls, self.company, session or self.session, key, mode, offer)

    def another_visitor(self) -> Session:
        return self.sessions.open(self.company, ORIGIN, "1")

    def advance(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.tavus.advance(seconds)

    def today(self) -> dict[str, int]:
        return self.ledger.today("acme")

    def state(self, key: str = IDEMPOTENCY_KEY) -> str:
        operation = self.calls.known(self.company, key)
        assert operation is not None
        return operation.state

    def notice(self, operation: Operation, event_type: str, conversation_id: str | None = None) -> None:
        """A webhook as Tavus would send it, or as somebody would who knows its path."""
        capability = self.sessions.capability(operation.operation_id, "acme")
        body = {"conversation_id": conversation_id or operation.conversation_id, "event_type": event_type}
        self.notices.receive(capability, body)

    @property
    def notices(self) -> Notices:
        return Notices(self.calls, self.ledger, self.sessions, self.transcripts, self._table, self.clock)

    def _told(self, company: Company, session: Session) -> str:
        return "\n".join(f"{turn.role}: {turn.text}" for turn in self.transcripts.recent(session))


@pytest.fixture
def scene(tavus: Tavus, conversations_table: Table, companies_table: Table, clock: Clock) -> CallScene:
    return CallScene(tavus, conversations_table, companies_table, clock)

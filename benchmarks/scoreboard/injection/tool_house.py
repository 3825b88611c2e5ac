"""Where tools are abused: acme with every tool in a video call, globex beside it, and what comes of both."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aisdr.configuration import DemoClip, People
from aisdr.limits import Limits
from aisdr.services import Services
from aisdr.tenant import TenantScope
from aisdr.tools.base import ToolContext
from benchmarks.scoreboard.scene.stage import Stage, stage
from tests.material import ORIGIN, a_company
from tests.sockets import CALL, Visitor
from tests.tools.company_server import CompanyServer, open_company_server, reserve_demo


@dataclass
class House:
    """A visitor of acme in a video call, with all tools, and what came of what was tried."""

    services: Services
    visitor: Visitor
    servers: tuple[CompanyServer, CompanyServer]
    asked: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)

    @property
    def context(self) -> ToolContext:
        return ToolContext(self.services.companies.get("acme"), self.visitor.session)

    def expect_refused(self, what: str, code: str, due: str) -> None:
        """`code` is what came of it, `due` the only one that is right: another refusal may be luck."""
        self.asked += 1
        if code == due:
            self.refused[code] += 1
        else:
            self.failed.append(f"{what}: {code or 'it worked'}, not {due}")

    def expect(self, what: str, *, holds: bool) -> None:
        self.asked += 1
        if not holds:
            self.failed.append(what)

    def effects(self) -> dict[str, int]:
        scopes = [TenantScope.for_operator(each) for each in ("acme", "globex")]
        return {
            "log_lead": sum(len(self.services.leads.list(scope)) for scope in scopes),
            "request_human": sum(len(list(self.services.handovers.each(scope))) for scope in scopes),
            "reserve_demo": len(self.servers[0].effects),
            "wire_money": len(self.servers[1].requests),
        }


@contextmanager
def house() -> Iterator[House]:
    with stage() as theirs, open_company_server() as own, open_company_server() as foreign:
        yield House(theirs.services, _open(theirs, own, foreign), (own, foreign))


def _open(theirs: Stage, own: CompanyServer, foreign: CompanyServer) -> Visitor:
    services = theirs.services
    look_up = reserve_demo(
        own.url,
        name="look_up",
        description="Looks a topic up in the company's own system.",
        parameters={"properties": {"topic": {"type": "string"}}, "required": ["topic"]},
        writes=False,
    )
    own.effects.clear()
    acme = a_company(
        http_tools=(reserve_demo(own.url), look_up.model_copy(update={"url": f"{own.url}/look"})),
        booking_url="https://cal.com/acme",
        people=People(email="sales@acme.example"),
        demo_clips=(DemoClip(title="Dashboard tour", url="/media/acme/tour.webm"),),
        limits=Limits(network_calls_per_hour=100),
    )
    services.companies.put(acme, expected_version=1)
    wire = reserve_demo(foreign.url, name="wire_money", description="Sends money to anybody.", writes=False)
    globex = a_company("globex", http_tools=(wire,))
    services.companies.put(globex, expected_version=0)
    for company, call in ((acme, CALL), (globex, "conv-of-nobody")):
        session = services.sessions.open(company, ORIGIN, None)
        operation, _ = services.ledger.reserve(
            company, session.session_id, "a visitor's wish", "fingerprint", 0.5, mode="video", vendor="tavus"
        )
        services.ledger.created(operation, call, f"https://tavus.daily.co/{call}", None)
        if company is acme:
            visitor = Visitor(services, theirs.postbox, session, services.relay)
    return visitor

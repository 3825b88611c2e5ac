"""S-13: every way to abuse a tool through every door; each is refused by a code that docs/api.md names, and none works.

Rows: the table of `abuses.py`; another company's company, call and confirmation; one id for two calls; a word said
twice; five at once through two doors (T-TOOL-03); thousands of calls in one conversation.
"""

import hashlib
import hmac
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from threading import Barrier, Lock
from typing import Any

from aisdr.configuration import DemoClip, Limits, People
from aisdr.errors import AisdrError
from aisdr.services import Services
from aisdr.session import Session
from aisdr.tenant import TenantScope
from aisdr.tools.base import ToolContext
from aisdr.tools.caps import MOST_OF_ALL
from benchmarks.scoreboard.abuses import WISHES, Abuse, abuses
from benchmarks.scoreboard.figure import Figure, Form
from benchmarks.scoreboard.stage import DELIVERY_SECRET, Stage, stage
from tests import doors
from tests.material import ORIGIN, a_company
from tests.sockets import CALL, Visitor
from tests.tools.company_server import CompanyServer, open_company_server, reserve_demo

API_PAGE = Path(__file__).parents[2] / "docs" / "api.md"
WRITING = ("log_lead", "request_human", "reserve_demo")
A_CONNECTION_BEARS = 25
"""Frames in a burst; a flood is another figure's matter."""


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

    def expect_refused(self, what: str, code: str) -> None:
        self.asked += 1
        if code in documented():
            self.refused[code] += 1
        else:
            self.failed.append(f"{what}: {code or 'it worked'}")

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


Door = Callable[[House, Abuse], str]
"""Brings one call; answers with the code of its refusal, empty when there was none."""


@cache
def documented() -> frozenset[str]:
    """Codes that say whose fault it is; a fault of ours refuses nothing."""
    codes = re.findall(r"`([a-z]+(?:_[a-z]+)+|forbidden|unauthorized)`", API_PAGE.read_text("utf-8"))
    return frozenset(codes) - {"internal_error"}


def by_http(house: House, abuse: Abuse, **body: Any) -> str:
    token = house.services.sessions.issue(house.visitor.session).token
    body = {"companyId": "acme", "name": abuse.tool, "arguments": abuse.arguments} | body
    reply = doors.call("POST", "/api/tavus/tool", body=body, authorization=f"Bearer {token}", origin=ORIGIN)
    return _code(reply)


def by_delivery(house: House, abuse: Abuse, conversation: str = CALL) -> str:
    body = {"name": abuse.tool, "arguments": json.dumps(abuse.arguments), "conversation_id": conversation}
    raw = json.dumps(body).encode()
    signature = hmac.new(DELIVERY_SECRET.encode(), raw, hashlib.sha256).hexdigest()
    return _code(doors.call("POST", "/api/tavus/delivery", body=raw, x_tavus_signature=signature))


def by_relay(house: House, abuse: Abuse) -> str:
    number = next(house.visitor.numbers)
    connection = f"c{number // A_CONNECTION_BEARS}"
    if number % A_CONNECTION_BEARS in (0, 1):
        house.visitor.connect(connection, "video", CALL)
    frames = house.visitor.tool_call(
        abuse.tool, json.dumps(abuse.arguments), f"call-{number}", seq=number, connection_id=connection
    )
    for frame in frames:
        if frame["type"] == "error":
            return str(frame["error"]["code"])
        if frame["type"] == "send":
            output = frame["message"]["properties"]["output"]
            result = json.loads(output) if isinstance(output, str) else output
            return str(result.get("error", ""))
    return "no answer"


def by_agent(house: House, abuse: Abuse) -> str:
    """As the agent calls: a model's arguments are an object, or were no JSON."""
    try:
        house.services.tools.run(house.context, None, abuse.tool, abuse.arguments)
    except AisdrError as error:
        return error.code
    return ""


DOORS: dict[str, Door] = {"http": by_http, "delivery": by_delivery, "relay": by_relay, "agent": by_agent}


def measure(form: Form) -> Figure:
    rows = list(abuses())
    with house() as ours:
        for number, abuse in enumerate(rows):
            for place, (name, door) in enumerate(DOORS.items()):
                if name == "agent" and not isinstance(abuse.arguments, dict):
                    continue
                if form == "full" or (number + place) % 24 == 0:
                    ours.expect_refused(f"{abuse.wrong} of {abuse.tool[:20]!r} by {name}", _tried(door, ours, abuse))
        _of_others(ours)
        _without_effect(ours)
        _said_twice(ours)
        _at_once(ours)
        too_many = _again_and_again(ours, 10_000 if form == "full" else 80)
    asked, failed = ours.asked, ours.failed
    return Figure(
        f"{asked - len(failed):,} of {asked:,} as they must, {too_many:,} calls over a cap refused",
        "all",
        not failed and too_many > 0,
        {"asked": asked, "failed": failed, "codes": dict(ours.refused), "over_cap": too_many, "rows": len(rows)},
    )


def _tried(door: Door, house: House, abuse: Abuse) -> str:
    try:
        return door(house, abuse)
    except Exception as error:
        return f"crashed with {type(error).__name__}"


def _of_others(house: House) -> None:
    """What belongs to another company or conversation looks as if it were not there."""
    wish = Abuse("", "search_knowledge", WISHES["search_knowledge"])
    house.expect_refused("another company", by_http(house, wish, companyId="globex"))
    house.expect_refused("no company", by_http(house, wish, companyId="nobody"))
    house.expect_refused("another call", by_delivery(house, wish, "conv-of-globex"))
    house.expect_refused("a tool of another company", by_http(house, Abuse("", "wire_money", {"city": "Lyon"})))
    other = house.services.sessions.open(house.services.companies.get("acme"), ORIGIN, None)
    lead = house.services.tools.run(replace(house.context, session=other), "call-other", "log_lead", WISHES["log_lead"])
    foreign = str(lead.result["confirmationId"])
    for identity in (foreign, "", "0", "x" * 64, "../" + foreign[:8], foreign[:-1], foreign + "0", "__proto__"):
        house.expect_refused("a confirmation of another conversation", _word(house, identity))


def _without_effect(house: House) -> None:
    effects = house.effects()
    house.expect(f"effects of refused calls: {effects}", holds=not any(effects.values()))


def _said_twice(house: House) -> None:
    """One id for two calls is a conflict; a repeated word has one effect, and other values come too late."""
    tools, context = house.services.tools, house.context
    for tool, wish in WISHES.items():
        tools.run(context, f"twice-{tool}", tool, wish)
        other = Abuse("", tool, _changed(tool, wish))
        house.expect_refused(f"one id for two calls of {tool}", by_http(house, other, callId=f"twice-{tool}"))
    waiting = tools.run(context, "twice-log_lead", "log_lead", WISHES["log_lead"])
    identity = str(waiting.result["confirmationId"])
    for values in ({"companyId": "globex"}, {"email": "nobody"}, {"": "x"}, {"__proto__": "x"}, {"email": "x" * 5000}):
        house.expect_refused(f"values {list(values)}", _word(house, identity, values))
    first = tools.confirm(context, identity, accept=True)
    again = tools.confirm(context, identity, accept=True, values={"email": "collector@evil.example"})
    declined = tools.confirm(context, identity, accept=False)
    house.expect("a word said three times", holds=first == again == declined)
    (stored,) = house.services.leads.list(house.visitor.session.scope)
    house.expect("values that came too late", holds=stored.lead.email == WISHES["log_lead"]["email"])


def _at_once(house: House) -> None:
    """T-TOOL-03. DynamoDB in this process takes one request at a time, as AWS's conditions hold for all at once."""
    tools, session = house.services.tools, house.visitor.session
    contexts = (replace(house.context, live=True), house.context)
    with _one_at_a_time(house.services):
        for tool, wish in WISHES.items():
            before, gate = house.effects(), Barrier(10)
            wish = wish | ({"email": "once@example.com"} if "email" in wish else {})

            def bring(place: int, tool: str = tool, wish: Any = wish, gate: Barrier = gate) -> Any:
                gate.wait()
                return tools.run(contexts[place % 2], f"once-{tool}", tool, wish)

            with ThreadPoolExecutor(10) as threads:
                outcomes = list(threads.map(bring, range(10)))
            house.expect(f"equal answers of {tool}", holds=len({each.model_dump_json() for each in outcomes}) == 1)
            if tool in WRITING:
                house.expect(f"nothing written by {tool}", holds=house.effects() == before)
                identity = str(outcomes[0].result["confirmationId"])
                with ThreadPoolExecutor(5) as threads:
                    words = list(threads.map(lambda _: tools.confirm(contexts[0], identity, accept=True), range(5)))  # noqa: B023
                house.expect(f"equal words on {tool}", holds=all(each == words[0] for each in words))
                house.expect(f"one effect of {tool}", holds=house.effects()[tool] == before[tool] + 1)
    assert session is house.visitor.session


def _again_and_again(house: House, calls: int) -> int:
    """A conversation of its own that asks for nothing but tools: how many calls were refused."""
    session: Session = house.services.sessions.open(house.services.companies.get("acme"), ORIGIN, None)
    context, names = replace(house.context, session=session), ("create_meeting_link", "log_lead", "get_demo_clip")
    codes, ran = Counter[str](), 0
    for number in range(calls):
        name = names[number % len(names)]
        try:
            house.services.tools.run(context, None, name, WISHES[name])
            ran += 1
        except AisdrError as error:
            codes[error.code] += 1
    house.expect(f"{ran} tools ran in one conversation", holds=ran <= MOST_OF_ALL)
    house.expect(f"refusals {dict(codes)}", holds=set(codes) <= {"too_many_tool_calls"})
    return codes["too_many_tool_calls"]


def _word(house: House, identity: str, values: dict[str, str] | None = None) -> str:
    token = house.services.sessions.issue(house.visitor.session).token
    body = {"confirmationId": identity, "accept": True} | ({"values": values} if values else {})
    return _code(
        doors.call("POST", "/api/tool/confirmation", body=body, authorization=f"Bearer {token}", origin=ORIGIN)
    )


def _code(reply: doors.Reply) -> str:
    if reply.status >= 500:
        return f"status {reply.status}"
    return "" if reply.status == 200 else str(reply.json()["error"]["code"])


def _changed(tool: str, wish: dict[str, Any]) -> dict[str, Any]:
    name = "city" if tool == "reserve_demo" else next(iter(wish))
    return wish | {name: {"city": "Berlin", "email": "other@example.com"}.get(name, "something else")}


@contextmanager
def _one_at_a_time(services: Services) -> Iterator[None]:
    lock, events = Lock(), services.dynamodb.meta.events

    def enter(**_: Any) -> None:
        lock.acquire()

    def leave(**_: Any) -> None:
        lock.release()

    hooks = (("before-call", enter), ("after-call", leave), ("after-call-error", leave))
    for name, hook in hooks:
        events.register(name, hook)
    try:
        yield
    finally:
        for name, hook in hooks:
            events.unregister(name, hook)


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

"""The load model reckons with what our functions really ask for, and its arithmetic can be followed by hand."""

import json
import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest

from aisdr import reply
from aisdr.company import Company
from aisdr.configuration import ModelChoice, Models, Search
from aisdr.services import Services
from benchmarks.load_model.__main__ import main
from benchmarks.load_model.assumed import CONVERSATIONS, DELTA_SECONDS, MIX, PEAK, STREAM_SECONDS, Conversation
from benchmarks.load_model.measured import STEPS, Step
from benchmarks.load_model.model import Demand, busiest_second, money, of_conversation, of_step, walls
from tests import doors
from tests.benchmarks.counting import counting
from tests.material import ORIGIN, a_chunk, a_company, teach
from tests.observed import observed
from tests.postbox import Postbox
from tests.tavus import KEY, Tavus
from tests.voice import KEY as OPENAI_KEY
from tests.voice import OpenAi

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
AGREED = {"version": "1"}
QUESTION = {"action": "ask", "id": "q1", "text": "What does Growth cost?"}
LOG_TOLERANCE = 0.15
"""Times and addresses in a line have no fixed length."""


@pytest.fixture
def environment(environment: pytest.MonkeyPatch, tavus: Tavus, openai: OpenAi, postbox: Postbox) -> pytest.MonkeyPatch:
    environment.setenv("OPENAI_BASE_URL", openai.url)
    environment.setenv("OPENAI_API_KEY", OPENAI_KEY)
    environment.setenv("TAVUS_API_URL", tavus.url)
    environment.setenv("TAVUS_API_KEY", KEY)
    environment.setenv("WS_ENDPOINT", postbox.url)
    environment.setattr(reply, "DELTA_SECONDS", 60.0)  # no more pieces on a machine that is busy
    return environment


@pytest.fixture
def company(services: Services) -> Company:
    patient = Search(deadline_ms=5000, live_deadline_ms=5000)  # however busy the machine is
    model = ModelChoice(provider="openai", model="gpt-local", input_price=0.15, output_price=0.60)
    company = a_company(tavus_replica_id="r90bbd427f71", modes=("text", "tts", "video"), search=patient)
    another = a_company("globex", search=patient, models=Models(chat=(model, ModelChoice())))
    for each in (company, another):
        services.companies.put(each, expected_version=0)
        teach(services, each, a_chunk("pricing", "The Growth plan costs $149 a month. It has all that a team needs."))
        services.knowledge.search(each.operator_scope, each, "to open the index, which a process does once")
    return company


class Play:
    """One visitor, every step of whose conversation is served by an instance that has never seen them."""

    def __init__(self, services: Services, tavus: Tavus) -> None:
        self.services, self.tavus = services, tavus
        self.steps: dict[str, Step] = {}
        self.relay = import_module("functions.ws-relay.handler").handler
        self.numbers = iter(range(1, 1000))

    def step(self, name: str, act: Callable[[], Any]) -> Any:
        self.services.relay._known.clear()
        self.services.connections._memories.clear()
        self.services.homes._known.clear()
        with counting() as counted, observed() as written:
            result = act()
        self.steps[name] = Step(counted.calls, counted.reads, counted.writes, counted.posts, len(written.text))
        return result

    def http(self, name: str, method: str, path: str, body: Any = None, origin: str = ORIGIN, **headers: str) -> Any:
        reply = self.step(name, lambda: doors.call(method, path, body=body, origin=origin, **headers))
        assert reply.status < 300, reply.text
        return reply.json() if reply.text.startswith("{") else None

    def enter(self, ticket: str, socket: str, origin: str = ORIGIN) -> None:
        headers = {"Sec-WebSocket-Protocol": f"aisdr, {ticket}", "Origin": origin}
        answer = self.step("connect", lambda: self.relay(_event("$connect", socket) | {"headers": headers}, None))
        assert answer["statusCode"] == 200

    def frame(self, name: str, body: dict[str, Any], socket: str) -> None:
        self.step(name, lambda: self.relay(_event("$default", socket) | {"body": json.dumps(body)}, None))

    def event(self, name: str, event_type: str, properties: Any, call_id: str) -> None:
        raw = {"message_type": "conversation", "event_type": event_type, "conversation_id": call_id}
        event = raw | {"properties": properties, "turn_idx": 1, "inference_id": name}
        self.frame(name, {"action": "event", "seq": next(self.numbers), "event": event}, "c2")

    def text(self) -> None:
        self.http("profile", "GET", "/api/widget/acme")
        grant = self.open("acme", "c1")
        token = {"authorization": f"Bearer {grant['token']}"}
        self.frame("hello", {"action": "hello"}, "c1")
        self.frame("question", QUESTION, "c1")
        self.http("sentence", "POST", "/api/speech", {"text": "It costs $149 a month."}, **token)
        self.http("renew", "POST", f"/api/session/{grant['sessionId']}/renew", **token)
        self.step("disconnect", lambda: self.relay(_event("$disconnect", "c1"), None))
        self.over = self.services.sessions.get("acme", grant["sessionId"])

    def model(self) -> None:
        self.open("globex", "c3")
        self.frame("question to a model", QUESTION, "c3")

    def open(self, company_id: str, socket: str) -> Any:
        origin = f"https://{company_id}.example"
        grant = self.http("session", "POST", "/api/session", {"companyId": company_id}, origin=origin)
        self.enter(grant["ticket"], socket, origin)
        return grant

    def video(self) -> None:
        body = {"companyId": "acme", "consent": AGREED}
        grant = self.http("call", "POST", "/api/tavus/session", body, idempotency_key=str(uuid4()))
        call_id, token = grant["conversationId"], {"authorization": f"Bearer {grant['token']}"}
        self.enter(grant["ticket"], "c2")
        self.event("event", "conversation.user.started_speaking", {}, call_id)
        self.event("utterance", "conversation.utterance", {"role": "user", "speech": "What does it cost?"}, call_id)
        wanted = {"name": "search_knowledge", "arguments": '{"query": "Growth"}', "tool_call_id": "t1"}
        self.event("tool", "conversation.tool_call", wanted, call_id)
        self.http("hang up", "DELETE", f"/api/session/{grant['sessionId']}?call=only", **token)

    def reconciler(self) -> None:
        """Only the typed conversation is over long enough."""
        self.services.sessions.end(self.over)
        later = self.services.sessions._clock() + 120
        self.services.sessions._clock = lambda: later
        assert self.step("close", lambda: self.services.closing.close_due()) == 1


def _event(route: str, socket: str) -> dict[str, Any]:
    caller = {"sourceIp": "203.0.113.7"}
    return {"requestContext": {"routeKey": route, "connectionId": socket, "requestId": "r", "identity": caller}}


@pytest.fixture
def played(services: Services, company: Company, tavus: Tavus, postbox: Postbox) -> dict[str, Step]:
    play = Play(services, tavus)
    play.text()
    play.model()
    play.video()
    play.reconciler()
    return play.steps


def test_every_step_asks_for_what_the_model_reckons_with(played: dict[str, Step]) -> None:
    assert {name: (step.calls, step.reads, step.writes, step.posts) for name, step in played.items()} == {
        name: (step.calls, step.reads, step.writes, step.posts) for name, step in STEPS.items()
    }


def test_logs_are_about_as_long_as_the_model_reckons_with(played: dict[str, Step]) -> None:
    for name, step in played.items():
        assert step.log == pytest.approx(STEPS[name].log, rel=LOG_TOLERANCE, abs=120), name


def test_an_answer_of_a_model_is_one_wait_in_many_pieces() -> None:
    demand = of_step("question to a model")

    assert demand.posts == pytest.approx(STEPS["question to a model"].posts - 1 + STREAM_SECONDS / DELTA_SECONDS)
    assert demand.seconds == pytest.approx(STREAM_SECONDS + 0.083)  # 14 calls of 5 ms, 13 ms of our own
    assert DELTA_SECONDS == reply.DELTA_SECONDS


def test_a_conversation_is_the_sum_of_its_steps() -> None:
    conversation = Conversation({"profile": 1, "question": 2}, minutes=3)

    demand = of_conversation(conversation)

    assert (demand.http, demand.frames, demand.posts, demand.connected_minutes) == (1, 2, 4, 3)
    assert demand.writes == STEPS["profile"].writes + 2 * STEPS["question"].writes


def test_money_is_what_the_prices_say() -> None:
    spent = money(Demand(http=1e6, frames=1e6, posts=1e6, writes=1e6, reads=1e6, invocations=1e6, seconds=1e6, log=1e9))

    assert spent["API Gateway"] == pytest.approx(3.00)
    assert spent["DynamoDB"] == pytest.approx(0.75)
    assert spent["Lambda"] == pytest.approx(13.5334)
    assert spent["logs"] == pytest.approx(0.50)


def test_sockets_that_are_open_are_those_begun_times_how_long_they_stay() -> None:
    second = busiest_second(86_400, {"text": 1.0}, peak=2.0)  # two a second, six minutes each

    assert second.connected_minutes * 60 == pytest.approx(2 * 6 * 60)


def test_twice_the_visitors_stand_twice_as_near_to_every_wall() -> None:
    once = {wall.name: wall.share for wall in walls(1e6, MIX, 3.0)}
    twice = {wall.name: wall.share for wall in walls(2e6, MIX, 3.0)}

    assert twice == pytest.approx({name: 2 * share for name, share in once.items()})
    assert list(once.values()) == sorted(once.values(), reverse=True)


def test_the_mix_is_whole_and_every_step_is_counted() -> None:
    assert sum(MIX.values()) == pytest.approx(1)
    assert {step for each in CONVERSATIONS.values() for step in each.steps} <= STEPS.keys()


def test_the_page_tells_the_figures_that_the_command_prints() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()

    for mode, conversation in CONVERSATIONS.items():
        aws = 1000 * sum(money(of_conversation(conversation)).values())
        assert re.search(rf"^\| {mode} \| {aws:.2f} \|", page, re.MULTILINE), f"{mode}: {aws:.2f}"
    for wall in walls(1e6, MIX, PEAK)[:3]:
        assert re.search(
            rf"^\| {re.escape(wall.name)} \| {wall.limit:,.0f} \| {wall.demand:,.0f} \|", page, re.MULTILINE
        )


def test_the_command_prints_tables_and_for_programs_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with patch("sys.argv", ["load_model", "--per-day", "1000000", "--json"]):
        code = main()

    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert code == 0
    assert told["ok"] is True
    assert "The walls, the nearest first" in told

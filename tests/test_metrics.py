"""What is counted where: each metric as the line that CloudWatch reads, for the company and the mode it is about."""

import ast
import json
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from aisdr import metrics
from aisdr.company import Company
from aisdr.configuration import ModelChoice, Models
from aisdr.metrics import METRICS, count
from aisdr.observability import begin
from aisdr.services import Services
from tests import doors
from tests.embedded_metric_format import check
from tests.material import ORIGIN, a_chunk, a_company, teach
from tests.observed import Written, observed
from tests.postbox import Postbox
from tests.sockets import Visitor, visitor_of_acme
from tests.tavus import KEY, Tavus

ROOT = Path(__file__).parents[1]
AGREED = {"version": "1"}


@pytest.fixture
def environment(environment: pytest.MonkeyPatch, tavus: Tavus, postbox: Postbox) -> pytest.MonkeyPatch:
    environment.setenv("TAVUS_API_URL", tavus.url)
    environment.setenv("TAVUS_API_KEY", KEY)
    environment.setenv("WS_ENDPOINT", postbox.url)
    environment.setenv("AISDR_ENVIRONMENT", "staging")
    return environment


@pytest.fixture
def company(services: Services) -> Company:
    company = a_company(tavus_replica_id="r90bbd427f71", modes=("text", "tts", "video"))
    services.companies.put(company, expected_version=0)
    teach(services, company, a_chunk("pricing", "The Growth plan costs $149 a month."))
    return company


def post(path: str, body: Any, **headers: str) -> tuple[doors.Reply, Written]:
    with observed() as written:
        reply = doors.call("POST", path, body=body, origin=ORIGIN, **headers)
    return reply, written


def frame(visitor: Visitor, body: dict[str, Any]) -> Written:
    about = {"routeKey": "$default", "connectionId": "c1", "requestId": "r"}
    with observed() as written:
        import_module("functions.ws-relay.handler").handler({"requestContext": about, "body": json.dumps(body)}, None)
    return written


def start_video() -> tuple[doors.Reply, Written]:
    return post("/api/tavus/session", {"companyId": "acme", "consent": AGREED}, idempotency_key=str(uuid4()))


def test_every_metric_is_a_line_that_cloudwatch_understands() -> None:
    with observed() as written:
        begin({"requestContext": {"requestId": "r"}}, None)
        for metric in METRICS:
            count(metric, 1.5, company_id="acme", mode="video")

    assert len(written.metrics) == len(METRICS)
    for line in written.metrics:
        check(line)


def test_metrics_belong_to_their_deployment(services: Services, company: Company) -> None:
    _, written = post("/api/session", {"companyId": "acme"})

    (line,) = written.metrics
    check(line)
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == metrics.namespace("staging") == "AISDR/staging"
    assert directive["Dimensions"] == [["company_id", "mode"], ["mode"]]


def test_an_operators_command_counts_nothing(services: Services, company: Company) -> None:
    with observed() as written:
        services.knowledge.search(company.operator_scope, company, "What does Growth cost?")
        count(metrics.SESSIONS, 1, company_id="acme")

    assert written.metrics == []


@pytest.mark.parametrize("mode", ["text", "tts"])
def test_a_conversation_is_counted_when_it_begins_and_not_when_it_goes_on(
    services: Services, company: Company, mode: str
) -> None:
    first, written = post("/api/session", {"companyId": "acme", "mode": mode})
    _, later = post("/api/session", {"companyId": "acme", "mode": mode, "resume": first.json()["token"]})

    assert written.values("Sessions") == [("acme", mode, 1)]
    assert later.metrics == []


def test_a_call_is_counted_when_it_is_bought_and_its_minutes_and_money_once_when_it_is_over(
    services: Services, company: Company, tavus: Tavus
) -> None:
    reply, begun = start_video()
    tavus.advance(90)
    grant = reply.json()

    with observed() as ended:
        for _ in range(2):
            doors.call(
                "DELETE",
                f"/api/session/{grant['sessionId']}?call=only",
                authorization=f"Bearer {grant['token']}",
                origin=ORIGIN,
            )

    operations = list(services.ledger.each(company.operator_scope))
    (used,) = [each.used_seconds for each in operations]
    assert used is not None
    assert begun.values("Sessions") == [("acme", "video", 1)]
    assert ended.values("Minutes") == [("acme", "video", used / 60)]
    assert ended.values("Money") == [("acme", "video", used / 60 * operations[0].minute_price)]
    assert ended.values("StepDowns") == []
    assert {line["call_id"] for line in ended.metrics if "call_id" in line} <= {grant["conversationId"]}


def test_a_call_that_cannot_be_bought_is_a_step_down_and_no_session(
    services: Services, company: Company, tavus: Tavus
) -> None:
    tavus.fault(method="POST", path="/v2/conversations", status=500)

    reply, written = start_video()

    assert reply.status == 502
    assert written.values("StepDowns") == [("acme", "video", 1)]
    assert written.values("Sessions") == []


def test_an_answer_tells_how_long_it_took_in_which_mode(services: Services, postbox: Postbox) -> None:
    visitor = visitor_of_acme(services, postbox, modes=("text", "tts"))

    written = frame(visitor, {"action": "ask", "id": "q1", "text": "What does Growth cost?", "mode": "tts"})

    ((company_id, mode, took),) = written.values("AnswerLatency")
    assert (company_id, mode) == ("acme", "tts")
    assert took >= 0
    assert written.values("DegradedSearches") == [("acme", "tts", 0)]


def test_a_search_that_lost_a_leg_is_degraded(services: Services, postbox: Postbox) -> None:
    nobody = "http://127.0.0.1:9/"
    visitor = visitor_of_acme(
        services, postbox, use_tavus_kb=True, search_strategy="parallel", tavus_kb_search_url=nobody
    )

    written = frame(visitor, {"action": "ask", "id": "q1", "text": "What does Growth cost?"})

    assert written.values("DegradedSearches") == [("acme", "text", 1)]


def test_a_model_whose_deputy_answers_is_a_step_down_and_words_cost_money(services: Services, postbox: Postbox) -> None:
    chain = (ModelChoice(provider="openai", model="m"), ModelChoice())  # nobody is at the address
    visitor = visitor_of_acme(services, postbox, models=Models(chat=chain))
    priced = ModelChoice(provider="openai", model="m", input_price=2.0, output_price=8.0)

    written = frame(visitor, {"action": "ask", "id": "q1", "text": "What does Growth cost?"})
    with observed() as bought:
        begin({"requestContext": {"requestId": "r"}}, None)
        services.usages.record(visitor.session, priced, input_tokens=1000, output_tokens=500)
        services.usages.record_speech(visitor.session, "polly", 2000, 16.0)

    assert written.values("StepDowns") == [("acme", "text", 1)]
    assert bought.values("Money") == [("acme", "text", 0.006), ("acme", "tts", 0.032)]


@pytest.mark.parametrize(
    ("name", "arguments", "failed"),
    [("search_knowledge", {"query": "Growth"}, 0), ("search_knowledge", {}, 1), ("no_such_tool", {}, 1)],
)
def test_tools_that_failed_are_counted_among_all(
    services: Services, postbox: Postbox, name: str, arguments: dict[str, Any], failed: int
) -> None:
    visitor = visitor_of_acme(services, postbox, "video")
    properties = {"name": name, "arguments": json.dumps(arguments), "tool_call_id": "t1"}
    event = visitor.in_room("conversation.tool_call", properties)

    written = frame(visitor, {"action": "event", "seq": 1, "event": event})

    assert written.values("ToolErrors") == [("acme", "video", failed)]


def test_a_tool_that_found_nothing_has_not_failed(services: Services, postbox: Postbox) -> None:
    visitor = visitor_of_acme(services, postbox, "video")
    properties = {"name": "get_demo_clip", "arguments": '{"query": "anything"}', "tool_call_id": "t1"}

    written = frame(
        visitor, {"action": "event", "seq": 1, "event": visitor.in_room("conversation.tool_call", properties)}
    )

    assert written.values("ToolErrors") == [("acme", "video", 0)]


def test_every_metric_is_counted_somewhere() -> None:
    counted = {
        getattr(metrics, node.args[0].id)
        for file in (ROOT / "aisdr").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "count"
        if node.args and isinstance(node.args[0], ast.Name)
    }

    assert counted == set(METRICS)

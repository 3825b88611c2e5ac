"""The roles fit the work: a day of every function is played through its handler, and each call it makes is looked up.

So a verb that the code begins to use and no role grants fails here, and so does a service or a secret that is granted
and never asked for.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any
from uuid import uuid4

import boto3
import pytest

from aisdr.ledger import Operation
from aisdr.limits import Limits
from aisdr.secret import StoredSecret
from aisdr.services import Services
from aisdr.session import SESSION_SECONDS, Sessions
from dev.serve import serving
from dev.speech import create_app
from functions import FUNCTIONS
from tests.conftest import COMPANIES, CONVERSATIONS, KNOWLEDGE, MEDIA
from tests.doors import Reply, call
from tests.infra.deeds import Deed, Record, recorded
from tests.infra.policies import Policies
from tests.infra.templates import Synthesis
from tests.ingest.dropped import told_of
from tests.material import KEYS, ORIGIN, Clock, a_chunk, a_company, teach
from tests.postbox import Postbox
from tests.tavus import KEY as TAVUS_KEY
from tests.tavus import Tavus
from tests.voice import KEY as OPENAI_KEY
from tests.voice import OFFER, OpenAi

pytestmark = pytest.mark.slow
SECRETS = {
    "AISDR_SIGNING_KEYS": ("signing-keys", json.dumps(KEYS)),
    "TAVUS_API_KEY": ("tavus-api-key", TAVUS_KEY),
    "TAVUS_TOOL_SECRET": ("tavus-tool-secret", "a secret of tools"),
    "OPENAI_API_KEY": ("openai-api-key", OPENAI_KEY),
    "AISDR_EDGE_KEYS": ("edge-keys", '{"1": "the key of the edge"}'),
}
EDGE = {"x_aisdr_edge": "the key of the edge"}
NOT_PLAYED = {"kms", "logs", "sqs"}
"""Used by AWS on a function's behalf."""


@pytest.fixture
def environment(
    environment: pytest.MonkeyPatch, tavus: Tavus, openai: OpenAi, postbox: Postbox, narrator: str, aws: Any
) -> pytest.MonkeyPatch:
    """As on AWS: addresses of the vendors, and of each secret only where it is kept."""
    manager = boto3.client("secretsmanager")
    for variable, (name, value) in SECRETS.items():
        environment.delenv(variable, raising=False)
        arn = manager.create_secret(Name=f"aisdr/dev/{name}", SecretString=value)["ARN"]
        environment.setenv(f"{variable}_ARN", arn)
    environment.setenv("TAVUS_API_URL", tavus.url)
    environment.setenv("OPENAI_BASE_URL", openai.url)
    environment.setenv("WS_ENDPOINT", postbox.url)
    environment.setenv("AWS_ENDPOINT_URL_POLLY", narrator)
    return environment


@pytest.fixture(scope="module")
def narrator() -> Iterator[str]:
    with serving(create_app()) as address:
        yield address


class Clockwork:
    """Lambda's context, with a quarter of an hour left."""

    def get_remaining_time_in_millis(self) -> int:
        return 900_000


class Day:
    """Visitors come and go; whatever a function does is written down under its name."""

    def __init__(self, services: Services, record: Record) -> None:
        self.services = services
        self.record = record
        secret = services.settings.tavus_api_key
        assert isinstance(secret, StoredSecret)
        self._forget_secrets = secret._store._known.clear

    @contextmanager
    def _at_work(self, function: str) -> Iterator[None]:
        """On AWS each function is a process of its own, which has read no secret yet."""
        self._forget_secrets()
        with self.record.at_work(function):
            yield

    def knock(self, function: str, method: str, address: str, status: int = 200, **request: Any) -> Reply:
        with self._at_work(function):
            reply = call(method, address, function=function, origin=ORIGIN, **EDGE, **request)
        assert reply.status == status, (address, reply.text)
        return reply

    def socket(self, route: str, connection: str, body: Any = None, ticket: str = "") -> None:
        event: dict[str, Any] = {"requestContext": {"routeKey": route, "connectionId": connection}}
        if route == "$connect":
            protocols = {"Sec-WebSocket-Protocol": f"aisdr, {ticket}", "Origin": ORIGIN}
            event["headers"] = protocols | {name.replace("_", "-"): value for name, value in EDGE.items()}
        else:
            event["body"] = json.dumps(body)
        with self._at_work("ws-relay"):
            answer = import_module("functions.ws-relay.handler").handler(event, None)
        assert answer["statusCode"] == 200

    def drop(self, path: str, text: str | None) -> None:
        """Into the knowledge bucket, or out of it; what its queue then says is told."""
        s3, key = self.services.client("s3"), f"acme/{path}"
        if text is None:
            s3.delete_object(Bucket=KNOWLEDGE, Key=key)
        else:
            s3.put_object(Bucket=KNOWLEDGE, Key=key, Body=text.encode())
        with self._at_work("ingest"):
            answer = import_module("functions.ingest.handler").handler(told_of(key), Clockwork())
        assert answer == {"batchItemFailures": []}

    def tick(self) -> None:
        with self._at_work("reconciler"):
            import_module("functions.reconciler.handler").handler({}, None)


@pytest.fixture
def deeds(services: Services) -> set[Deed]:
    """A whole day."""
    limits = Limits(network_calls_per_hour=100)
    company = a_company(modes=("text", "tts", "voice", "video"), use_tavus_video=True, limits=limits)
    services.companies.put(company, expected_version=0)
    teach(services, company, a_chunk("pricing", "The Growth plan costs $149 a month."))
    with recorded() as record:
        day = Day(services, record)
        _talk(day)
        for mode in ("video", "voice"):
            _call_that_the_visitor_ends(day, mode)
            _call_that_the_browser_reports_over(day, mode)
        _calls_that_the_clock_ends(day)
        _conversation_that_the_clock_closes(day)
        _files_that_come_and_go(day)
    return {deed for deed in record.deeds if deed.function != "nobody"}


def _talk(day: Day) -> None:
    grant = day.knock("session", "POST", "/api/session", body={"companyId": "acme", "mode": "text"}).json()
    token = _bearer(grant)
    day.knock("session", "GET", "/api/widget/acme")
    day.knock("tool", "GET", "/api/tavus/tool")
    day.socket("$connect", "c1", ticket=_ticket(day, grant))
    for frame in (
        {"action": "hello"},
        {"action": "ask", "id": "q1", "text": "What does the Growth plan cost?"},
        {"action": "resume", "after": 0},
    ):
        day.socket("$default", "c1", frame)
    query = {"companyId": "acme", "query": "Growth plan", "limit": 3}
    day.knock("search", "POST", "/api/search", body=query, **token)
    day.knock("search", "POST", "/api/answer", body={"question": "What does Growth cost?"}, **token)
    day.knock("search", "POST", "/api/speech", body={"text": "It costs $149."}, **token)
    day.knock("search", "POST", "/api/speech", body={"text": "It costs $149."}, **token)
    lead = {"companyId": "acme", "name": "log_lead", "arguments": {"email": "jane@example.com"}, "callId": "call-0001"}
    asked = day.knock("tool", "POST", "/api/tavus/tool", body=lead, **token).json()
    word = {"confirmationId": asked["result"]["confirmationId"], "accept": True}
    day.knock("tool", "POST", "/api/tool/confirmation", body=word, **token)
    day.knock("session", "GET", f"/api/session/{grant['sessionId']}", **token)
    day.socket("$disconnect", "c1")


def _bearer(grant: Mapping[str, Any]) -> dict[str, Any]:
    return {"authorization": f"Bearer {grant['token']}"}


def _ticket(day: Day, grant: Mapping[str, Any]) -> str:
    token = _bearer(grant)
    renewed = day.knock("session", "POST", f"/api/session/{grant['sessionId']}/renew", **token).json()
    return str(renewed["ticket"])


def _call(day: Day, mode: str, connection: str, token: str = "") -> dict[str, Any]:
    """A live call whose page is connected to the relay; with `token` in the conversation of an earlier one."""
    wish: dict[str, Any] = {"companyId": "acme", "mode": mode, "consent": {"version": "1"}}
    wish |= {"sdpOffer": OFFER} if mode == "voice" else {}
    wish |= {"resume": token} if token else {}
    grant: dict[str, Any] = day.knock("session", "POST", "/api/session", body=wish, idempotency_key=str(uuid4())).json()
    day.socket("$connect", connection, ticket=grant["ticket"])
    day.socket("$default", connection, {"action": "hello"})
    return grant


def _operation(day: Day, grant: Mapping[str, Any]) -> Operation:
    (operation,) = day.services.ledger.open_operations("acme", grant["sessionId"])
    return operation


def _call_that_the_visitor_ends(day: Day, mode: str) -> None:
    first = _call(day, mode, f"first-{mode}")
    grant = _call(day, mode, f"second-{mode}", first["token"])  # ends the first, and tells its page
    if mode == "video":
        conversation = _operation(day, grant).conversation_id
        lead = {"email": "joe@example.com"}
        body = {"name": "log_lead", "arguments": lead, "conversation_id": conversation, "tool_call_id": "call_abc"}
        raw = json.dumps(body).encode()
        signature = hmac.new(SECRETS["TAVUS_TOOL_SECRET"][1].encode(), raw, hashlib.sha256).hexdigest()
        day.knock("tool", "POST", "/api/tavus/delivery", body=raw, x_tavus_signature=signature)
    token = _bearer(grant)
    day.knock("session", "DELETE", f"/api/session/{grant['sessionId']}?call=only", status=204, **token)


def _call_that_the_browser_reports_over(day: Day, mode: str) -> None:
    grant = _call(day, mode, f"third-{mode}")
    conversation = _operation(day, grant).conversation_id
    events = {
        "video": {"message_type": "system", "event_type": "system.shutdown", "conversation_id": conversation},
        "voice": {"type": "error", "error": {"code": "session_expired"}},
    }
    day.socket("$default", f"third-{mode}", {"action": "event", "seq": 1, "event": events[mode]})


_LONG_AGO = "SET open_until = :past, reserved_at = :long, started_at = :long"


def _calls_that_the_clock_ends(day: Day) -> None:
    for mode in ("video", "voice"):
        operation = _operation(day, _call(day, mode, f"fourth-{mode}"))
        overdue = {":past": int(time.time() - 60), ":long": time.time() - operation.reserved_seconds - 60}
        key = f"acme#operation#{operation.operation_id}"
        assert day.services.conversations.update(key, "operation", _LONG_AGO, values=overdue)
    day.tick()


def _conversation_that_the_clock_closes(day: Day) -> None:
    long_ago = Clock(time.time() - 2 * SESSION_SECONDS)
    session = Sessions(day.services.conversations, KEYS, long_ago).open(a_company(), ORIGIN, "1")
    day.services.transcripts.append(session, "visitor", "What does it cost?", channel="text")
    day.tick()


def _files_that_come_and_go(day: Day) -> None:
    plan = "---\ntitle: The plan\ntavus: true\n---\nIt costs $149."
    day.drop("plan.md", plan)
    day.drop("plan.md", plan.replace("149", "159"))
    day.drop("broken.pdf", "no PDF at all")
    day.drop("broken.pdf", None)
    day.drop("plan.md", None)


def test_whatever_a_function_does_its_role_allows(deeds: set[Deed], syntheses: Mapping[str, Synthesis]) -> None:
    policies = Policies(syntheses["dev"])

    refused = [deed for deed in sorted(deeds) if not _allowed(policies, deed)]

    assert refused == []
    assert {deed.function for deed in deeds} == {function.name for function in FUNCTIONS}


def _allowed(policies: Policies, deed: Deed) -> bool:
    """By the last part of the resource: the tests' tables and buckets have shorter names than those of a deployment."""
    places = [place for action, place in policies.granted(deed.function) if action == deed.action]
    table = {
        COMPANIES: "table/aisdr-dev-companies",
        CONVERSATIONS: "table/aisdr-dev-conversations",
        MEDIA: "aisdr-dev-media-111111111111",
        KNOWLEDGE: "aisdr-dev-knowledge-111111111111",
    }
    name, _, rest = deed.place.partition("/")
    wanted = "/".join(part for part in (table.get(name, name), rest) if part)
    return any(_fits(place, wanted) for place in places)


def _fits(place: str, wanted: str) -> bool:
    if place.endswith("*"):
        return place == "*" or wanted.startswith(place.removesuffix("*").rpartition(":")[2].split("/", 1)[-1])
    return place.endswith(wanted)


def test_no_service_is_granted_that_is_never_asked(deeds: set[Deed], syntheses: Mapping[str, Synthesis]) -> None:
    policies = Policies(syntheses["dev"])
    asked = {
        function: {deed.action.partition(":")[0] for deed in deeds if deed.function == function}
        for function in policies
    }

    idle = {function: policies.services(function) - NOT_PLAYED - asked[function] for function in policies}

    assert {function: services for function, services in idle.items() if services} == {}


def test_no_secret_is_granted_that_is_never_read(deeds: set[Deed], syntheses: Mapping[str, Synthesis]) -> None:
    policies = Policies(syntheses["dev"])
    read = {
        function: {
            deed.place.rpartition("/")[2]
            for deed in deeds
            if deed.function == function and deed.action == "secretsmanager:GetSecretValue"
        }
        for function in policies
    }

    assert read == {function: policies.secrets(function) for function in policies}


def test_a_verb_that_is_taken_away_is_missed(deeds: set[Deed], syntheses: Mapping[str, Synthesis]) -> None:
    """The look-up would notice: of each role every verb on the conversations is needed by somebody's deed."""
    verbs = {deed.action for deed in deeds if deed.place == CONVERSATIONS}

    assert verbs == {f"dynamodb:{verb}" for verb in ("GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem")}
    assert not _allowed(Policies(syntheses["dev"]), Deed("tool", "dynamodb:Scan", CONVERSATIONS))
    assert not _allowed(Policies(syntheses["dev"]), Deed("tool", "dynamodb:PutItem", COMPANIES))

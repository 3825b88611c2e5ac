"""Deliveries: a tool call from Tavus's servers, believed for its signature, run once on whatever road it comes.

What it writes waits for the visitor's word like every writing call; the card reaches the visitor by the relay.
"""

import hashlib
import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from aisdr.delivery import Deliveries
from aisdr.errors import AisdrError, Forbidden, InvalidInput, NotConfigured, NotFound, Unauthorized
from aisdr.secret import Secret
from aisdr.services import Services
from aisdr.session import Session
from aisdr.tools.base import ToolContext, ToolResult
from tests.conftest import CONVERSATIONS
from tests.material import ORIGIN, a_company, items
from tests.postbox import Postbox

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SECRET = "the secret of the tools' HMAC authentication"
CALL = {
    "name": "log_lead",
    "arguments": '{"email": "jane@example.com"}',
    "conversation_id": "c1",
    "tool_call_id": "call_abc123",
}


@pytest.fixture
def environment(environment: pytest.MonkeyPatch, postbox: Postbox) -> pytest.MonkeyPatch:
    environment.setenv("TAVUS_TOOL_SECRET", SECRET)
    environment.setenv("WS_ENDPOINT", postbox.url)
    return environment


@pytest.fixture
def session(services: Services) -> Session:
    return in_call(services)


def in_call(services: Services) -> Session:
    """A visitor in the call `c1`."""
    company = a_company()
    services.companies.put(company, expected_version=0)
    session = services.sessions.open(company, ORIGIN, "1")
    operation, _ = services.ledger.reserve(
        company, session.session_id, "the wish of a visitor", "fingerprint", 0.5, mode="video", vendor="tavus"
    )
    services.ledger.created(operation, "c1", "https://tavus.daily.co/c1", None)
    return session


def signature(raw: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def deliver(services: Services, **changes: Any) -> ToolResult:
    raw = json.dumps({name: value for name, value in (CALL | changes).items() if value is not ...}).encode()
    return services.delivery.run(services.delivery.read(raw, signature(raw)))


def test_the_signature_is_the_published_one() -> None:
    """HMAC-SHA256 as RFC 4231 gives it, test case 2: so that both sides cannot be wrong in the same way."""
    vector = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"

    assert signature(b"what do ya want for nothing?", "Jefe") == vector


def confirmed(services: Services, session: Session, outcome: ToolResult) -> ToolResult:
    """The visitor agrees."""
    context = ToolContext(services.companies.get("acme"), session)
    return services.tools.confirm(context, outcome.result["confirmationId"], accept=True)


def test_a_signed_call_runs_for_the_visitor_of_its_conversation(services: Services, session: Session) -> None:
    outcome = confirmed(services, session, deliver(services))

    assert outcome.success
    (stored,) = services.leads.list(session.scope)
    assert (stored.session_id, stored.lead.email) == (session.session_id, "jane@example.com")


def test_its_cards_reach_the_visitor_whose_browser_knows_nothing_of_the_call(
    services: Services, session: Session, postbox: Postbox
) -> None:
    services.entrance.enter("c1", services.sessions.issue(session, "video", "c1").ticket, ORIGIN)

    outcomes = [deliver(services) for _ in range(2)]

    (frame,) = {frame["seq"]: frame for frame in postbox.frames("c1")}.values()
    assert frame["type"] == "show"
    assert frame["card"]["kind"] == "confirm"
    assert frame["card"]["confirmationId"] == outcomes[0].result["confirmationId"]


def test_a_card_whose_process_died_before_it_was_posted_comes_with_the_repeated_delivery(
    services: Services, session: Session, postbox: Postbox
) -> None:
    services.entrance.enter("c1", services.sessions.issue(session, "video", "c1").ticket, ORIGIN)
    postbox.gone.add("c1")
    deliver(services)  # kept, and never posted
    postbox.gone.clear()
    services.entrance.enter("c2", services.sessions.issue(session, "video", "c1").ticket, ORIGIN)

    deliver(services)

    assert [frame["card"]["kind"] for frame in postbox.frames("c2")] == ["confirm"]


@pytest.mark.slow
def test_t_tool_03_five_times_by_each_road_at_once_there_is_one_effect_and_one_answer(
    environment: Any, postbox: Postbox, services: Services, one_at_a_time: "DynamoDBClient"
) -> None:
    services.dynamodb = one_at_a_time
    session = in_call(services)
    tabs = [f"tab-{number}" for number in range(5)]
    for tab in tabs:
        services.entrance.enter(tab, services.sessions.issue(session, "video", "c1").ticket, ORIGIN)
    properties = {"name": CALL["name"], "arguments": CALL["arguments"], "tool_call_id": CALL["tool_call_id"]}
    event = {"event_type": "conversation.tool_call", "conversation_id": "c1", "properties": properties}
    in_the_room = json.dumps({"action": "event", "seq": 1, "event": event})
    _ = services.delivery, services.relay  # built once, as in a process that is warm

    with ThreadPoolExecutor(10) as threads:
        rooms = [threads.submit(services.relay.receive, tab, in_the_room) for tab in tabs]
        deliveries = [threads.submit(deliver, services) for _ in range(5)]
        results = [delivered.result(30) for delivered in deliveries]
        for room in rooms:
            room.result(30)
    confirmed(services, session, results[0])

    assert all(result == results[0] for result in results)
    sent = {
        json.dumps(f["message"], sort_keys=True) for tab in tabs for f in postbox.frames(tab) if f["type"] == "send"
    }
    assert len(sent) == 1, "the same words into the call from every tab"
    assert len(services.leads.list(session.scope)) == 1
    assert len(services.transcripts.all(session)) == 1, "the card, once"


@pytest.mark.parametrize("first", ["delivery", "room"])
def test_a_call_that_comes_by_both_doors_shows_one_card_and_makes_one_turn(
    services: Services, session: Session, postbox: Postbox, first: str
) -> None:
    services.entrance.enter("c1", services.sessions.issue(session, "video", "c1").ticket, ORIGIN)
    properties = {"name": CALL["name"], "arguments": CALL["arguments"], "tool_call_id": CALL["tool_call_id"]}
    event = {"event_type": "conversation.tool_call", "conversation_id": "c1", "properties": properties}
    in_the_room = json.dumps({"action": "event", "seq": 1, "event": event})

    for door in ("delivery", "room") if first == "delivery" else ("room", "delivery"):
        if door == "room":
            services.relay.receive("c1", in_the_room)
        else:
            deliver(services)

    shown = [frame["seq"] for frame in postbox.frames("c1") if frame["type"] == "show"]
    assert len(set(shown)) == 1
    assert len(services.transcripts.all(session)) == 1


def test_one_socket_that_fails_does_not_hide_the_card_from_the_others(
    services: Services, session: Session, postbox: Postbox
) -> None:
    for connection_id in ("c1", "c2", "c3"):
        services.entrance.enter(connection_id, services.sessions.issue(session, "video", "c1").ticket, ORIGIN)
    postbox.broken.add("c2")

    deliver(services)

    assert [len(postbox.frames(connection_id)) for connection_id in ("c1", "c2", "c3")] == [1, 0, 1]


def test_a_browser_that_was_away_finds_the_cards_when_it_comes_back(
    services: Services, session: Session, postbox: Postbox
) -> None:
    deliver(services)
    services.entrance.enter("c2", services.sessions.issue(session, "video", "c1").ticket, ORIGIN)

    services.relay.receive("c2", '{"action": "resume", "after": 0}')

    assert [frame["card"]["kind"] for frame in postbox.frames("c2") if frame["type"] == "show"] == ["confirm"]


@pytest.mark.cell("F-TV-19/forged")
@pytest.mark.parametrize("forged", ["", "0" * 64, "upper", "truncated", "another secret", "another body", "é"])
def test_a_call_that_is_not_signed_by_tavus_is_not_read(
    services: Services, session: Session, aws: "DynamoDBClient", forged: str
) -> None:
    raw = json.dumps(CALL).encode()
    good = signature(raw)
    given = {
        "upper": good.upper(),
        "truncated": good[:-1],
        "another secret": signature(raw, "guessed"),
        "another body": signature(raw + b" "),
    }.get(forged, forged)

    with pytest.raises(Unauthorized):
        services.delivery.read(raw, given)


def test_without_a_secret_nobody_is_believed(services: Services) -> None:
    stores = (services.ledger, services.sessions, services.companies, services.tools, services.screen)
    unset, empty = Deliveries(None, *stores), Deliveries(Secret("x"), *stores)

    with pytest.raises(NotConfigured, match="TAVUS_TOOL_SECRET"):
        unset.read(b"{}", signature(b"{}", ""))
    with pytest.raises(Unauthorized):
        empty.read(b"{}", signature(b"{}", ""))


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"null", b"[]", b"\xff", b"[" * 50_000, b'{"name": NaN}', b'{"name": "x"}'],
    ids=lambda raw: raw[:20],
)
def test_a_signed_body_that_makes_no_sense_is_invalid(services: Services, session: Session, raw: bytes) -> None:
    with pytest.raises(InvalidInput):
        services.delivery.read(raw, signature(raw))


REFUSALS: dict[str, tuple[dict[str, Any], type[AisdrError], str]] = {
    "a conversation that is not ours": ({"conversation_id": "c2"}, NotFound, "conversation_not_found"),
    "a conversation longer than a key": ({"conversation_id": "c" * 2100}, InvalidInput, "invalid_input"),
    "a conversation without a name": ({"conversation_id": ""}, InvalidInput, "invalid_input"),
    "an unknown tool": ({"name": "drop_tables"}, NotFound, "unknown_tool"),
    "a tool of nobody": ({"name": "order_pizza"}, NotFound, "unknown_tool"),
    "arguments that are no JSON": ({"arguments": "{"}, InvalidInput, "invalid_arguments"),
    "arguments that are no object": ({"arguments": "[1]"}, InvalidInput, "invalid_arguments"),
    "arguments too deep": ({"arguments": "[" * 5000}, InvalidInput, "invalid_arguments"),
    "arguments with half a character": (
        {"arguments": '{"email": "\\ud800@example.com"}'},
        InvalidInput,
        "invalid_arguments",
    ),
    "wrong arguments": ({"arguments": {"email": "jane"}}, InvalidInput, "invalid_arguments"),
    "a company of one's choice": (
        {"arguments": {"email": "jane@example.com", "company_id": "globex"}},
        InvalidInput,
        "invalid_arguments",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refused_call_leaves_nothing(
    services: Services, session: Session, aws: "DynamoDBClient", refusal: str
) -> None:
    changes, error, code = REFUSALS[refusal]
    before = items(aws, CONVERSATIONS)

    with pytest.raises(error) as caught:
        deliver(services, **changes)

    assert caught.value.code == code
    assert items(aws, CONVERSATIONS) == before


def test_a_tool_that_the_company_does_not_allow_is_refused(services: Services, session: Session) -> None:
    services.companies.put(a_company(tools=("search_knowledge",)), expected_version=1)

    with pytest.raises(Forbidden):
        deliver(services)


def test_an_ended_conversation_runs_no_tools(services: Services, session: Session) -> None:
    services.sessions.end(session)

    with pytest.raises(NotFound):
        deliver(services)

    assert services.leads.list(session.scope) == []


def test_fields_that_tavus_adds_one_day_are_no_trouble(services: Services, session: Session) -> None:
    assert deliver(services, inference_id="i1", modality="llm").success


@pytest.mark.cell("F-TV-19/replayed")
@pytest.mark.parametrize("call_id", ["call_abc123", ...], ids=["with an id", "without one"])
def test_a_repeated_delivery_has_one_effect(services: Services, session: Session, call_id: Any) -> None:
    first, again = deliver(services, tool_call_id=call_id), deliver(services, tool_call_id=call_id)

    outcomes = [confirmed(services, session, each) for each in (first, again)]

    assert again == first
    assert outcomes[0] == outcomes[1]
    assert len(services.leads.list(session.scope)) == 1


def test_one_call_that_comes_on_both_roads_has_one_effect(services: Services, session: Session) -> None:
    """By Tavus's servers and by the visitor's browser."""
    context = ToolContext(services.companies.get("acme"), session)

    delivered = deliver(services)
    in_the_room = services.tools.run(context, "call_abc123", "log_lead", {"email": "jane@example.com"})
    for outcome in (delivered, in_the_room):
        confirmed(services, session, outcome)

    assert in_the_room == delivered
    assert len(services.leads.list(session.scope)) == 1

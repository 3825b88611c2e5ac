"""Every door with what is another's, absent or over: one answer for all, and nothing told (T-TEN-05, T-SES-05)."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import jwt
import pytest

from aisdr.answer import Answer, Citation
from aisdr.company import Company
from aisdr.frames import DoneFrame
from aisdr.services import Services
from aisdr.session import SESSION_SECONDS, Entry, Session, Sessions
from aisdr.transcript import answered
from functions import FUNCTIONS
from tests import doors
from tests.conftest import CONVERSATIONS
from tests.material import KEYS, ORIGIN, Clock, a_chunk, a_company, items, teach
from tests.media_keys import check, media_keys
from tests.origins import FOREIGN_ORIGINS
from tests.postbox import Postbox
from tests.sockets import Visitor

pytestmark = pytest.mark.slow

CANARY = "canary-7f1d-of-globex"
DELIVERY_SECRET = "signs what Tavus's servers deliver"
TOOLS = ("search_knowledge", "log_lead", "show_visual")
OPEN = {
    "POST /api/session",
    "POST /api/tavus/session",
    "GET /api/widget/{slug}",
    "GET /api/tavus/tool",
    "POST /api/tavus/webhook/{capability}",
    "POST /api/tavus/delivery",
}
"""Doors that ask for no token of a session: for strangers, or for vendors with a proof of their own."""
BODIES: dict[str, Any] = {
    "POST /api/session/{id}/rating": {"answerId": "q-1", "rating": "good"},
    "POST /api/session/{id}/introduction": {"visitor": {"name": "Ada"}},
    "POST /api/tavus/tool": {"companyId": "acme", "name": "search_knowledge", "arguments": {"query": "prices"}},
    "POST /api/tool/confirmation": {"confirmationId": "a-confirmation", "accept": True},
    "POST /api/search": {"companyId": "acme", "query": "prices"},
    "POST /api/answer": {"question": "What are the prices?"},
    "POST /api/speech": {"text": "Hello."},
}
DOORS = sorted(
    route
    for function in FUNCTIONS
    for route in function.routes
    if not route.startswith(("$", "OPTIONS")) and route not in OPEN
)


@dataclass(frozen=True)
class House:
    """Two companies, and a conversation of each in which everything happened."""

    services: Services
    acme: Session
    globex: Session

    def ask(
        self, route: str, session_id: str, token: str, body: Any = None, origin: str | None = ORIGIN
    ) -> doors.Reply:
        method, _, path = route.partition(" ")
        sent = {"authorization": f"Bearer {token}"} | ({"origin": origin} if origin else {})
        given = BODIES.get(route) if body is None else body
        return doors.call(method, path.replace("{id}", session_id), body=given, **sent)


@pytest.fixture
def environment(environment: pytest.MonkeyPatch, postbox: Postbox) -> pytest.MonkeyPatch:
    environment.setenv("WS_ENDPOINT", postbox.url)
    environment.setenv("TAVUS_TOOL_SECRET", DELIVERY_SECRET)
    environment.setenv("AISDR_MEDIA_KEYS", media_keys())
    return environment


def company(name: str) -> Company:
    return a_company(name, modes=("text", "tts"), tools=TOOLS)


@pytest.fixture
def house(services: Services) -> House:
    visited = []
    for name in ("acme", "globex"):
        there = company(name)
        services.companies.put(there, expected_version=0)
        text = f"The prices are a secret of {CANARY if name == 'globex' else name}."
        teach(services, there, a_chunk("prices", text, url=f"/media/_private/{name}/prices.pdf"))
        session = services.sessions.open(there, f"https://{name}.example", None)
        services.transcripts.append(session, "visitor", f"Tell me of {name}", channel="text")
        services.transcripts.append(session, "assistant", text, channel="text", key=answered("q-1"))
        visited.append(session)
    return House(services, *visited)


def told(reply: doors.Reply) -> tuple[int, Mapping[str, Any]]:
    """Status and body, without the one thing in it that differs between any two answers."""
    body = reply.json()
    body["error"].pop("requestId")
    return reply.status, body


def test_the_doors_below_are_all_that_ask_for_a_session() -> None:
    assert len(DOORS) == 11
    assert {route for route in DOORS if "{id}" not in route and route.startswith("POST")} <= set(BODIES)


@pytest.mark.parametrize("route", [route for route in DOORS if "{id}" in route])
def test_a_foreign_session_is_answered_like_one_that_never_was(house: House, route: str) -> None:
    token = house.services.sessions.issue(house.acme).token

    foreign = told(house.ask(route, house.globex.session_id, token))
    absent = told(house.ask(route, "0" * 32, token))
    nonsense = told(house.ask(route, "~", token))

    assert foreign == absent == nonsense
    assert foreign[0] == 404
    assert house.services.sessions.get("globex", house.globex.session_id) == house.globex
    assert len(house.services.transcripts.all(house.globex)) == 2


@pytest.mark.parametrize("route", ["POST /api/search", "POST /api/tavus/tool"])
def test_a_foreign_company_is_answered_like_one_that_never_was(house: House, route: str) -> None:
    token = house.services.sessions.issue(house.acme).token

    foreign = told(house.ask(route, "", token, BODIES[route] | {"companyId": "globex"}))
    absent = told(house.ask(route, "", token, BODIES[route] | {"companyId": "nobody"}))

    assert foreign == absent
    assert foreign[0] == 404


def test_a_foreign_confirmation_is_answered_like_one_that_never_was(house: House) -> None:
    lead = {"companyId": "globex", "name": "log_lead", "arguments": {"email": "ada@acme.example"}}
    theirs = house.services.sessions.issue(house.globex).token
    asked = house.ask("POST /api/tavus/tool", "", theirs, lead, house.globex.origin).json()["result"]
    ours = house.services.sessions.issue(house.acme).token

    def confirm(identity: str) -> tuple[int, Mapping[str, Any]]:
        body = {"confirmationId": identity, "accept": True}
        return told(house.ask("POST /api/tool/confirmation", "", ours, body))

    foreign, absent = confirm(asked["confirmationId"]), confirm("0" * 32)

    assert foreign == absent
    assert foreign[0] == 404
    assert house.services.leads.list(house.globex.scope) == []


def test_a_foreign_answer_is_rated_like_one_that_never_was(house: House) -> None:
    """`q-1` is a name in both conversations: each token rates its own."""
    token = house.services.sessions.issue(house.acme).token
    route = "POST /api/session/{id}/rating"

    assert house.ask(route, house.acme.session_id, token).status == 204

    assert house.services.transcripts.all(house.globex)[1].rating is None


def test_a_conversation_does_not_go_on_at_another_company(house: House) -> None:
    token = house.services.sessions.issue(replace(house.acme, origin="https://globex.example")).token

    def resume(company_id: str, origin: str) -> tuple[int, Mapping[str, Any]]:
        body = {"companyId": company_id, "mode": "text", "resume": token}
        return told(doors.call("POST", "/api/session", body=body, origin=origin))

    assert resume("globex", "https://globex.example")[0] == 401  # of another website than its session


@pytest.mark.parametrize("route", DOORS)
def test_no_door_tells_a_visitor_anything_of_another_company(house: House, route: str) -> None:
    """T-TEN-04: the other company's material holds a canary, and its visitor asks the very question that finds it."""
    token = house.services.sessions.issue(house.acme).token

    reply = house.ask(route, house.acme.session_id, token)

    assert CANARY not in reply.text
    assert "globex" not in reply.text


def test_the_canary_is_found_by_its_own_visitor(house: House) -> None:
    token = house.services.sessions.issue(house.globex).token
    body = {"companyId": "globex", "query": "prices"}

    assert CANARY in house.ask("POST /api/search", "", token, body, house.globex.origin).text


@pytest.mark.parametrize("route", DOORS)
def test_a_token_opens_no_door_on_another_website(house: House, route: str) -> None:
    token = house.services.sessions.issue(house.acme).token

    for origin in ("https://globex.example", "null", "https://acme.example.", " "):
        assert told(house.ask(route, house.acme.session_id, token, origin=origin))[0] == 401


def test_no_other_spelling_of_a_website_opens_a_session(services: Services) -> None:
    """T-ORG-01."""
    services.companies.put(company("acme"), expected_version=0)

    for origin in FOREIGN_ORIGINS:
        reply = doors.call("POST", "/api/session", body={"companyId": "acme", "mode": "text"}, origin=origin)
        assert (reply.status, reply.json()["error"]["code"]) == (403, "origin_not_allowed"), origin
    assert items(services.dynamodb, CONVERSATIONS) == []
    assert doors.call("POST", "/api/session", body={"companyId": "acme"}, origin=ORIGIN).status == 200


def test_an_empty_list_of_websites_lets_nobody_in(services: Services) -> None:
    services.companies.put(a_company(allowed_origins=(), modes=("text",)), expected_version=0)

    for origin in (ORIGIN, *FOREIGN_ORIGINS[:5]):
        assert doors.call("POST", "/api/session", body={"companyId": "acme"}, origin=origin).status == 403
    assert doors.call("POST", "/api/session", body={"companyId": "acme"}).status == 403


@pytest.fixture
def over(house: House) -> House:
    """The same, an hour later: only a token that was never given out so late would still be good by itself."""
    then = Sessions(house.services.conversations, KEYS, Clock(time.time() - SESSION_SECONDS - 1))
    return replace(house, acme=then.open(company("acme"), ORIGIN, "1"))


def late(session: Session, audience: str = "api") -> str:
    """As good as a token can be, but for the session's end."""
    now = int(time.time())
    claims = {"iss": "aisdr", "aud": audience, "sub": session.session_id, "cid": session.company_id}
    claims |= {"org": session.origin, "jti": f"late-{audience}", "mode": "text"}
    kinds = {"api": "sdr+session", "ws": "sdr+ticket"}
    header = {"kid": "k2", "typ": kinds[audience]}
    return jwt.encode(claims | {"iat": now, "exp": now + 60}, KEYS["k2"], algorithm="HS256", headers=header)


@pytest.mark.parametrize("route", DOORS)
def test_after_its_end_no_door_answers_for_a_conversation(over: House, route: str) -> None:
    """Renewing included: nothing given out later opens it again."""
    for token in (late(over.acme), over.services.sessions.issue(over.acme).token):
        reply = over.ask(route, over.acme.session_id, token)

        assert told(reply)[0] == 401


def test_after_its_end_a_conversation_does_not_go_on_in_another_mode(over: House) -> None:
    body = {"companyId": "acme", "mode": "text", "resume": late(over.acme)}

    assert doors.call("POST", "/api/session", body=body, origin=ORIGIN).status == 401


def test_after_its_end_no_socket_is_opened_and_none_is_answered(over: House, postbox: Postbox) -> None:
    services, session = over.services, over.acme
    event = {
        "requestContext": {"routeKey": "$connect", "connectionId": "c1"},
        "headers": {"Sec-WebSocket-Protocol": f"aisdr, {late(session, 'ws')}", "Origin": ORIGIN},
    }
    assert import_module("functions.ws-relay.handler").handler(event, None)["statusCode"] == 401

    services.connections.add("c2", Entry(session, "text"))  # one that was opened in time
    visitor = Visitor(services, postbox, session, services.relay)
    for frame in (
        {"action": "hello"},
        {"action": "resume", "after": 0},
        {"action": "ask", "id": "q-2", "text": "What are the prices?"},
        {"action": "stop", "id": "q-2"},
        {"action": "confirm", "id": "a-confirmation", "accept": True},
    ):
        (answer,) = visitor.send(frame, "c2") or [{"type": "error"}]
        assert answer["type"] == "error"
    assert services.transcripts.all(session) == []


def test_after_its_end_no_tool_runs_that_a_vendor_delivers(over: House) -> None:
    services, session = over.services, over.acme
    taken, _ = services.ledger.reserve(
        company("acme"), session.session_id, "a key of a wish", "print", 0.1, mode="video", vendor="tavus"
    )
    services.ledger.created(taken, "conv")
    body = {"name": "search_knowledge", "arguments": "{}", "conversation_id": "conv", "tool_call_id": "t-1"}
    raw = json.dumps(body).encode()
    signature = hmac.new(DELIVERY_SECRET.encode(), raw, hashlib.sha256).hexdigest()

    reply = doors.call("POST", "/api/tavus/delivery", body=raw, x_tavus_signature=signature)

    assert told(reply)[0] == 404


def test_no_address_of_media_outlives_the_conversation_that_it_was_given_to(house: House) -> None:
    services = house.services
    session = replace(house.acme, ends_at=time.time() + 90)
    answer = Answer(
        text="Yes.", citations=(Citation(number=1, title="a", url="/media/_private/acme/a.pdf", chunk_id="1"),)
    )
    kept = services.frames.keep(session, [DoneFrame(id="q-1", answer=answer)], once="a").frames

    for told_as in (services.media_links.whole(session, answer).model_dump(), kept[0]["answer"]):
        url = told_as["citations"][0]["url"]
        assert check(f"{services.settings.public_url}{url}") <= session.ends_at


def test_no_session_signs_another_companys_media(house: House) -> None:
    theirs = "/media/_private/globex/prices.pdf"
    answer = Answer(text="Yes.", citations=(Citation(number=1, title="a", url=theirs, chunk_id="1"),))

    assert house.services.media_links.whole(house.acme, answer).citations[0].url == theirs


def test_with_its_conversation_a_socket_is_over_and_not_even_a_ping_is_answered(over: House, postbox: Postbox) -> None:
    over.services.connections.add("c3", Entry(over.acme, "text"))

    over.services.relay.receive("c3", json.dumps({"action": "ping"}))

    assert postbox.frames("c3") == []

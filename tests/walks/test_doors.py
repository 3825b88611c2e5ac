"""Bad input at each door, through the gateway: the documented error, nothing stored, nothing spent."""

import json
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.product import Stack

pytestmark = pytest.mark.slow


def error(answer: httpx.Response) -> tuple[int, str]:
    body = answer.json()["error"]
    assert body["message"]
    assert body["requestId"]
    return answer.status_code, body["code"]


def post(stack: Stack, path: str, body: Any, token: str | None = None, **headers: str) -> httpx.Response:
    known = {"Origin": stack.url} | ({"Authorization": f"Bearer {token}"} if token else {})
    return httpx.post(f"{stack.url}{path}", json=body, headers=known | headers)


def purchases(stack: Stack) -> int:
    asked = stack.tavus("requests")
    return len([each for each in asked if (each["method"], each["path"]) == ("POST", "/v2/conversations")])


def traces(stack: Stack) -> tuple[int, dict[str, int], int]:
    """What a refusal must leave as it was: the sessions, the day's account, what the vendor was told to do.

    Questions to the vendor do not count: the reconciler asks some by itself.
    """
    sessions = stack.conversations.scan_sort_key("session")
    told = [request for request in stack.tavus("requests") if request["method"] != "GET"]
    return len(sessions), stack.ledger.today("hypersonix"), len(told)


def hang_up(stack: Stack, call: dict[str, Any]) -> None:
    answer = httpx.delete(
        f"{stack.url}/api/session/{call['sessionId']}?call=only",
        headers={"Authorization": f"Bearer {call['token']}", "Origin": stack.url},
    )
    assert answer.status_code == 204


def open_relay(stack: Stack, ticket: str, origin: str | None = None) -> Any:
    protocols = [Subprotocol("aisdr"), Subprotocol(ticket)]
    return connect(stack.websocket_url, subprotocols=protocols, origin=origin or stack.url)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "body", "headers", "expected"),
    [
        ("/api/session", {"companyId": "nobody", "mode": "text"}, {}, (404, "company_not_found")),
        ("/api/session", {"companyId": "../x", "mode": "text"}, {}, (422, "invalid_input")),
        ("/api/session", {"companyId": "hypersonix", "mode": "dance"}, {}, (422, "invalid_input")),
        ("/api/session", {"companyId": "hypersonix", "mode": "voice"}, {}, (422, "idempotency_key_required")),
        ("/api/session", {"companyId": "hypersonix", "colour": 1}, {}, (422, "invalid_input")),
        ("/api/session", {"companyId": "hypersonix"}, {"Origin": "https://evil.example"}, (403, "origin_not_allowed")),
        ("/api/session", {"companyId": "hypersonix", "resume": "x.y.z"}, {}, (401, "unauthorized")),
        ("/api/session", {"companyId": "hypersonix", "consent": {"version": "0"}}, {}, (422, "consent_outdated")),
        ("/api/tavus/session", {"companyId": "nobody"}, {}, (404, "company_not_found")),
        ("/api/tavus/session", {"companyId": "hypersonix"}, {}, (422, "idempotency_key_required")),
        (
            "/api/session",
            {"companyId": "hypersonix", "mode": "video"},
            {"Idempotency-Key": "a-key-of-16-chars"},
            (403, "consent_required"),
        ),
    ],
)
def test_opening_a_session_refuses(
    stack: Stack, path: str, body: dict[str, Any], headers: dict[str, str], expected: tuple[int, str]
) -> None:
    before = traces(stack)

    answer = post(stack, path, body, **headers)

    assert error(answer) == expected
    assert traces(stack) == before


@pytest.mark.parametrize(
    "path", ["/api/session", "/api/tavus/session", "/api/search", "/api/answer", "/api/tavus/tool"]
)
@pytest.mark.parametrize("body", ["{", '{"companyId": "a", "companyId": "b"}', '{"companyId": NaN}', "\ud800"])
def test_malformed_json_is_named_as_such(stack: Stack, path: str, body: str) -> None:
    token = stack.open_session()["token"]
    headers = {"Origin": stack.url, "Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    before = traces(stack)

    answer = httpx.post(f"{stack.url}{path}", content=body.encode("utf-8", "surrogatepass"), headers=headers)

    assert error(answer) == (400, "malformed_json")
    assert traces(stack) == before


def test_tools_refuse_what_is_unknown_wrong_or_another_companys(stack: Stack) -> None:
    token = stack.open_session()["token"]
    leads = len(stack.leads.list(stack.companies.get("hypersonix").operator_scope))

    def run(**changes: Any) -> tuple[int, str]:
        call = {"companyId": "hypersonix", "name": "log_lead", "arguments": {"email": "a@b.example"}}
        return error(post(stack, "/api/tavus/tool", call | changes, token))

    assert run(name="launch_rocket") == (404, "unknown_tool")
    assert run(arguments={"email": "nobody"}) == (422, "invalid_arguments")
    assert run(arguments={"email": "a@b.example", "companyId": "aisdr"}) == (422, "invalid_arguments")
    assert run(companyId="aisdr") == (404, "company_not_found")
    assert run(companyId="nobody") == (404, "company_not_found")
    assert len(stack.leads.list(stack.companies.get("hypersonix").operator_scope)) == leads


def test_without_a_token_nothing_opens(stack: Stack) -> None:
    before = traces(stack)

    for path, body in [
        ("/api/search", {"companyId": "hypersonix", "query": "x"}),
        ("/api/answer", {"question": "x"}),
        ("/api/speech", {"text": "x"}),
        ("/api/tavus/tool", {"companyId": "hypersonix", "name": "log_lead", "arguments": {}}),
        ("/api/session/x/renew", {}),
    ]:
        assert error(post(stack, path, body)) == (401, "unauthorized")
    assert traces(stack) == before


def test_a_ticket_opens_the_relay_once(stack: Stack) -> None:
    ticket = stack.open_session()["ticket"]

    with open_relay(stack, ticket) as socket:
        socket.send('{"action": "hello"}')
        assert json.loads(socket.recv(10))["type"] == "ready"
    with pytest.raises(InvalidStatus) as refused:
        open_relay(stack, ticket)

    assert refused.value.response.status_code == 401


def test_a_foreign_website_and_a_forged_ticket_are_refused_at_the_handshake(stack: Stack) -> None:
    grant = stack.open_session()

    for ticket, origin in [
        (grant["ticket"], "https://evil.example"),
        (grant["token"], stack.url),
        (grant["ticket"][:-4] + "AAAA", stack.url),
    ]:
        with pytest.raises(InvalidStatus) as refused:
            open_relay(stack, ticket, origin)
        assert refused.value.response.status_code == 401


def test_a_frame_that_is_not_understood_gets_an_error_frame_and_the_socket_lives(stack: Stack) -> None:
    with open_relay(stack, stack.open_session()["ticket"]) as socket:
        for frame in ["{", "[]", '{"action": "fly"}', '{"action": "ask", "id": "1"}', "x" * 20_000]:
            socket.send(frame)
            assert json.loads(socket.recv(10))["error"]["code"] == "invalid_frame"

        socket.send('{"action": "ping"}')
        assert json.loads(socket.recv(10)) == {"type": "pong"}


def test_the_same_idempotency_key_buys_one_call(stack: Stack) -> None:
    token = stack.open_session()["token"]
    key = {"Idempotency-Key": "one-and-the-same-key"}
    calls, bought = stack.ledger.today("hypersonix")["calls"], purchases(stack)

    first = post(stack, "/api/tavus/session", {"companyId": "hypersonix"}, token, **key).json()
    again = post(stack, "/api/tavus/session", {"companyId": "hypersonix"}, token, **key).json()
    stranger = post(stack, "/api/tavus/session", {"companyId": "hypersonix"}, stack.open_session()["token"], **key)

    assert again["conversationId"] == first["conversationId"]
    assert error(stranger) == (409, "idempotency_conflict")
    assert purchases(stack) == bought + 1
    assert stack.ledger.today("hypersonix")["calls"] == calls + 1
    ended = httpx.delete(
        f"{stack.url}/api/session/{first['sessionId']}",
        headers={"Authorization": f"Bearer {first['token']}", "Origin": stack.url},
    )
    assert ended.status_code == 204
    assert error(post(stack, "/api/answer", {"question": "x"}, first["token"])) == (401, "unauthorized")


def test_when_all_lines_are_busy_nothing_is_stored_and_a_call_that_ends_frees_its_line(stack: Stack) -> None:
    lines = stack.companies.get("hypersonix").limits.concurrent_calls
    running: list[dict[str, Any]] = []

    def call() -> httpx.Response:
        """The same wish until it is granted."""
        key = {"Idempotency-Key": f"call-number-{len(running)}-of-the-busy"}
        answer = post(stack, "/api/tavus/session", {"companyId": "hypersonix"}, **key)
        if answer.status_code == 200:
            running.append(answer.json())
        return answer

    assert stack.ledger.today("hypersonix")["active"] == 0
    assert lines > 0
    try:
        granted = [call().status_code for _ in range(lines)]
        before = traces(stack)
        refused = call()
        after = traces(stack)
        hang_up(stack, running[0])
        again = call()

        assert granted == [200] * lines
        assert error(refused) == (429, "calls_busy")
        assert after == before
        assert again.status_code == 200
        assert stack.ledger.today("hypersonix")["active"] == lines
    finally:
        for each in running:
            hang_up(stack, each)
    assert stack.ledger.today("hypersonix")["active"] == 0

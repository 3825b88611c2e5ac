"""The gateway does for sockets what API Gateway does: connect, messages and one disconnect."""

import base64
import json

import pytest
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from tests.dev.relays import RELAY, ROUTES, events, relay, socket_of
from tests.dev.scene import Scene


def test_a_visit_is_connect_messages_and_one_disconnect(scene: Scene) -> None:
    base = relay(scene)

    with socket_of(base, "/ws?ticket=a&ticket=b", origin="https://acme.example", user_agent_header="test") as visitor:
        visitor.send("hello")
        visitor.send('{"action": "ask"}')
        visitor.close(4001, "bye")
    assert scene.seen("ws-relay", "gone").wait(20)

    opened, first, second, closed = events(scene)
    assert [event["requestContext"]["routeKey"] for event in events(scene)] == [
        "$connect",
        "$default",
        "$default",
        "$disconnect",
    ]
    assert opened["headers"]["Origin"] == "https://acme.example"
    assert opened["queryStringParameters"] == {"ticket": "b"}
    assert opened["multiValueQueryStringParameters"] == {"ticket": ["a", "b"]}
    assert (first["body"], second["body"]) == ("hello", '{"action": "ask"}')
    assert "headers" not in first
    assert closed["requestContext"]["disconnectStatusCode"] == 4001
    assert closed["requestContext"]["disconnectReason"] == "bye"
    contexts = [event["requestContext"] for event in events(scene)]
    assert [context["eventType"] for context in contexts] == ["CONNECT", "MESSAGE", "MESSAGE", "DISCONNECT"]
    assert len({context["connectionId"] for context in contexts}) == 1
    assert len({context["requestId"] for context in contexts}) == 4
    assert contexts[0]["identity"] == {"sourceIp": "127.0.0.1", "userAgent": "test"}
    assert f"http://{contexts[0]['domainName']}" == base


def test_a_connection_id_looks_like_api_gateways(scene: Scene) -> None:
    with socket_of(relay(scene)):
        identifier = events(scene)[0]["requestContext"]["connectionId"]

    assert len(identifier) == 16
    assert identifier.endswith("=")
    assert len(base64.urlsafe_b64decode(identifier)) == 11


def test_a_refused_connect_is_the_http_status_of_the_handshake(scene: Scene) -> None:
    base = relay(scene)

    with pytest.raises(InvalidStatus) as refusal:
        socket_of(base, "/ws?status=403")
    with socket_of(base) as other:
        other.close()
    assert scene.seen("ws-relay", "gone").wait(20)

    assert refusal.value.response.status_code == 403
    kinds = [event["requestContext"]["eventType"] for event in events(scene)]
    assert kinds == ["CONNECT", "CONNECT", "DISCONNECT"]


@pytest.mark.parametrize("body", ["raise ValueError()", "return None", "return {'status': 200}"])
def test_a_broken_connect_refuses_the_handshake(scene: Scene, body: str) -> None:
    base = relay(scene, code=f"def handler(event, context):\n    {body}\n")

    with pytest.raises(InvalidStatus) as refusal:
        socket_of(base)

    assert refusal.value.response.status_code == 502


def test_the_subprotocol_is_the_one_the_handler_answers(scene: Scene) -> None:
    base = relay(scene)

    with socket_of(base, subprotocols=[Subprotocol("aisdr"), Subprotocol("ticket")]) as visitor:
        assert visitor.subprotocol == "aisdr"
    assert events(scene)[0]["headers"]["Sec-WebSocket-Protocol"] == "aisdr, ticket"


def test_no_subprotocol_is_echoed_when_the_handler_names_none(scene: Scene) -> None:
    base = relay(scene, code="def handler(event, context): return {'statusCode': 200}")

    with socket_of(base, subprotocols=[Subprotocol("aisdr")]) as visitor:
        assert visitor.subprotocol is None


@pytest.mark.parametrize("body", ["raise", "forget"])
def test_a_failing_message_is_answered_with_the_gateways_error_frame(scene: Scene, body: str) -> None:
    with socket_of(relay(scene)) as visitor:
        visitor.send(body)
        answer = json.loads(visitor.recv(timeout=20))

        context = events(scene)[-1]["requestContext"]
    assert answer == {
        "message": "Internal server error",
        "connectionId": context["connectionId"],
        "requestId": context["requestId"],
    }


def test_a_route_of_its_own_is_chosen_by_the_action(scene: Scene) -> None:
    scene.function("ws-relay", *ROUTES, code=RELAY)
    scene.function("pinger", "ping", code="def handler(event, context): raise ValueError('reached')")

    with socket_of(scene.open()) as visitor:
        visitor.send('{"action": "ping"}')
        answer = json.loads(visitor.recv(timeout=20))

    assert answer["message"] == "Internal server error"

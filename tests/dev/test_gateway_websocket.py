"""The gateway does for sockets what API Gateway does: three kinds of events, and @connections for boto3."""

import base64
import heapq
import json
import random
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
import uvicorn
from botocore.config import Config
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from dev.gateway.app import SERVER_OPTIONS, Options, create_gateway
from dev.gateway.websocket import SocketLimits, Turnstile
from tests.dev.account import eventually
from tests.dev.scene import Scene

ROUTES = ("$connect", "$default", "$disconnect")
# Keeps every event, and lets a test wait for the last one: it comes when the visitor is already gone.
RELAY = """
import json, threading

events, gone, release = [], threading.Event(), threading.Event()

def handler(event, context):
    events.append(event)
    kind = event["requestContext"]["eventType"]
    if kind == "DISCONNECT":
        gone.set()
    if kind == "CONNECT":
        offered = event["headers"].get("Sec-WebSocket-Protocol")
        answer = {"statusCode": int(event.get("queryStringParameters", {}).get("status", 200))}
        return answer | ({"headers": {"Sec-WebSocket-Protocol": "aisdr"}} if offered else {})
    match event.get("body"):
        case "raise":
            raise ValueError("broken")
        case "forget":
            return None
        case "wait":
            release.wait(20)
    return {"statusCode": 200, "body": "never shown"}
"""


def socket_of(base: str, path: str = "/ws", **options: Any) -> ClientConnection:
    return connect(base.replace("http://", "ws://") + path, proxy=None, **options)


def management(base: str) -> Any:
    return boto3.client(
        "apigatewaymanagementapi",
        endpoint_url=base,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"max_attempts": 0}),
    )


def relay(scene: Scene, options: Options | None = None, code: str = RELAY) -> str:
    scene.function("ws-relay", *ROUTES, code=code)
    return scene.open(options)


def post_for_ever(client: Any, identifier: str) -> None:
    """A close has to travel: until it is there a post is accepted, here as on AWS."""
    while True:
        client.post_to_connection(ConnectionId=identifier, Data=b"hello")


def events(scene: Scene) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = scene.seen("ws-relay", "events")
    return found


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


@pytest.mark.parametrize("stage", ["", "/ws-stage"])
def test_a_function_posts_through_boto3_with_and_without_the_stage(scene: Scene, stage: str) -> None:
    base = relay(scene)

    with socket_of(base) as visitor:
        identifier = events(scene)[0]["requestContext"]["connectionId"]
        client = management(base + stage)
        client.post_to_connection(ConnectionId=identifier, Data=b'{"type": "ready"}')
        client.post_to_connection(ConnectionId=identifier, Data=b"\xff\x00")

        assert visitor.recv(timeout=20) == '{"type": "ready"}'
        assert visitor.recv(timeout=20) == b"\xff\x00"
        described = client.get_connection(ConnectionId=identifier)
        assert described["Identity"]["SourceIp"] == "127.0.0.1"
        assert described["ConnectedAt"] <= described["LastActiveAt"]


def test_a_handler_may_post_while_it_works_on_a_message(scene: Scene) -> None:
    scene.function(
        "ws-relay",
        *ROUTES,
        code="""
        import boto3

        def handler(event, context):
            where = event["requestContext"]
            if where["eventType"] == "MESSAGE":
                client = boto3.client(
                    "apigatewaymanagementapi", endpoint_url=f"http://{where['domainName']}/{where['stage']}",
                    region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test",
                )
                for part in ("one", "two", "three"):
                    client.post_to_connection(ConnectionId=where["connectionId"], Data=part)
            return {"statusCode": 200}
        """,
    )

    with socket_of(scene.open()) as visitor:
        visitor.send("go")
        assert [visitor.recv(timeout=20) for _ in range(3)] == ["one", "two", "three"]


def test_a_post_to_somebody_who_left_or_never_was_is_gone(scene: Scene) -> None:
    base = relay(scene)
    client = management(base)
    with socket_of(base):
        identifier = events(scene)[0]["requestContext"]["connectionId"]
    assert scene.seen("ws-relay", "gone").wait(20)

    for unknown in (identifier, "AAAAAAAAAAAAAAA="):
        with pytest.raises(client.exceptions.GoneException):
            client.post_to_connection(ConnectionId=unknown, Data=b"hello")
        with pytest.raises(client.exceptions.GoneException):
            client.get_connection(ConnectionId=unknown)


def test_a_visitor_who_leaves_during_a_message_is_gone_at_once(scene: Scene) -> None:
    base = relay(scene)
    client = management(base)
    visitor = socket_of(base)
    visitor.send("wait")
    identifier = events(scene)[0]["requestContext"]["connectionId"]
    visitor.close()

    with pytest.raises(client.exceptions.GoneException):
        post_for_ever(client, identifier)
    scene.seen("ws-relay", "release").set()
    assert scene.seen("ws-relay", "gone").wait(20)


def test_a_long_message_does_not_hold_up_the_next_one_nor_the_end(scene: Scene) -> None:
    base = relay(scene)
    with socket_of(base) as visitor:
        visitor.send("wait")
        visitor.send("raise")

        assert json.loads(visitor.recv(timeout=20))["message"] == "Internal server error"
    assert scene.seen("ws-relay", "gone").wait(20)
    scene.seen("ws-relay", "release").set()


def test_a_post_during_connect_is_gone(scene: Scene) -> None:
    scene.function(
        "ws-relay",
        *ROUTES,
        code="""
        import boto3

        errors = []

        def handler(event, context):
            where = event["requestContext"]
            if where["eventType"] == "CONNECT":
                client = boto3.client(
                    "apigatewaymanagementapi", endpoint_url=f"http://{where['domainName']}/{where['stage']}",
                    region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test",
                )
                try:
                    client.post_to_connection(ConnectionId=where["connectionId"], Data=b"welcome")
                except client.exceptions.GoneException as error:
                    errors.append(error)
            return {"statusCode": 200}
        """,
    )

    with socket_of(scene.open()):
        assert len(scene.seen("ws-relay", "errors")) == 1


def test_deleting_a_connection_closes_it_and_tells_the_function(scene: Scene) -> None:
    base = relay(scene)
    client = management(base)

    with socket_of(base) as visitor:
        identifier = events(scene)[0]["requestContext"]["connectionId"]
        answer = client.delete_connection(ConnectionId=identifier)

        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
        with pytest.raises(ConnectionClosed):
            visitor.recv(timeout=20)
    assert scene.seen("ws-relay", "gone").wait(20)
    with pytest.raises(client.exceptions.GoneException):
        client.delete_connection(ConnectionId=identifier)


def test_a_post_above_128_kb_is_too_large(scene: Scene) -> None:
    base = relay(scene)
    client = management(base)

    with socket_of(base) as visitor:
        identifier = events(scene)[0]["requestContext"]["connectionId"]
        client.post_to_connection(ConnectionId=identifier, Data=b"x" * 131_072)
        assert len(visitor.recv(timeout=20)) == 131_072
        with pytest.raises(client.exceptions.PayloadTooLargeException):
            client.post_to_connection(ConnectionId=identifier, Data=b"x" * 131_073)


def test_an_unsigned_post_is_forbidden(scene: Scene) -> None:
    base = relay(scene)

    with socket_of(base):
        identifier = events(scene)[0]["requestContext"]["connectionId"]
        response = httpx.post(f"{base}/ws-stage/@connections/{identifier.replace('=', '%3D')}", content=b"hello")

    assert response.status_code == 403
    assert response.headers["x-amzn-errortype"] == "ForbiddenException"


def test_a_message_above_128_kb_closes_the_socket_with_1009(scene: Scene) -> None:
    with socket_of(relay(scene)) as visitor:
        visitor.send("x" * 131_073)
        with pytest.raises(ConnectionClosed) as closing:
            visitor.recv(timeout=20)

    assert closing.value.rcvd is not None
    assert closing.value.rcvd.code == 1009
    assert scene.seen("ws-relay", "gone").wait(20)
    assert [event["requestContext"]["eventType"] for event in events(scene)] == ["CONNECT", "DISCONNECT"]


def test_a_long_message_may_come_in_frames_of_32_kb_but_not_in_one(scene: Scene) -> None:
    scene.function("ws-relay", *ROUTES, code=RELAY)
    with served_as_in_make_dev(scene) as base:
        with socket_of(base) as visitor:
            visitor.send(["x" * 32_768, "x" * 32_768, "raise"])
            visitor.send("raise")
            assert json.loads(visitor.recv(timeout=20))["message"] == "Internal server error"
            assert len(events(scene)[1]["body"]) == 65_541

        with socket_of(base) as visitor:
            visitor.send("x" * 32_769)
            with pytest.raises(ConnectionClosed) as closing:
                visitor.recv(timeout=20)

    assert closing.value.rcvd is not None
    assert closing.value.rcvd.code == 1009


@pytest.mark.parametrize("limits", [SocketLimits(idle_seconds=0.2), SocketLimits(life_seconds=0.2)])
def test_an_idle_or_old_socket_is_closed(scene: Scene, limits: SocketLimits) -> None:
    with socket_of(relay(scene, Options(socket_limits=limits))) as visitor, pytest.raises(ConnectionClosed) as closing:
        visitor.recv(timeout=20)

    assert closing.value.rcvd is not None
    assert closing.value.rcvd.code == 1001
    assert scene.seen("ws-relay", "gone").wait(20)
    assert events(scene)[-1]["requestContext"]["disconnectStatusCode"] == 1001


def test_a_new_socket_beyond_the_rate_is_refused_and_no_function_hears_of_it(scene: Scene) -> None:
    base = relay(scene, Options(socket_limits=SocketLimits(connects_per_second=1)))

    def comes() -> int:
        try:
            socket_of(base).close()
        except InvalidStatus as refused:
            return refused.response.status_code
        return 101

    statuses = [comes() for _ in range(20)]  # some of them fall into one second, whatever the machine is at

    assert set(statuses) == {101, 429}


def browsers_delay(failures: int, chance: random.Random) -> float:
    """Seconds before the next attempt, by the widget's own numbers."""
    source = (Path(__file__).parents[2] / "widget" / "src" / "relay.ts").read_text("utf-8")
    base, cap = (
        float(re.search(rf"const BACKOFF_{name}_MS = ([\d_]+);", source)[1])  # type: ignore[index]
        for name in ("BASE", "CAP")
    )
    longest: float = min(cap, base * 2**failures)
    return chance.random() * longest / 1000


@pytest.mark.cell("F-WS-10")
@pytest.mark.parametrize("seed", range(8))
def test_five_hundred_browsers_that_lose_their_sockets_at_once_come_back_at_no_more_than_200_a_second(
    seed: int,
) -> None:
    chance, turnstile = random.Random(seed), Turnstile(200)  # noqa: S311 - the same storms in every run
    waiting = [(browsers_delay(1, chance), 1) for _ in range(500)]
    heapq.heapify(waiting)

    refused, last = 0, 0.0
    while waiting:
        last, failures = heapq.heappop(waiting)
        if not turnstile.lets_in(last):
            refused += 1
            heapq.heappush(waiting, (last + browsers_delay(failures + 1, chance), failures + 1))

    assert refused == 0
    assert last > 500 / 200


def bodies(scene: Scene) -> list[int]:
    """What messages have come, as numbers."""
    return [int(event["body"]) for event in events(scene) if "body" in event]


def test_messages_of_one_socket_are_worked_on_in_order_unless_asked_otherwise(scene: Scene) -> None:
    base = relay(scene)

    orders: list[list[int]] = []
    for address in (base, scene.open(Options(messages_in_order=False))):
        before = 30 * len(orders)
        with socket_of(address) as visitor:
            for number in range(30):
                visitor.send(str(number))
            eventually(lambda least=before + 30: len(bodies(scene)) == least)  # type: ignore[misc]
        orders.append(bodies(scene)[before:])

    in_order, shuffled = orders
    assert in_order == list(range(30))
    assert shuffled != in_order
    assert sorted(shuffled) == in_order


@contextmanager
def served_as_in_make_dev(scene: Scene) -> Iterator[str]:
    """With the program's own server options, which hold the limit of a frame."""
    server = uvicorn.Server(uvicorn.Config(create_gateway(scene.table), port=0, **SERVER_OPTIONS))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)

"""@connections as API Gateway has it: what a function posts to its sockets with boto3."""

import json
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from websockets.exceptions import ConnectionClosed

from tests.dev.relays import ROUTES, events, relay, socket_of
from tests.dev.scene import Scene


def management(base: str) -> Any:
    return boto3.client(
        "apigatewaymanagementapi",
        endpoint_url=base,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"max_attempts": 0}),
    )


def post_for_ever(client: Any, identifier: str) -> None:
    """A close has to travel: until it is there a post is accepted, here as on AWS."""
    while True:
        client.post_to_connection(ConnectionId=identifier, Data=b"hello")


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

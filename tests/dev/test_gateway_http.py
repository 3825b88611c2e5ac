"""The gateway does for a function over HTTP what API Gateway does: its events, its answers, its limits."""

import base64
import json
from typing import Any

import httpx
import pytest

from tests.dev.scene import ECHO, Scene


def event_of(response: httpx.Response) -> dict[str, Any]:
    event: dict[str, Any] = response.json()
    return event


def test_a_request_becomes_an_event_of_payload_format_2(scene: Scene) -> None:
    scene.function("echo", "POST /api/things/{id}", code=ECHO)

    response = httpx.post(
        f"{scene.open()}/api/things/a%20b?color=red&color=blue&note=a%26b",
        headers=[("X-Tag", "one"), ("X-Tag", "two"), ("Cookie", "a=1; b=2"), ("User-Agent", "test")],
        json={"n": 1},
    )

    event = event_of(response)
    assert event["version"] == "2.0"
    assert event["routeKey"] == "POST /api/things/{id}"
    assert event["rawPath"] == "/api/things/a b"
    assert event["rawQueryString"] == "color=red&color=blue&note=a%26b"
    assert event["queryStringParameters"] == {"color": "red,blue", "note": "a&b"}
    assert event["pathParameters"] == {"id": "a b"}
    assert event["headers"]["x-tag"] == "one,two"
    assert event["headers"]["x-forwarded-for"] == "127.0.0.1"
    assert "cookie" not in event["headers"]
    assert event["cookies"] == ["a=1", "b=2"]
    assert json.loads(event["body"]) == {"n": 1}
    assert event["isBase64Encoded"] is False
    context = event["requestContext"]
    assert context["http"] == {
        "method": "POST",
        "path": "/api/things/a b",
        "protocol": "HTTP/1.1",
        "sourceIp": "127.0.0.1",
        "userAgent": "test",
    }
    assert (context["stage"], context["routeKey"]) == ("$default", "POST /api/things/{id}")
    assert context["domainName"] == event["headers"]["host"]
    assert context["requestId"] == response.headers["apigw-requestid"]
    assert isinstance(context["timeEpoch"], int)
    assert context["time"].endswith(" +0000")


def test_keys_that_have_nothing_to_say_are_absent(scene: Scene) -> None:
    scene.function("echo", "GET /api/things", code=ECHO)

    event = event_of(httpx.get(f"{scene.open()}/api/things"))

    assert event.keys().isdisjoint({"body", "cookies", "queryStringParameters", "pathParameters"})


@pytest.mark.parametrize(
    ("kind", "content", "is_binary"),
    [
        ("application/json", b'{"a": "\xc3\xa4"}', False),
        ("application/problem+json; charset=utf-8", b"{}", False),
        ("text/plain", b"plain", False),
        ("application/octet-stream", b"\x00\xff", True),
        ("application/x-www-form-urlencoded", b"a=1", True),
        ("text/plain", b"\xff not text", True),
    ],
)
def test_a_body_that_is_not_text_travels_as_base64(scene: Scene, kind: str, content: bytes, is_binary: bool) -> None:
    scene.function("echo", "POST /api/things", code=ECHO)

    event = event_of(httpx.post(f"{scene.open()}/api/things", content=content, headers={"content-type": kind}))

    assert event["isBase64Encoded"] is is_binary
    assert (base64.b64decode(event["body"]) if is_binary else event["body"].encode()) == content


def test_the_most_specific_route_answers(scene: Scene) -> None:
    scene.function("greedy", "GET /api/{proxy+}", code="def handler(event, context): return 'greedy'")
    scene.function("one", "GET /api/things/{id}", code="def handler(event, context): return 'one'")
    scene.function("exact", "GET /api/things/new", code="def handler(event, context): return 'exact'")

    base = scene.open()
    answers = [httpx.get(base + path).text for path in ("/api/things/new", "/api/things/7", "/api/things/7/parts")]

    assert answers == ["exact", "one", "greedy"]


def test_a_preflight_request_is_for_the_function_that_the_table_names(scene: Scene) -> None:
    scene.function("echo", "POST /api/things", "OPTIONS /api/{proxy+}", code=ECHO)

    event = event_of(httpx.options(f"{scene.open()}/api/things"))

    assert (event["routeKey"], event["pathParameters"]) == ("OPTIONS /api/{proxy+}", {"proxy": "things"})


def test_an_unknown_path_or_method_is_not_found(scene: Scene) -> None:
    scene.function("echo", "POST /api/things", code=ECHO)
    base = scene.open()

    for response in (httpx.get(f"{base}/api/things"), httpx.post(f"{base}/api/other"), httpx.post(f"{base}/x/y/z")):
        assert response.status_code == 404
        assert response.json() == {"message": "Not Found"}


def test_a_full_response_is_passed_on(scene: Scene) -> None:
    scene.function(
        "answer",
        "GET /api/things",
        code="""
        def handler(event, context):
            return {
                "statusCode": 201,
                "headers": {"Content-Type": "image/png", "X-Count": 3, "Content-Length": "999"},
                "cookies": ["a=1; Path=/", "b=2"],
                "body": "AAEC",
                "isBase64Encoded": True,
            }
        """,
    )

    response = httpx.get(f"{scene.open()}/api/things")

    assert response.status_code == 201
    assert response.content == b"\x00\x01\x02"
    assert response.headers["content-type"] == "image/png"
    assert response.headers["x-count"] == "3"
    assert response.headers.get_list("set-cookie") == ["a=1; Path=/", "b=2"]


def test_a_result_without_status_code_is_the_json_body(scene: Scene) -> None:
    scene.function("answer", "GET /api/things", code="def handler(event, context): return {'a': [1, 2]}")

    response = httpx.get(f"{scene.open()}/api/things")

    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    assert response.json() == {"a": [1, 2]}


@pytest.mark.parametrize("size", [10 * 1024 * 1024 + 1, 6 * 1024 * 1024 + 1])
def test_a_request_above_the_limits_is_refused_before_the_function(scene: Scene, size: int) -> None:
    scene.function("echo", "POST /api/things", code=ECHO)

    response = httpx.post(f"{scene.open()}/api/things", content=b"x" * size, headers={"content-type": "text/plain"})

    assert response.status_code == 413
    assert response.json() == {"message": "Request Entity Too Large"}

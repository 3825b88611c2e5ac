"""The gateway does for a function over HTTP what API Gateway does: its events, its answers, its limits."""

import base64
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from moto import mock_aws

from dev.gateway.app import Options
from dev.gateway.media import Media
from tests.dev.scene import Scene

ECHO = """
def handler(event, context):
    return event
"""


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


@pytest.mark.parametrize(
    "body",
    [
        "raise ValueError('secret detail')",
        "raise SystemExit(1)",
        "return object()",
        "return {'statusCode': 'fine'}",
        "return {'statusCode': 200, 'body': {'not': 'text'}}",
        "return {'statusCode': 200, 'headers': ['not', 'a', 'map']}",
        "return {'statusCode': 200, 'body': '***', 'isBase64Encoded': True}",
        "return 'x' * (6 * 1024 * 1024 + 1)",
    ],
)
def test_an_exception_or_a_malformed_result_is_a_bare_500(scene: Scene, body: str) -> None:
    scene.function("broken", "GET /api/things", code=f"def handler(event, context):\n    {body}\n")

    response = httpx.get(f"{scene.open()}/api/things")

    assert response.status_code == 500
    assert response.json() == {"message": "Internal Server Error"}


def test_a_module_that_cannot_be_imported_is_a_500_and_others_go_on(scene: Scene) -> None:
    scene.function("broken", "GET /api/broken", code="import a_module_that_does_not_exist")
    scene.function("echo", "GET /api/things", code=ECHO)
    base = scene.open()

    assert httpx.get(f"{base}/api/broken").status_code == 500
    assert httpx.get(f"{base}/api/things").status_code == 200


def test_a_function_that_takes_too_long_is_unavailable(scene: Scene) -> None:
    scene.function(
        "slow",
        "GET /api/things",
        code="""
        import threading

        release = threading.Event()

        def handler(event, context):
            release.wait(20)
        """,
    )

    response = httpx.get(f"{scene.open(Options(http_timeout=0.3))}/api/things")
    scene.seen("slow", "release").set()

    assert response.status_code == 503
    assert response.json() == {"message": "Service Unavailable"}


@pytest.mark.parametrize("size", [10 * 1024 * 1024 + 1, 6 * 1024 * 1024 + 1])
def test_a_request_above_the_limits_is_refused_before_the_function(scene: Scene, size: int) -> None:
    scene.function("echo", "POST /api/things", code=ECHO)

    response = httpx.post(f"{scene.open()}/api/things", content=b"x" * size, headers={"content-type": "text/plain"})

    assert response.status_code == 413
    assert response.json() == {"message": "Request Entity Too Large"}


def test_requests_of_one_function_run_side_by_side(scene: Scene) -> None:
    scene.function(
        "pair",
        "GET /api/things",
        code="""
        import threading

        both = threading.Barrier(2, timeout=20)

        def handler(event, context):
            both.wait()
            return "met"
        """,
    )
    base = scene.open()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: httpx.get(f"{base}/api/things", timeout=30).text, range(2)))

    assert answers == ["met", "met"]


def test_a_handler_finds_an_event_loop_and_a_context_like_on_lambda(scene: Scene) -> None:
    scene.function(
        "with-hyphen",
        "GET /api/things",
        code="""
        import asyncio

        async def name(context):
            return context.function_name

        def handler(event, context):
            loop = asyncio.get_event_loop()
            return {
                "name": loop.run_until_complete(name(context)),
                "id": context.aws_request_id,
                "arn": context.invoked_function_arn,
                "memory": context.memory_limit_in_mb,
                "left": context.get_remaining_time_in_millis(),
            }
        """,
    )

    answer = httpx.get(f"{scene.open()}/api/things").json()

    assert answer["name"] == "with-hyphen"
    assert len(answer["id"]) == 36
    assert answer["arn"].endswith(":function:with-hyphen")
    assert int(answer["memory"]) > 0
    assert 0 < answer["left"] <= 30_000


def test_an_event_is_the_functions_own_copy(scene: Scene) -> None:
    scene.function("counter", "GET /api/things", code="seen = []\ndef handler(event, context): seen.append(event)")

    httpx.get(f"{scene.open()}/api/things")

    assert scene.seen("counter", "seen")[0]["routeKey"] == "GET /api/things"


def test_the_clock_invokes_scheduled_functions_again_and_again(scene: Scene) -> None:
    scene.function(
        "reconciler",
        "GET /api/wait",
        schedule_minutes=1,
        code="""
        import threading

        events, twice = [], threading.Event()

        def handler(event, context):
            if "routeKey" in event:
                return twice.wait(20)
            events.append(event)
            if len(events) == 2:
                twice.set()
            raise ValueError("the clock goes on after a failure")
        """,
    )

    happened_twice = httpx.get(f"{scene.open(Options(minute_seconds=0.05))}/api/wait", timeout=30).json()

    assert happened_twice is True
    event = scene.seen("reconciler", "events")[0]
    assert (event["source"], event["detail-type"], event["detail"]) == ("aws.events", "Scheduled Event", {})


def test_the_start_page_lists_the_companies_as_data(scene: Scene) -> None:
    company = {"slug": "acme", "displayName": "</script><b>Acme", "shortDescription": "Anvils.", "sample": True}
    options = Options(companies=lambda: [company], links={"Video calls": "http://127.0.0.1:4701/"})

    page = httpx.get(scene.open(options)).text

    facts = page.partition('id="facts">')[2].partition("</script>")[0]
    assert json.loads(facts)["companies"] == [company]
    assert json.loads(facts)["links"] == [{"name": "Video calls", "address": "http://127.0.0.1:4701/"}]


PROFILE = """
import json

def handler(event, context):
    slug = event["pathParameters"]["slug"]
    if slug == "broken":
        raise ValueError(slug)
    if slug != "acme":
        return {"statusCode": 404, "body": "{}"}
    return {"slug": slug, "displayName": "Acme <b>", "shortDescription": "Anvils & more", "sample": True,
            "websiteUrl": "https://acme.example/", "starters": ["Which anvils fall best?"], "branding": {}}
"""


def test_the_hosted_page_shows_the_company_and_embeds_its_widget(scene: Scene) -> None:
    scene.function("session", "GET /api/widget/{slug}", code=PROFILE)

    response = httpx.get(f"{scene.open()}/widget/acme")

    assert response.status_code == 200
    assert '<script async src="/embed.js" data-company="acme" data-open></script>' in response.text
    assert "Acme &lt;b&gt;" in response.text
    assert "Anvils &amp; more" in response.text
    assert '<button type="button" data-ask="Which anvils fall best?">' in response.text
    assert '<script type="module" src="/widget/hosted.js"></script>' in response.text
    assert 'href="https://acme.example/"' in response.text
    assert "Sample company" in response.text


def test_the_hosted_page_of_nobody_is_404_and_of_a_failure_502(scene: Scene) -> None:
    scene.function("session", "GET /api/widget/{slug}", code=PROFILE)
    base = scene.open()

    missing, broken = httpx.get(f"{base}/widget/%3Cb%3E"), httpx.get(f"{base}/widget/broken")

    assert missing.status_code == 404
    assert "&lt;b&gt;" in missing.text
    assert broken.status_code == 502


def test_the_widgets_scripts_can_be_loaded_by_other_sites(scene: Scene, tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    dist.mkdir()
    (dist / "embed.js").write_text("embed")
    (dist / "panel-4f.js").write_text("panel")
    (tmp_path / "secret.js").write_text("secret")
    base = scene.open(Options(scripts=dist))

    embed, chunk = httpx.get(f"{base}/embed.js"), httpx.get(f"{base}/widget/panel-4f.js")

    assert (embed.text, chunk.text) == ("embed", "panel")
    assert embed.headers["content-type"].startswith("text/javascript")
    assert chunk.headers["access-control-allow-origin"] == "*"
    assert httpx.get(f"{base}/widget/none.js").status_code == 404
    assert b"404" in raw_get(base, "/widget/../secret.js").splitlines()[0]


def test_the_room_sdk_is_the_builds_own_unless_a_look_alike_is_named(scene: Scene, tmp_path: Path) -> None:
    dist, room = tmp_path / "dist", tmp_path / "room.js"
    dist.mkdir()
    (dist / "daily.js").write_text("the real one")
    room.write_text("the look-alike")

    real = httpx.get(f"{scene.open(Options(scripts=dist))}/widget/daily.js")
    other = httpx.get(f"{scene.open(Options(scripts=dist, room_sdk=room))}/widget/daily.js")

    assert (real.text, other.text) == ("the real one", "the look-alike")


@pytest.fixture
def media(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="media")
        s3.put_object(Bucket="media", Key="acme/clip one.mp4", Body=bytes(range(100)), ContentType="video/mp4")
        s3.put_object(Bucket="media", Key="acme/page.html", Body=b"<p>", ContentType="text/html; charset=utf-8")
        yield Media(s3, "media")


def test_media_can_be_fetched_whole_and_by_range(scene: Scene, media: Media) -> None:
    address = f"{scene.open(Options(media=media))}/media/acme/clip%20one.mp4"

    whole = httpx.get(address)
    part = httpx.get(address, headers={"Range": "bytes=10-19"})
    outside = httpx.get(address, headers={"Range": "bytes=500-"})
    again = httpx.get(address, headers={"If-None-Match": whole.headers["etag"]})
    head = httpx.head(address)

    assert (whole.status_code, whole.headers["content-type"], len(whole.content)) == (200, "video/mp4", 100)
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert (part.status_code, part.content) == (206, bytes(range(10, 20)))
    assert part.headers["content-range"] == "bytes 10-19/100"
    assert outside.status_code == 416
    assert again.status_code == 304
    assert (head.status_code, head.headers["content-length"], head.content) == (200, "100", b"")


def test_a_document_among_the_media_cannot_run_scripts(scene: Scene, media: Media) -> None:
    base = scene.open(Options(media=media))

    page, clip = httpx.get(f"{base}/media/acme/page.html"), httpx.head(f"{base}/media/acme/clip%20one.mp4")

    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert "content-security-policy" not in clip.headers
    assert httpx.get(f"{base}/media/acme/none.png").status_code == 404


def raw_get(base: str, path: str) -> bytes:
    """Clients tidy `..` away; a hostile one does not."""
    host, port = base.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as line:
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: line.recv(65536), b""))

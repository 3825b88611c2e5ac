"""The gateway runs a function as Lambda does: its context, its clock, its failures, and many at once."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from dev.gateway.app import Options
from tests.dev.scene import ECHO, Scene


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

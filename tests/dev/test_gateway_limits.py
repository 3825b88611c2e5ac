"""The limits of API Gateway's sockets: sizes, ages, rates, and the order of messages."""

import heapq
import json
import random
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from websockets.exceptions import ConnectionClosed, InvalidStatus

from dev.gateway.app import SERVER_OPTIONS, Options, create_gateway
from dev.gateway.websocket import SocketLimits, Turnstile
from tests.dev.account import eventually
from tests.dev.relays import RELAY, ROUTES, events, relay, socket_of
from tests.dev.scene import Scene


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

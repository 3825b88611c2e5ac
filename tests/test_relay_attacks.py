"""Attacks on the relay and faults of its sockets, through the gateway: whoever behaves is served all the same.

The names T-WS-… are those of the threat table in docs/security.md.
"""

import asyncio
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from aisdr import arrival
from aisdr.services import Services
from dev.gateway.websocket import SocketLimits
from tests.dev.loops import lived
from tests.material import ORIGIN
from tests.product import free_ports
from tests.relay_doors import PATIENCE, RelayDoors, greeted, relay_doors, said, title_of

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.slow
Doors = Callable[..., Any]


@pytest.fixture
def port() -> int:
    return free_ports(1)[0]


@pytest.fixture
def environment(environment: pytest.MonkeyPatch, port: int) -> pytest.MonkeyPatch:
    environment.setenv("WS_ENDPOINT", f"http://127.0.0.1:{port}/ws-stage")
    return environment


@pytest.fixture
def doors(services: Services, one_at_a_time: "DynamoDBClient", port: int) -> Doors:
    return lambda limits=None: relay_doors(services, one_at_a_time, port, limits)


def test_t_ws_01_of_fifty_who_come_with_one_ticket_one_gets_in(doors: Doors) -> None:
    async def story(relay: RelayDoors) -> list[int]:
        session = relay.session()
        ticket = relay.services.sessions.issue(session).ticket

        async def come() -> int:
            try:
                opened = await relay.enter(session, ticket=ticket)
            except InvalidStatus as refused:
                return refused.response.status_code
            await opened.close()
            return 101

        return await asyncio.gather(*(come() for _ in range(50)))

    with doors() as relay:
        statuses = lived(story(relay))

    assert sorted(statuses) == [101] + [401] * 49


def test_t_ws_03_one_floods_and_the_others_stay_whole(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival, "RESENDING_SECONDS", 0)  # as if every socket had been open for a while

    async def flood(socket: ClientConnection) -> list[str]:
        """Hundreds a second, until it is put out."""
        told: list[str] = []

        async def read() -> None:
            async for data in socket:
                frame = json.loads(data)
                told.append(frame["error"]["code"] if frame["type"] == "error" else frame["type"])

        reading = asyncio.create_task(read())
        try:
            for _ in range(5000):
                await socket.send("[[[[")
                await asyncio.sleep(0.001)
        except ConnectionClosed:
            pass
        await reading
        return told

    async def talk(socket: ClientConnection) -> int:
        for _ in range(20):
            await socket.send('{"action":"ping"}')
            await asyncio.sleep(0.05)
        for _ in range(20):
            await said(socket, "pong")
        return 20

    async def story(relay: RelayDoors) -> tuple[list[str], list[int]]:
        first, *others = [await relay.enter(relay.session()) for _ in range(9)]
        flooding = asyncio.create_task(flood(first))
        answers = await asyncio.gather(*(talk(each) for each in others))
        return await flooding, answers

    with doors() as relay:
        told, answers = lived(story(relay))

    assert told[-1] == "policy_violation"
    assert "rate_limited" in told
    assert answers == [20] * 8


@pytest.mark.cell("F-WS-04")
def test_t_ws_04_who_drips_or_never_reads_holds_nobody_up_and_loses_nothing(doors: Doors, port: int) -> None:
    async def story(relay: RelayDoors) -> tuple[list[str], list[str]]:
        session = relay.session()
        with _handshakes_that_never_end(port, 30), _frame_that_never_ends(relay, port):
            deaf = socket.socket()
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            deaf.setblocking(False)
            await asyncio.get_running_loop().sock_connect(deaf, ("127.0.0.1", port))
            unread = await relay.enter(session, sock=deaf, max_queue=1)
            await unread.send('{"action":"hello"}')
            reader = await relay.enter(session)
            await greeted(reader)
            for number in range(CARDS):
                await asyncio.to_thread(relay.show, session, number, 20_000)
            seen = [title_of(await said(reader, "show")) for _ in range(CARDS)]
            back = await relay.enter(session)
            await greeted(back, after=0)
            return seen, [title_of(await said(back, "show")) for _ in range(CARDS)]

    with doors() as relay:
        seen, caught_up = lived(story(relay))

    assert seen == caught_up == [f"Card {number}" for number in range(CARDS)]


@pytest.mark.parametrize(
    "limits",
    [
        pytest.param(SocketLimits(idle_seconds=0.3), marks=pytest.mark.cell("F-WS-05"), id="idle"),
        pytest.param(SocketLimits(life_seconds=0.6), marks=pytest.mark.cell("F-WS-06"), id="two hours"),
    ],
)
def test_a_socket_that_the_gateway_cuts_is_resumed_from_the_last_number(doors: Doors, limits: SocketLimits) -> None:
    async def read_until_cut(socket: ClientConnection, view: dict[int, str]) -> int | None:
        """Writes the cards into `view`. Returns the code of the end."""
        try:
            await greeted(socket, after=max(view, default=0))
            while True:
                frame = await said(socket, "show")
                view[frame["seq"]] = title_of(frame)
        except ConnectionClosed as cut:
            return cut.rcvd.code if cut.rcvd else None

    async def story(relay: RelayDoors) -> tuple[set[int | None], list[str]]:
        session, view, ends = relay.session(), dict[int, str](), set[int | None]()
        for number in range(20):  # a busy machine takes longer to greet than the gateway keeps a socket here
            if number < 3:
                await asyncio.to_thread(relay.show, session, number)
            ends.add(await read_until_cut(await relay.enter(session), view))
            if len(view) == 3:
                break
        return ends, [view[seq] for seq in sorted(view)]

    with doors(limits) as relay:
        ends, seen = lived(story(relay))

    assert ends == {1001}
    assert seen == ["Card 0", "Card 1", "Card 2"]


CARDS = 15


@contextmanager
def _handshakes_that_never_end(port: int, count: int) -> Iterator[None]:
    with ExitStack() as held:
        for _ in range(count):
            each = held.enter_context(socket.create_connection(("127.0.0.1", port)))
            each.sendall(b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: webso")
        yield


@contextmanager
def _frame_that_never_ends(relay: RelayDoors, port: int) -> Iterator[None]:
    """An open socket that has announced a thousand bytes and sent one."""
    ticket = relay.services.sessions.issue(relay.session()).ticket
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as each:
        lines = [
            "GET /ws HTTP/1.1",
            "Host: localhost",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            f"Origin: {ORIGIN}",
            f"Sec-WebSocket-Protocol: aisdr, {ticket}",
        ]
        each.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        assert b" 101 " in each.recv(4096)
        each.sendall(b"\x81\xfe\x03\xe8" + b"mask" + b"x")
        yield

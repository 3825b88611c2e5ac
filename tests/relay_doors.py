"""The relay function behind the gateway, on real sockets and on a DynamoDB whose requests never overlap."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from aisdr.answer import MeetingCard
from aisdr.configuration import Mode
from aisdr.services import Services
from aisdr.session import Session
from dev.gateway.app import Options, create_gateway
from dev.gateway.websocket import SocketLimits
from dev.serve import serving
from functions import FUNCTIONS
from tests.material import ORIGIN, a_company

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PATIENCE = 20.0
"""Seconds for what has to come; nothing here is about how fast it does."""


@dataclass
class RelayDoors:
    """Where sockets are opened, and a company whose visitors open them."""

    services: Services
    address: str

    def session(self) -> Session:
        return self.services.sessions.open(self.services.companies.get("acme"), ORIGIN, None)

    async def enter(
        self, session: Session, mode: Mode = "text", call_id: str | None = None, *, ticket: str = "", **options: Any
    ) -> ClientConnection:
        """Raises: InvalidStatus, when the handshake is refused."""
        ticket = ticket or self.services.sessions.issue(session, mode, call_id).ticket
        return await connect(
            self.address,
            origin=Origin(ORIGIN),
            subprotocols=[Subprotocol("aisdr"), Subprotocol(ticket)],
            proxy=None,
            open_timeout=PATIENCE,
            ping_interval=None,
            compression=None,
            **options,
        )

    def show(self, session: Session, number: int, characters: int = 0) -> None:
        """Puts a card before the visitor, as a tool does whose result comes from a server."""
        card = MeetingCard(title=f"Card {number}", url="https://acme.example/book" + "x" * characters)
        self.services.screen.show(session, (card,), channel="text", tool_call=f"call {number}")


async def said(socket: ClientConnection, kind: str) -> dict[str, Any]:
    """The next frame of a kind; those before it are passed over."""
    async with asyncio.timeout(PATIENCE):
        while (frame := json.loads(await socket.recv()))["type"] != kind:
            pass
    found: dict[str, Any] = frame
    return found


async def greeted(socket: ClientConnection, after: int | None = None) -> dict[str, Any]:
    greeting = {"action": "hello"} if after is None else {"action": "resume", "after": after}
    await socket.send(json.dumps(greeting))
    return await said(socket, "ready")


def title_of(frame: dict[str, Any]) -> str:
    title: str = frame["card"]["title"]
    return title


@contextmanager
def relay_doors(
    services: Services, dynamodb: "DynamoDBClient", port: int, limits: SocketLimits | None = None
) -> Iterator[RelayDoors]:
    """`services` must have been told to post to that port."""
    services.dynamodb = dynamodb
    services.companies.put(a_company(), expected_version=0)
    table = [function for function in FUNCTIONS if function.name == "ws-relay"]
    with serving(create_gateway(table, Options(socket_limits=limits or SocketLimits())), port=port) as url:
        yield RelayDoors(services, url.replace("http://", "ws://") + "/ws")

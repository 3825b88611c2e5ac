"""A visitor's line to the relay, kept as `widget/src/relay.ts` keeps it: reopened, resumed, and nothing shown twice."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, WebSocketException
from websockets.typing import Origin, Subprotocol

PATIENCE = 90.0
"""Seconds that a visitor waits for what was promised: a store that stands still and a killed function included."""
GREETING_SECONDS = 10.0
ANSWER_SECONDS = 15.0
PINGS = 50
"""More than all function environments count before they write down how far a socket has come."""
FAILURE = "Internal server error"

Renew = Callable[[], Awaitable[tuple[str, str]]]
"""Fetches address and ticket of the next socket."""


class LineLost(Exception):
    """The relay could not be reached, however often it was tried."""


class Line:
    """Frames out, frames in; whatever has a number is read once, whatever has none may be lost."""

    def __init__(self, origin: str, renew: Renew, chance: random.Random) -> None:
        self._origin = origin
        self._renew = renew
        self._chance = chance
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self._ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._events: list[str] = []
        self._came = asyncio.Condition()
        self.view: dict[int, dict[str, Any]] = {}
        self.errors: list[dict[str, Any]] = []
        self.reconnects = 0
        self._pongs = 0
        self._sure = 0
        """Events up to here have had their effect."""
        self._doubted = False

    async def open(self, address: str = "", ticket: str = "") -> int:
        """Returns how many of the live events the relay has for sure. Raises: LineLost."""
        failures = 0
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    if not ticket:
                        address, ticket = await self._renew()
                    return await self._open(address, ticket)
                except (OSError, TimeoutError, WebSocketException, InvalidHandshake, LineLost):
                    ticket, failures = "", failures + 1
                    await self._drop()
                    await asyncio.sleep(self._chance.uniform(0, min(4.0, 0.25 * 2**failures)))

    async def ask(self, identifier: str, text: str, mode: str) -> dict[str, Any]:
        """The answer, asked for again on every new socket. Raises: LineLost."""
        frame = json.dumps({"action": "ask", "id": identifier, "text": text, "mode": mode})

        def answer() -> dict[str, Any] | None:
            return next((f for f in self.view.values() if f["type"] == "done" and f["id"] == identifier), None)

        for _ in range(int(PATIENCE / ANSWER_SECONDS)):
            seen = len(self.errors)
            await self._send(frame)
            with suppress(TimeoutError):
                async with asyncio.timeout(ANSWER_SECONDS), self._came:
                    await self._came.wait_for(
                        lambda seen=seen: answer() or len(self.errors) > seen or self._lost()  # type: ignore[misc]
                    )
            if (found := answer()) is not None:
                return found
            if self._lost():
                await self.open()
            else:
                await asyncio.sleep(1)
        raise LineLost(f"no answer: {self.errors[-3:]}")

    async def bring(self, event: dict[str, Any]) -> None:
        """An event of the live call, kept until the relay has it."""
        self._events.append(json.dumps({"action": "event", "seq": len(self._events) + 1, "event": event}))
        await self._send(self._events[-1], reopen=False)

    async def wait_for(self, there: Callable[[], bool], seconds: float = PATIENCE) -> bool:
        """Whether it came to be within the time; the line is reopened when it is lost meanwhile."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not there() and loop.time() < end:
            if self._lost():
                await self.reopen()
            with suppress(TimeoutError):
                async with asyncio.timeout(min(2.0, max(0.05, end - loop.time()))), self._came:
                    await self._came.wait_for(lambda: there() or self._lost())
        return there()

    async def reopen(self) -> None:
        """On another socket, with all events that the relay does not have yet."""
        self.reconnects += 1
        await self._drop()
        await self.open()
        await self._bring_again()

    async def settle(self) -> bool:
        """Brings what is not there until all of it is: what the relay then says it has received it must never lose."""
        for _ in range(12):
            try:
                await self._drop()
                received, self._pongs = await self.open(), 0
                if received >= len(self._events):
                    return True
                await self._bring_again()
                for _ in range(PINGS):
                    await self._send('{"action":"ping"}', reopen=False)
                await self.wait_for(self._ponged, GREETING_SECONDS)
            except (TimeoutError, LineLost):
                await asyncio.sleep(1)
        return False

    async def cut(self) -> None:
        """The line goes dead without a word."""
        if self._socket is not None:
            self._socket.transport.abort()

    async def close(self) -> None:
        if self._socket is not None:
            with suppress(OSError, WebSocketException, TimeoutError):
                await self._socket.close()
        await self._drop()

    async def _bring_again(self) -> None:
        """What the relay has not received; after a failure all that it was not sure of, for later ones may count."""
        doubted, self._doubted = self._doubted, False
        for frame in self._events[self._sure :]:
            await self._send(frame, reopen=False)
        self._doubted = self._doubted or (doubted and self._lost())

    def _ponged(self) -> bool:
        return self._pongs >= PINGS

    def _lost(self) -> bool:
        return self._reader is None or self._reader.done()

    async def _open(self, address: str, ticket: str) -> int:
        self._socket = await connect(
            address,
            origin=Origin(self._origin),
            subprotocols=[Subprotocol("aisdr"), Subprotocol(ticket)],
            proxy=None,
            open_timeout=GREETING_SECONDS,
            ping_interval=None,
            compression=None,
        )
        self._ready = asyncio.get_running_loop().create_future()
        self._reader = asyncio.create_task(self._read(self._socket))
        greeting = {"action": "resume", "after": max(self.view)} if self.view else {"action": "hello"}
        await self._socket.send(json.dumps(greeting))
        received = await asyncio.wait_for(asyncio.shield(self._ready), GREETING_SECONDS)
        if not self._doubted:
            self._sure = received
        return self._sure

    async def _send(self, frame: str, *, reopen: bool = True) -> None:
        for _ in range(2):
            try:
                if self._socket is not None and not self._lost():
                    await self._socket.send(frame)
                    return
            except (OSError, WebSocketException):
                pass
            if not reopen:
                return  # it is brought by the next socket
            await self.open()

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for data in socket:
                text = data if isinstance(data, str) else data.decode()
                frame = json.loads(text)
                if "type" not in frame:
                    if FAILURE in text:
                        self._doubted = True
                        socket.transport.abort()
                    continue
                async with self._came:
                    if frame["type"] == "ready":
                        if not self._ready.done():
                            self._ready.set_result(frame["received"])
                    elif frame["type"] == "error":
                        self.errors.append(frame)
                        if frame["error"]["code"] == "store_busy" and not frame["id"]:
                            self._doubted = True
                            socket.transport.abort()
                    elif frame["type"] == "pong":
                        self._pongs += 1
                    elif "seq" in frame:
                        self.view.setdefault(frame["seq"], frame)
                    self._came.notify_all()
        except (OSError, WebSocketException):
            pass
        finally:
            async with self._came:
                self._came.notify_all()

    async def _drop(self) -> None:
        if self._socket is not None:
            self._socket.transport.abort()
            self._socket = None
        if self._reader is not None:
            self._reader.cancel()
            with suppress(asyncio.CancelledError):
                await self._reader
            self._reader = None

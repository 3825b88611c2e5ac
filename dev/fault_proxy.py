"""A wire that misbehaves: a TCP proxy whose connections are slow, dripping, cut, half open or dead.

Faults hold for connections that begin after they were set. They hurt what comes back, for that is what a client waits
for; `blackhole` alone keeps the request as well.
"""

import asyncio
import contextlib
import random
import socket
import struct
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

PIECE = 16 * 1024
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER with no time to linger: close() sends a reset and not a goodbye


@dataclass(frozen=True)
class WireFault:
    """What is wrong with the wire; all of it may be at once."""

    latency: float = 0.0
    """Seconds before the first byte of the answer passes."""
    jitter: float = 0.0
    """So many more at most, at random, before each piece."""
    rate: float | None = None
    """Bytes a second that pass at most."""
    drip: float | None = None
    """Seconds before each single byte."""
    reset_at: int | None = None
    """After so many bytes of the answer the client's connection is reset; 0 is before the first."""
    half_open: bool = False
    """The request arrives and has its effect. Nothing ever comes back, not even an end."""
    blackhole: bool = False
    """The connection is taken, and that is all that ever happens."""
    refuse: bool = False
    """The connection is reset as soon as it stands."""


class FaultProxy:
    """One address before another. Safe to change from any thread."""

    def __init__(self, upstream: tuple[str, int]) -> None:
        self.fault = WireFault()
        self.connections = 0
        """How many were taken so far."""
        self._upstream = upstream
        self._open: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @contextmanager
    def broken(self, **fault: Any) -> Iterator[None]:
        """The wire has this fault within the block."""
        before, self.fault = self.fault, WireFault(**fault)
        try:
            yield
        finally:
            self.fault = before

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _take(self, client_in: asyncio.StreamReader, client_out: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            with contextlib.suppress(OSError):
                await self._serve(self.fault, client_in, client_out)
        finally:
            self._open.discard(task)
            client_out.close()

    async def _serve(self, fault: WireFault, client_in: asyncio.StreamReader, client_out: asyncio.StreamWriter) -> None:
        if fault.refuse:
            _reset(client_out)
            return
        if fault.blackhole:
            await _swallow(client_in)
            return
        upstream_in, upstream_out = await asyncio.open_connection(*self._upstream)
        try:
            await _until_either_ends(_pass(client_in, upstream_out), _back(fault, upstream_in, client_out))
        finally:
            upstream_out.close()


async def _back(fault: WireFault, upstream: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
    if fault.half_open:
        await _swallow(upstream)
        await asyncio.Event().wait()  # until the client has had enough
    passed = 0
    most = 1 if fault.drip else max(1, int(fault.rate / 10)) if fault.rate else PIECE
    while piece := await upstream.read(most):
        if passed == 0:
            await asyncio.sleep(fault.latency)
        wait = fault.drip or (len(piece) / fault.rate if fault.rate else 0)
        await asyncio.sleep(wait + random.uniform(0, fault.jitter))  # noqa: S311 - a wire keeps no secrets  # nosec B311
        if fault.reset_at is not None and passed + len(piece) > fault.reset_at:
            client.write(piece[: fault.reset_at - passed])
            await client.drain()
            _reset(client)
            return
        client.write(piece)
        await client.drain()
        passed += len(piece)


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(PIECE):
        writer.write(piece)
        await writer.drain()


async def _swallow(reader: asyncio.StreamReader) -> None:
    while await reader.read(PIECE):
        pass


async def _until_either_ends(*directions: Coroutine[Any, Any, None]) -> None:
    tasks = [asyncio.create_task(each) for each in directions]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _reset(client: asyncio.StreamWriter) -> None:
    client.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    client.transport.abort()


@contextmanager
def proxying(port: int, host: str = "127.0.0.1") -> Iterator[FaultProxy]:
    """A proxy before an address of this machine, in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="fault-proxy", daemon=True)
    thread.start()
    proxy = FaultProxy((host, port))
    asyncio.run_coroutine_threadsafe(proxy.start(), loop).result(10)
    try:
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(proxy.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@contextmanager
def deaf_address() -> Iterator[str]:
    """A URL at which no connection comes about: it listens, its queue is full, and nobody takes from it."""
    with contextlib.ExitStack() as held:
        listener = held.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        port = listener.getsockname()[1]
        for _ in range(4):  # more than the kernel lets wait
            waiting = held.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", port))
        yield f"http://127.0.0.1:{port}"

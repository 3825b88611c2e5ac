"""Serves an ASGI program on loopback from a thread, so that a test can ask it over real sockets."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

START_SECONDS = 15
GRACE_SECONDS = 1.0  # an open event stream or WebSocket must not hold a test back longer


class ServerDidNotStartError(RuntimeError):
    """The program ended, or said nothing, before its port was open."""


@contextmanager
def serving(app: Any, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Yields the base URL of the running program; port 0 takes any free one. `app` is any ASGI application."""
    started = threading.Event()
    config = uvicorn.Config(app, host=host, port=port, log_level="warning")
    server = _AnnouncingServer(config, started)
    thread = threading.Thread(target=server.run, name=f"serving-{type(app).__name__}", daemon=True)
    thread.start()
    try:
        if not started.wait(START_SECONDS) or not server.started:
            raise ServerDidNotStartError(f"{host}:{port}")
        yield f"http://{host}:{server.port}"
    finally:
        server.stop()
        thread.join(timeout=START_SECONDS)


class _AnnouncingServer(uvicorn.Server):
    """uvicorn's server, which also tells another thread that its port is open, or that it never will be.

    It ends without uvicorn's pauses: hundreds of tests start one, and each would wait for a quarter of a second.
    """

    def __init__(self, config: uvicorn.Config, announced: threading.Event) -> None:
        super().__init__(config)
        self._announced = announced
        self._loop: asyncio.AbstractEventLoop | None = None
        self._asked_to_stop = asyncio.Event()

    @property
    def port(self) -> int:
        port: int = self.servers[0].sockets[0].getsockname()[1]
        return port

    def stop(self) -> None:
        """To be called from another thread."""
        self.should_exit = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._asked_to_stop.set)

    async def startup(self, sockets: Any = None) -> None:
        self._loop = asyncio.get_running_loop()
        try:
            await super().startup(sockets=sockets)
        finally:
            self._announced.set()

    async def main_loop(self) -> None:
        ticking = asyncio.create_task(super().main_loop())
        await self._asked_to_stop.wait()
        ticking.cancel()

    async def shutdown(self, sockets: Any = None) -> None:
        state = self.server_state
        for server in self.servers:
            server.close()
        for connection in list(state.connections):
            connection.shutdown()
        try:
            async with asyncio.timeout(GRACE_SECONDS):
                while state.connections or state.tasks:  # noqa: ASYNC110  (uvicorn tells nobody when one has ended)
                    await asyncio.sleep(0.005)
        except TimeoutError:
            for task in list(state.tasks):
                task.cancel()
        await self.lifespan.shutdown()

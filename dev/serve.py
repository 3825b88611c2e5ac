"""Serves an ASGI program on loopback from a thread, so that a test can ask it over real sockets."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

START_SECONDS = 15


class ServerDidNotStartError(RuntimeError):
    """The program ended, or said nothing, before its port was open."""


@contextmanager
def serving(app: Any, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Yields the base URL of the running program; port 0 takes any free one. `app` is any ASGI application."""
    started = threading.Event()
    # An open event stream or WebSocket must not hold a test back: it gets one second to end by itself.
    config = uvicorn.Config(app, host=host, port=port, log_level="warning", timeout_graceful_shutdown=1)
    server = _AnnouncingServer(config, started)
    thread = threading.Thread(target=server.run, name=f"serving-{type(app).__name__}", daemon=True)
    thread.start()
    try:
        if not started.wait(START_SECONDS) or not server.started:
            raise ServerDidNotStartError(f"{host}:{port}")
        yield f"http://{host}:{server.port}"
    finally:
        server.should_exit = True
        thread.join(timeout=START_SECONDS)


class _AnnouncingServer(uvicorn.Server):
    """uvicorn's server, which also tells another thread that its port is open, or that it never will be."""

    def __init__(self, config: uvicorn.Config, announced: threading.Event) -> None:
        super().__init__(config)
        self._announced = announced

    @property
    def port(self) -> int:
        port: int = self.servers[0].sockets[0].getsockname()[1]
        return port

    async def startup(self, sockets: Any = None) -> None:
        try:
            await super().startup(sockets=sockets)
        finally:
            self._announced.set()

"""The gateway as one ASGI program: pages and files, the HTTP API, the WebSocket API and the clock."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute

from dev.gateway.connections import MESSAGE_BYTES, Connections
from dev.gateway.http_api import TIMEOUT_SECONDS, HttpApi
from dev.gateway.media import Media
from dev.gateway.processes import RUNTIME, Processes
from dev.gateway.schedule import keep_schedule
from dev.gateway.static import Site
from dev.gateway.websocket import STAGE, SocketLimits, WebSocketApi
from dev.gateway.workers import LambdaFunction, Runners, Workers

ROOT = Path(__file__).resolve().parents[2]
# What the program wants of uvicorn: API Gateway closes a socket with 1009 on a frame of more than 32 KB as well.
SERVER_OPTIONS: dict[str, Any] = {
    "ws": "websockets-sansio",
    "ws_max_size": (MESSAGE_BYTES, 32 * 1024),
    "timeout_graceful_shutdown": 2,
    "server_header": False,
    "log_level": "warning",
}


def no_companies() -> list[dict[str, Any]]:
    return []


@dataclass(frozen=True)
class Options:
    """What differs between a person's machine and a test."""

    companies: Callable[[], list[dict[str, Any]]] = no_companies
    media: Media | None = None
    scripts: Path = ROOT / "widget" / "dist"
    links: Mapping[str, str] = field(default_factory=dict)
    look_alikes: Mapping[str, str] = field(default_factory=dict)
    """Addresses by the names of `states.KNOWN`."""
    http_timeout: float = TIMEOUT_SECONDS
    socket_limits: SocketLimits = field(default_factory=SocketLimits)
    messages_in_order: bool = True
    minute_seconds: float = 60.0
    """How long the clock's minute is."""
    environments: int | None = None
    """Each function runs in so many processes; without a number in threads of this one, which is quicker to start."""
    runtime: str = RUNTIME
    paths: Mapping[str, Sequence[Path]] | None = None
    """By a function's name, where such a process looks for its modules instead of in the source tree."""


def create_gateway(functions: Iterable[LambdaFunction], options: Options | None = None) -> Starlette:
    """`functions` is `functions.FUNCTIONS`, the table that the stack on AWS is made from too."""
    table, options = tuple(functions), options or Options()
    workers: Runners = Workers(table)
    if options.environments is not None:
        workers = Processes(table, environments=options.environments, runtime=options.runtime, paths=options.paths)
    connections = Connections()
    api = HttpApi(table, workers, timeout=options.http_timeout)
    site = Site(options.companies, scripts=options.scripts, links=options.links, look_alikes=options.look_alikes)
    sockets = WebSocketApi(
        table, workers, connections, limits=options.socket_limits, in_order=options.messages_in_order
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        clock = asyncio.create_task(keep_schedule(table, workers, minute_seconds=options.minute_seconds))
        yield
        clock.cancel()
        workers.close()

    verbs = ["GET", "POST", "DELETE"]
    routes = [  # what is asked most comes first: a post for each piece of an answer
        Route(f"/{STAGE}/@connections/{{connection_id:path}}", connections.serve, methods=verbs),
        Route("/@connections/{connection_id:path}", connections.serve, methods=verbs),
        WebSocketRoute("/ws", sockets.serve),
        WebSocketRoute(f"/{STAGE}", sockets.serve),
        Route("/", site.start),
        Route("/playground", site.playground),
        Route("/look-alikes", site.states),
        Route("/embed.js", site.embed),
        Route("/widget/{file}.{kind}", site.script),
        Route("/widget/{slug}", site.hosted),
    ]
    if options.media is not None:
        routes.append(Route("/media/{company_id}/{path:path}", options.media.serve))
    every_method = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    routes.append(Route("/{path:path}", api.serve, methods=every_method))
    return Starlette(routes=routes, lifespan=lifespan)

"""`python -m dev.deployment.front`: where browsers reach a distribution of the emulator, which has no name here.

It decides one thing only, for which the emulator has no means: addresses of media for visitors need a signature.
Every other request goes to the emulator under the distribution's name, as if it had come over TLS.
Sockets, which the emulator's distributions do not take, go where the deployed distribution's own configuration says,
with the headers that it adds.
"""

import argparse
import asyncio
import fnmatch
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import boto3
import httpx
import uvicorn
import websockets
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from aisdr.settings import Settings
from dev.gateway.signed import PRIVATE, Gate

OWN_TO_A_CONNECTION = frozenset(
    {"connection", "content-length", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)
EVERY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
SECONDS = 35.0
NOT_TO_BE_SENT = (1005, 1006, 1015)
"""Codes that say how a socket ended without a word; https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1."""


@dataclass(frozen=True)
class Distribution:
    """What the emulator was told to make."""

    domain: str
    config: dict[str, Any]

    def socket(self, path: str) -> tuple[str, dict[str, str]]:
        """Name of the origin for a path, and the headers that the distribution adds for it."""
        behaviours = self.config["CacheBehaviors"]["Items"]
        target = next(
            (each["TargetOriginId"] for each in behaviours if fnmatch.fnmatch(path, each["PathPattern"])),
            self.config["DefaultCacheBehavior"]["TargetOriginId"],
        )
        (origin,) = [each for each in self.config["Origins"]["Items"] if each["Id"] == target]
        added = origin["CustomHeaders"].get("Items", [])
        return origin["DomainName"], {each["HeaderName"]: each["HeaderValue"] for each in added}


class NothingDeployed(Exception):
    """There is no distribution yet, or none any more."""


class Distributions:
    """What stands at the emulator. It is looked for until it is there, because this program is there first."""

    def __init__(self, comment: str) -> None:
        self._comment = comment
        self._found: Distribution | None = None

    def current(self) -> Distribution:
        """Raises: NothingDeployed."""
        if self._found is None:
            listed = boto3.client("cloudfront").list_distributions()["DistributionList"].get("Items", [])
            named = [each for each in listed if each["Comment"] == self._comment]
            if not named:
                raise NothingDeployed
            found = boto3.client("cloudfront").get_distribution(Id=named[0]["Id"])["Distribution"]
            self._found = Distribution(found["DomainName"], dict(found["DistributionConfig"]))
        return self._found


class Front:
    """Everything a browser asks for, and its sockets.

    Args:
        endpoint: the emulator's address.
        gate: before media for visitors.
    """

    def __init__(self, endpoint: str, distributions: Distributions, gate: Gate) -> None:
        self._endpoint = endpoint
        self._distributions = distributions
        self._gate = gate
        self._client = httpx.AsyncClient(base_url=endpoint, timeout=SECONDS)

    async def request(self, request: Request) -> Response:
        if request.scope["path"].startswith(PRIVATE):
            refusal = self._gate.refusal(request.scope["raw_path"].decode("ascii"), request.url.query)
            if refusal is not None:
                return PlainTextResponse(refusal, status_code=403, headers={"access-control-allow-origin": "*"})
        try:
            distribution = await run_in_threadpool(self._distributions.current)
        except NothingDeployed:
            return PlainTextResponse("Nothing is deployed.", status_code=503)
        sent = [(name, value) for name, value in request.headers.items() if name not in OWN_TO_A_CONNECTION]
        sent += [("host", distribution.domain), ("x-forwarded-proto", "https")]
        target = request.scope["raw_path"] + (b"?" + query if (query := request.scope["query_string"]) else b"")
        asked = self._client.build_request(
            request.method, httpx.URL(self._endpoint).copy_with(raw_path=target), content=await request.body()
        )
        asked.headers = httpx.Headers([*sent, ("content-length", str(len(asked.content)))])
        answer = await self._client.send(asked, stream=True)
        body = b"".join([part async for part in answer.aiter_raw()])  # as it is, compressed or not
        await answer.aclose()
        response = Response(body, answer.status_code)
        kept = [(name, value) for name, value in answer.headers.raw if name.lower().decode() not in OWN_TO_A_CONNECTION]
        length = [(b"content-length", answer.headers["content-length"].encode())] if request.method == "HEAD" else []
        response.raw_headers = [*kept, *(length or [(b"content-length", str(len(body)).encode())])]
        return response

    async def socket(self, socket: WebSocket) -> None:
        try:
            distribution = await run_in_threadpool(self._distributions.current)
        except NothingDeployed:
            await socket.send_denial_response(PlainTextResponse("Nothing is deployed.", status_code=503))
            return
        host, added = distribution.socket(socket.url.path)
        api = host.partition(".")[0]
        query = f"?{socket.url.query}" if socket.url.query else ""
        address = f"{self._endpoint.replace('http', 'ws', 1)}/_aws/execute-api/{api}{socket.url.path}{query}"
        passed = {name: socket.headers[name] for name in ("origin", "user-agent") if name in socket.headers}
        try:
            inner = await websockets.connect(
                address,
                additional_headers={name: value for name, value in (passed | added).items() if name != "user-agent"},
                user_agent_header=passed.get("user-agent"),
                subprotocols=socket.scope["subprotocols"] or None,
                max_size=None,
                proxy=None,
            )
        except websockets.InvalidStatus as refusal:
            await socket.send_denial_response(Response(status_code=refusal.response.status_code))
            return
        await socket.accept(inner.subprotocol)
        await _join(socket, inner)

    async def close(self) -> None:
        await self._client.aclose()


async def _join(outer: WebSocket, inner: websockets.ClientConnection) -> None:
    """Until either side ends; the other then ends for the same reason."""

    async def out() -> None:
        async for message in inner:
            if isinstance(message, str):
                await outer.send_text(message)
            else:
                await outer.send_bytes(message)

    async def into() -> None:
        while True:
            message = await outer.receive()
            if message["type"] == "websocket.disconnect":
                code = message.get("code") or 1000
                await inner.close(1000 if code in NOT_TO_BE_SENT else code)
                return
            await inner.send(message["text"] if message.get("text") is not None else message["bytes"])

    ways = [asyncio.create_task(out()), asyncio.create_task(into())]
    _, unfinished = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    for each in unfinished:
        each.cancel()
    await asyncio.gather(*ways, return_exceptions=True)
    await inner.close()
    code = inner.close_code or 1001
    try:
        await outer.close(1001 if code in NOT_TO_BE_SENT else code, inner.close_reason or "")
    except (WebSocketDisconnect, RuntimeError):
        return  # it was the visitor who left


def create_front(endpoint: str, distributions: Distributions, gate: Gate) -> Starlette:
    front = Front(endpoint, distributions, gate)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await front.close()

    everything = "/{path:path}"
    return Starlette(
        routes=[WebSocketRoute(everything, front.socket), Route(everything, front.request, methods=EVERY_METHOD)],
        lifespan=lifespan,
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m dev.deployment.front", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=3000)
    parser.add_argument("--distribution", required=True, metavar="COMMENT", help="which one, by its comment")
    given = parser.parse_args()
    settings = Settings.from_environment()
    gate = Gate(settings.public_url, settings.media_keys)
    app = create_front(os.environ["AWS_ENDPOINT_URL"], Distributions(given.distribution), gate)
    uvicorn.run(app, host=given.host, port=given.port, server_header=False, log_level="warning", ws="websockets-sansio")


if __name__ == "__main__":
    main()

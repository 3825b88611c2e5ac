"""The HTTP API: finds the route of a request, invokes its function and keeps API Gateway's limits."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dev.gateway.http_event import Incoming, http_event, http_response, request_id
from dev.gateway.workers import FunctionError, FunctionTimeoutError, LambdaFunction, PayloadTooLargeError, Runners

REQUEST_BYTES = 10 * 1024 * 1024
HEADER_BYTES = 10_240
TIMEOUT_SECONDS = 30.0


@dataclass(frozen=True)
class Route:
    """One line of a function's `routes`, such as `POST /api/session/{id}/renew`."""

    method: str
    path: str
    function: LambdaFunction
    pattern: re.Pattern[str]

    @classmethod
    def parse(cls, method: str, path: str, function: LambdaFunction) -> "Route":
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path))
        pattern = re.sub(r"\\\{(\w+)\\\+\\\}", r"(?P<\1>.+)", pattern)
        return cls(method, path, function, re.compile(pattern))

    @property
    def key(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def rank(self) -> tuple[int, int, int]:
        """API Gateway takes the most specific route: exact before `{id}` before `{proxy+}`, and a method before ANY."""
        return self.path.count("+}"), self.path.count("{"), int(self.method == "ANY")


class HttpApi:
    """Answers whatever the functions' routes cover, and 404 to the rest."""

    def __init__(
        self, functions: Iterable[LambdaFunction], workers: Runners, *, timeout: float = TIMEOUT_SECONDS
    ) -> None:
        self.routes = sorted((route for function in functions for route in _routes(function)), key=lambda r: r.rank)
        self.workers = workers
        self.timeout = timeout

    async def serve(self, request: Request) -> Response:
        if sum(len(name) + len(value) for name, value in request.headers.raw) > HEADER_BYTES:
            return _message(431, "Request Header Fields Too Large")
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > REQUEST_BYTES:
                return _message(413, "Request Entity Too Large")
        return await self.answer(Incoming.of(request, bytes(body)))

    async def answer(self, incoming: Incoming) -> Response:
        for route in self.routes:
            matched = route.pattern.fullmatch(incoming.path)
            if matched and route.method in (incoming.method, "ANY"):
                return await self._invoke(route, incoming, matched.groupdict())
        return _message(404, "Not Found")

    async def _invoke(self, route: Route, incoming: Incoming, parameters: dict[str, str]) -> Response:
        identifier = request_id()
        event = http_event(incoming, route.key, parameters, identifier)
        try:
            response = http_response(await self.workers.invoke(route.function, event, self.timeout))
        except PayloadTooLargeError:
            response = _message(413, "Request Entity Too Large")
        except FunctionTimeoutError:
            response = _message(503, "Service Unavailable")
        except FunctionError:
            response = _message(500, "Internal Server Error")
        response.headers["apigw-requestid"] = identifier
        return response


def _routes(function: LambdaFunction) -> list[Route]:
    pairs = [(method, path) for method, _, path in (route.partition(" ") for route in function.routes) if path]
    return [Route.parse(method, path, function) for method, path in pairs]


def _message(status: int, text: str) -> Response:
    return JSONResponse({"message": text}, status_code=status)

"""A process whose every request to the world is a step, and which is killed (SIGKILL) at one of them.

It dies before a request has its effect, or after it and before the answer is there.
"""

import asyncio
import json
import os
import re
import signal
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Literal

from botocore.exceptions import ClientError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

KILLED = -signal.SIGKILL
When = Literal["before", "after"]


class DiedError(Exception):
    """Whom we would answer is no more."""


@dataclass
class Fate:
    """What the process asked for, in this order, and at which step it is killed."""

    mortal: Future[int] = field(default_factory=Future)
    steps: list[str] = field(default_factory=list)
    death: tuple[int, When] | None = None

    async def step(self, name: str, serve: Callable[[], Awaitable[Any]]) -> Any:
        """Raises: DiedError."""
        self.steps.append(name)
        number = len(self.steps)
        if self.death == (number, "before"):
            await self._kill()
        served = await serve()
        if self.death == (number, "after"):
            await self._kill()
        return served

    def begin(self, death: tuple[int, When] | None) -> None:
        self.steps.clear()
        self.death = death

    async def _kill(self) -> None:
        os.kill(await asyncio.wrap_future(self.mortal), signal.SIGKILL)
        raise DiedError


class Store:
    """DynamoDB's HTTP interface over a client in this process, one request after another."""

    def __init__(self, dynamodb: Any, fate: Fate) -> None:
        self._dynamodb, self._fate = dynamodb, fate

    async def serve(self, request: Request) -> Response:
        operation = request.headers["x-amz-target"].rpartition(".")[2]
        wish = json.loads(await request.body())

        async def ask() -> Response:
            return self._ask(operation, wish)

        try:
            answer: Response = await self._fate.step(operation, ask)
        except DiedError:
            return Response(status_code=503)  # to nobody
        return answer

    def _ask(self, operation: str, wish: dict[str, Any]) -> Response:
        verb = re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
        try:
            return JSONResponse(getattr(self._dynamodb, verb)(**wish))
        except ClientError as error:
            kind = f"com.amazonaws.dynamodb.v20120810#{error.response['Error']['Code']}"
            told = {name: value for name, value in error.response.items() if name not in ("Error", "ResponseMetadata")}
            return JSONResponse({"__type": kind, "message": error.response["Error"]["Message"]} | told, 400)

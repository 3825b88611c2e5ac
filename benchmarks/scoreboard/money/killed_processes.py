"""Real processes that serve visitors and the clock, and are killed (SIGKILL) at one of their steps.

All that a process does to the world are its requests, to DynamoDB and to Tavus. Both are served here, so that it dies
before a request has its effect, or after it and before the answer is there.
"""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from botocore.exceptions import ClientError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from benchmarks.scoreboard.scene.serial_dynamodb import (
    COMPANIES,
    CONVERSATIONS,
    REGION,
    SerialDynamoDb,
    serial_dynamodb,
)
from dev.serve import serving
from dev.tavus.app import create_app
from dev.tavus.config import TavusConfig
from dev.tavus.faults import FaultDoor
from tests.material import KEYS
from tests.tavus import KEY, Tavus

When = Literal["before", "after"]
ROOT = Path(__file__).parents[3]
KILLED = -signal.SIGKILL


@dataclass
class Fate:
    """What the process asked for, in this order, and at which step it is killed."""

    mortal: Future[int] = field(default_factory=Future)
    steps: list[str] = field(default_factory=list)
    death: tuple[int, When] | None = None

    async def step(self, name: str, serve: Callable[[], Awaitable[Any]]) -> Any:
        """Raises: _DiedError."""
        self.steps.append(name)
        number = len(self.steps)
        if self.death == (number, "before"):
            await self._kill()
        served = await serve()
        if self.death == (number, "after"):
            await self._kill()
        return served

    async def _kill(self) -> None:
        os.kill(await asyncio.wrap_future(self.mortal), signal.SIGKILL)
        raise _DiedError


class _DiedError(Exception):
    """Whom we would answer is no more."""


class Store:
    """DynamoDB's HTTP interface over the client in this process."""

    def __init__(self, dynamodb: SerialDynamoDb, fate: Fate) -> None:
        self._dynamodb, self._fate = dynamodb, fate
        self.app = Starlette(routes=[Route("/", self._serve, methods=["POST"])])

    async def _serve(self, request: Request) -> Response:
        operation = request.headers["x-amz-target"].rpartition(".")[2]
        wish = json.loads(await request.body())

        async def ask() -> Response:
            return self._ask(operation, wish)

        try:
            answer: Response = await self._fate.step(operation, ask)
        except _DiedError:
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


class Gate:
    """Stands before Tavus's look-alike and counts what it is asked, but for its own control surface."""

    def __init__(self, program: ASGIApp, fate: Fate) -> None:
        self._program, self._fate = program, fate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/_lookalike"):
            await self._program(scope, receive, send)
            return
        answer: list[Message] = []

        async def keep(message: Message) -> None:
            answer.append(message)

        try:
            await self._fate.step(f"{scope['method']} Tavus", lambda: self._program(scope, receive, keep))
        except _DiedError:
            await Response(status_code=503)(scope, receive, send)
            return
        for message in answer:
            await send(message)


@dataclass
class Processes:
    """Lives of our functions, one after another; see `tests/mortal.py`."""

    fate: Fate
    dynamodb: SerialDynamoDb
    tavus: Tavus
    functions: "subprocess.Popen[str]"

    def live(self, now: float, **life: Any) -> int:
        """How it ended: 0, 1 after a fault, -9 when it was killed."""
        assert self.functions.stdin is not None
        assert self.functions.stdout is not None
        self.fate.mortal = Future()
        self.functions.stdin.write(json.dumps({"now": now} | life) + "\n")
        self.functions.stdin.flush()
        self.fate.mortal.set_result(int(self.functions.stdout.readline()))
        return int(self.functions.stdout.readline())

    def forget(self) -> None:
        """A new world: whatever was before did not happen."""
        for table in (COMPANIES, CONVERSATIONS):
            for item in self.dynamodb.scan(TableName=table)["Items"]:
                self.dynamodb.delete_item(TableName=table, Key={"pk": item["pk"], "sk": item["sk"]})
        self.tavus.reset()
        self.fate.steps.clear()
        self.fate.death = None


@contextmanager
def processes(**vendor: Any) -> Iterator[Processes]:
    """`vendor` are fields of `dev.tavus.config.TavusConfig`."""
    fate = Fate()
    with ExitStack() as until:
        folder = until.enter_context(TemporaryDirectory(prefix="aisdr-killed-"))
        dynamodb = until.enter_context(serial_dynamodb())
        store = until.enter_context(serving(Store(dynamodb, fate).app))
        look_alike = create_app(TavusConfig(keys=(KEY,), clock_speed=0.001, **vendor))
        assert isinstance(look_alike, FaultDoor)
        look_alike.program = Gate(look_alike.program, fate)  # behind the faults: what they keep away has no effect
        tavus = until.enter_context(serving(look_alike))
        log = until.enter_context((Path(folder) / "functions.log").open("w"))
        functions = subprocess.Popen(
            [sys.executable, "-m", "tests.mortal"],
            cwd=ROOT,
            env=_environment(folder, store, tavus),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        until.enter_context(functions)
        assert functions.stdin is not None
        until.callback(functions.stdin.close)
        yield Processes(fate, dynamodb, Tavus(tavus), functions)


def _environment(folder: str, store: str, tavus: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL_DYNAMODB": store,
        "AISDR_COMPANIES_TABLE": COMPANIES,
        "AISDR_CONVERSATIONS_TABLE": CONVERSATIONS,
        "AISDR_SIGNING_KEYS": json.dumps(KEYS),
        "AISDR_INDEX_DIR": folder,
        "AISDR_PUBLIC_URL": "http://127.0.0.1:9",  # Tavus's webhooks get lost
        "TAVUS_API_URL": tavus,
        "TAVUS_API_KEY": KEY,
        "OPENAI_BASE_URL": "http://127.0.0.1:9",
        "OPENBLAS_NUM_THREADS": "1",
    }

"""Real processes that serve visitors and the clock, and are killed (SIGKILL) at one of their steps.

All that a process does to the world are its requests, to DynamoDB and to Tavus. Both are served here, so that it dies
before a request has its effect, or after it and before the answer is there.
"""

import json
import os
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from starlette.applications import Starlette
from starlette.responses import Response
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
from tests.births import Mother, mother
from tests.fate import DiedError, Fate, Store
from tests.material import KEYS
from tests.tavus import KEY, Tavus


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
        except DiedError:
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
    functions: Mother

    def live(self, now: float, **life: Any) -> int:
        """How it ended: 0, 1 after a fault, -9 when it was killed."""
        self.fate.mortal = Future()
        return self.functions.live({"now": now} | life, self.fate.mortal.set_result)

    def forget(self) -> None:
        """A new world: whatever was before did not happen."""
        for table in (COMPANIES, CONVERSATIONS):
            for item in self.dynamodb.scan(TableName=table)["Items"]:
                self.dynamodb.delete_item(TableName=table, Key={"pk": item["pk"], "sk": item["sk"]})
        self.tavus.reset()
        self.fate.begin(None)


@contextmanager
def processes(**vendor: Any) -> Iterator[Processes]:
    """`vendor` are fields of `dev.tavus.config.TavusConfig`."""
    fate = Fate()
    with ExitStack() as until:
        folder = until.enter_context(TemporaryDirectory(prefix="aisdr-killed-"))
        dynamodb = until.enter_context(serial_dynamodb())
        store = until.enter_context(
            serving(Starlette(routes=[Route("/", Store(dynamodb, fate).serve, methods=["POST"])]))
        )
        look_alike = create_app(TavusConfig(keys=(KEY,), clock_speed=0.001, **vendor))
        assert isinstance(look_alike, FaultDoor)
        look_alike.program = Gate(look_alike.program, fate)  # behind the faults: what they keep away has no effect
        tavus = until.enter_context(serving(look_alike))
        log = until.enter_context((Path(folder) / "functions.log").open("w"))
        functions = until.enter_context(mother("tests.mortal", _environment(folder, store, tavus), log))
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

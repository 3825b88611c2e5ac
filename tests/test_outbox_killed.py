"""A real process is killed (SIGKILL) between any two of its steps: no lead is lost, each is told once by its id.

All that a process does to the world are its requests: to DynamoDB and to the company's webhook. Both are served here,
so that the process dies before a request has its effect, or after it and before the answer is there.
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
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest
from botocore.exceptions import ClientError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from aisdr.company import Companies
from aisdr.configuration import Webhook
from aisdr.lead import Leads
from aisdr.outbox import Outbox
from aisdr.session import SESSION_SECONDS, Session, Sessions
from aisdr.table import Table
from aisdr.tenant import TenantScope
from aisdr.transcript import Transcripts
from dev.serve import serving
from tests.conftest import ACCOUNT, COMPANIES, CONVERSATIONS
from tests.material import KEYS, ORIGIN, Clock, a_company, items
from tests.mortal import EMAIL
from tests.webhook_receiver import SECRET, Receiver, let_library_read

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

When = Literal["before", "after"]
ACME = TenantScope.for_operator("acme")
SECONDS_APART = 120
"""Longer than any lease."""


@dataclass
class World:
    """DynamoDB and a webhook behind one socket, and the moment at which whoever asks them is killed."""

    dynamodb: "DynamoDBClient"
    receiver: Receiver
    mortal: Future[int] = field(default_factory=Future)
    steps: list[str] = field(default_factory=list)
    """What was asked for, in this order."""
    death: tuple[int, When] | None = None

    def app(self) -> Starlette:
        return Starlette(
            routes=[Route("/", self._store, methods=["POST"]), Route("/hooks", self._hook, methods=["POST"])]
        )

    async def _store(self, request: Request) -> Response:
        operation = request.headers["x-amz-target"].rpartition(".")[2]
        body = await request.body()
        return await self._step(operation, lambda: self._ask(operation, json.loads(body)))

    async def _hook(self, request: Request) -> Response:
        return await self._step("webhook", lambda: self.receiver.post(request))

    async def _step(self, name: str, serve: Callable[[], Awaitable[Response]]) -> Response:
        self.steps.append(name)
        number = len(self.steps)
        if self.death == (number, "before"):
            return await self._kill()
        response = await serve()
        return await self._kill() if self.death == (number, "after") else response

    async def _kill(self) -> Response:
        os.kill(await asyncio.wrap_future(self.mortal), signal.SIGKILL)
        return Response(status_code=503)  # to nobody

    async def _ask(self, operation: str, wish: dict[str, Any]) -> Response:
        """One after another, as this thread does nothing else: moto's writes are not atomic, DynamoDB's are."""
        verb = getattr(self.dynamodb, re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower())
        try:
            answer = verb(**wish)
        except ClientError as error:
            kind = f"com.amazonaws.dynamodb.v20120810#{error.response['Error']['Code']}"
            told = {name: value for name, value in error.response.items() if name not in ("Error", "ResponseMetadata")}
            return JSONResponse({"__type": kind, "message": error.response["Error"]["Message"]} | told, 400)
        return JSONResponse({name: value for name, value in answer.items() if name != "ResponseMetadata"})


@dataclass
class Scene:
    """One visitor of a company with a webhook, and the functions that serve them, one process a life."""

    world: World
    clock: Clock
    functions: "subprocess.Popen[str]"

    def __post_init__(self) -> None:
        self.sessions = Sessions(self._table(CONVERSATIONS), KEYS, self.clock)
        self.leads = Leads(self._table(CONVERSATIONS), self.clock)
        self.outbox = Outbox(self._table(CONVERSATIONS), self.clock)

    def begin(self, death: tuple[int, When] | None) -> Session:
        """A new world: whatever was before is forgotten."""
        for name in (COMPANIES, CONVERSATIONS):
            for item in items(self.world.dynamodb, name):
                self.world.dynamodb.delete_item(TableName=name, Key={"pk": item["pk"], "sk": item["sk"]})
        self.world.receiver.came.clear()
        self.world.receiver.taken.clear()
        self.world.steps.clear()
        self.world.death = death
        webhook = Webhook(url=self.world.receiver.url, secrets=(SECRET,))
        company = a_company(tools=("log_lead",), webhook=webhook)
        Companies(self._table(COMPANIES)).put(company, expected_version=0)
        session = self.sessions.open(company, ORIGIN, "1")
        Transcripts(self._table(CONVERSATIONS), self.clock).append(session, "visitor", "Call me", channel="text")
        return session

    def visit(self, session: Session) -> int:
        return self._live({"visitor": self.sessions.issue(session).token})

    def tick(self, seconds: float = SECONDS_APART) -> int:
        """The reconciler's life after so much time."""
        self.clock.advance(seconds)
        return self._live({"tick": True})

    def _live(self, life: dict[str, Any]) -> int:
        assert self.functions.stdin is not None
        assert self.functions.stdout is not None
        self.world.mortal = Future()
        self.functions.stdin.write(json.dumps({"now": self.clock.now} | life) + "\n")
        self.functions.stdin.flush()
        self.world.mortal.set_result(int(self.functions.stdout.readline()))
        return int(self.functions.stdout.readline())

    def _table(self, name: str) -> Table:
        return Table(self.world.dynamodb, name, self.clock)


@pytest.fixture
def scene(aws: "DynamoDBClient", clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    let_library_read(clock, monkeypatch)
    world = World(aws, Receiver())
    log = tmp_path / "functions.log"
    with serving(world.app()) as url, log.open("w") as lines:
        world.receiver.url = f"{url}/hooks"
        environment = {
            **ACCOUNT,
            "PATH": os.environ["PATH"],
            "AWS_ENDPOINT_URL_DYNAMODB": url,
            "AISDR_COMPANIES_TABLE": COMPANIES,
            "AISDR_CONVERSATIONS_TABLE": CONVERSATIONS,
            "AISDR_SIGNING_KEYS": json.dumps(KEYS),
            "AISDR_INDEX_DIR": str(tmp_path),
            "TAVUS_API_URL": "http://127.0.0.1:9",
            "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        functions = subprocess.Popen(
            [sys.executable, "-m", "tests.mortal"],
            cwd=Path(__file__).parents[1],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=lines,
            text=True,
        )
        with functions:
            yield Scene(world, clock, functions)
            assert functions.stdin is not None
            functions.stdin.close()
    assert world.receiver.forged == 0


def all_of_it(scene: Scene, session: Session) -> list[int]:
    """The visitor's life and those of two ticks, of which the second closes the conversation. How each ended."""
    return [scene.visit(session), scene.tick(), scene.tick(SESSION_SECONDS)]


@pytest.mark.cell("F-LM-06/tool/every-step")
@pytest.mark.slow
@pytest.mark.parametrize("comes_back", [True, False], ids=["the visitor comes back", "the visitor is gone"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_process_killed_at_any_step_loses_no_lead_and_tells_none_twice(
    scene: Scene, when: When, comes_back: bool
) -> None:
    assert all_of_it(scene, scene.begin(None)) == [0, 0, 0]
    undisturbed = list(scene.world.steps)
    assert len(undisturbed) > 30
    assert undisturbed.count("webhook") == 2
    assert scene.world.receiver.kinds() == ["lead.created", "conversation.ended"]

    for step in range(1, len(undisturbed) + 1):
        session = scene.begin((step, when))
        where = f"killed {when} step {step}: {undisturbed[step - 1]}"

        ended = [scene.visit(session)]
        visitor_died = ended == [-signal.SIGKILL]
        if visitor_died and comes_back:
            scene.clock.advance(SECONDS_APART)
            assert scene.visit(session) == 0, where
        ended += [scene.tick(), scene.tick(SESSION_SECONDS)]
        assert sorted(ended) == [-signal.SIGKILL, 0, 0], where
        for _ in range(3):
            assert scene.tick() == 0, where

        assert_told(scene, session, where, must_have_lead=comes_back or not visitor_died)


def assert_told(scene: Scene, session: Session, where: str, *, must_have_lead: bool) -> None:
    taken = list(scene.world.receiver.taken.values())
    stored = [(lead.lead_id, lead.lead.email) for lead in scene.leads.each(ACME)]
    assert [(each.data["leadId"], each.data["lead"]["email"]) for each in taken if each.kind == "lead.created"] == (
        stored
    ), where
    assert len(stored) == 1 or not must_have_lead, where
    assert all(email == EMAIL for _, email in stored), where
    (account,) = [each for each in taken if each.kind == "conversation.ended"]
    assert account.data["sessionId"] == session.session_id, where
    assert account.data["leadIds"] == [lead_id for lead_id, _ in stored], where
    assert len(taken) == len(stored) + 1, where
    assert {message.state for message in scene.outbox.each(ACME)} == {"delivered"}, where

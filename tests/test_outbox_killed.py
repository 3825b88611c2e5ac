"""A real process is killed (SIGKILL) between any two of its steps: no lead is lost, each is told once by its id.

All that a process does to the world are its requests: to DynamoDB and to the company's webhook. Both are served here,
so that the process dies before a request has its effect, or after it and before the answer is there.
"""

import json
import os
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aisdr.company import Companies
from aisdr.configuration import Webhook
from aisdr.lead import Leads
from aisdr.outbox import Outbox
from aisdr.session import SESSION_SECONDS, Session, Sessions
from aisdr.table import Table
from aisdr.tenant import TenantScope
from aisdr.transcript import Transcripts
from benchmarks.scoreboard.scene.serial_dynamodb import COMPANIES, CONVERSATIONS, serial_dynamodb
from dev.serve import serving
from tests.births import Mother, mother
from tests.conftest import ACCOUNT
from tests.fate import KILLED, DiedError, Fate, Store, When
from tests.material import KEYS, ORIGIN, Clock, a_company, items
from tests.mortal import EMAIL
from tests.webhook_receiver import SECRET, Receiver, let_library_read

ACME = TenantScope.for_operator("acme")
SECONDS_APART = 120
"""Longer than any lease."""


@dataclass
class Scene:
    """One visitor of a company with a webhook, and the functions that serve them, one process a life."""

    fate: Fate
    dynamodb: Any
    receiver: Receiver
    clock: Clock
    functions: Mother

    def __post_init__(self) -> None:
        self.sessions = Sessions(self._table(CONVERSATIONS), KEYS, self.clock)
        self.leads = Leads(self._table(CONVERSATIONS), self.clock)
        self.outbox = Outbox(self._table(CONVERSATIONS), self.clock)

    def begin(self, death: tuple[int, When] | None) -> Session:
        """A new world: whatever was before is forgotten."""
        for name in (COMPANIES, CONVERSATIONS):
            for item in items(self.dynamodb, name):
                self.dynamodb.delete_item(TableName=name, Key={"pk": item["pk"], "sk": item["sk"]})
        self.receiver.came.clear()
        self.receiver.taken.clear()
        self.fate.begin(death)
        webhook = Webhook(url=self.receiver.url, secrets=(SECRET,))
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
        self.fate.mortal = Future()
        return self.functions.live({"now": self.clock.now} | life, self.fate.mortal.set_result)

    def _table(self, name: str) -> Table:
        return Table(self.dynamodb, name, self.clock)


@pytest.fixture
def scene(clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    let_library_read(clock, monkeypatch)
    fate, receiver = Fate(), Receiver()

    async def hook(request: Request) -> Response:
        try:
            heard: Response = await fate.step("webhook", lambda: receiver.post(request))
        except DiedError:
            return Response(status_code=503)  # to nobody
        return heard

    with ExitStack() as until:
        dynamodb = until.enter_context(serial_dynamodb())
        doors = [Route("/", Store(dynamodb, fate).serve, methods=["POST"]), Route("/hooks", hook, methods=["POST"])]
        url = until.enter_context(serving(Starlette(routes=doors)))
        receiver.url = f"{url}/hooks"
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
        log = until.enter_context((tmp_path / "functions.log").open("w"))
        functions = until.enter_context(mother("tests.mortal", environment, log))
        yield Scene(fate, dynamodb, receiver, clock, functions)
    assert receiver.forged == 0


@pytest.mark.cell("F-LM-06/tool/every-step")
@pytest.mark.slow
@pytest.mark.parametrize("comes_back", [True, False], ids=["the visitor comes back", "the visitor is gone"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_process_killed_at_any_step_loses_no_lead_and_tells_none_twice(
    scene: Scene, when: When, comes_back: bool
) -> None:
    assert scene.visit(scene.begin(None)) == 0
    of_the_visit = len(scene.fate.steps)
    assert [scene.tick(), scene.tick(SESSION_SECONDS)] == [0, 0]  # the second closes the conversation
    undisturbed = list(scene.fate.steps)
    assert len(undisturbed) > 30
    assert undisturbed.count("webhook") == 2
    assert scene.receiver.kinds() == ["lead.created", "conversation.ended"]

    # Who died in a tick is no visitor that could come back.
    for step in range(1, 1 + (len(undisturbed) if comes_back else of_the_visit)):
        session = scene.begin((step, when))
        where = f"killed {when} step {step}: {undisturbed[step - 1]}"

        ended = [scene.visit(session)]
        visitor_died = ended == [KILLED]
        if visitor_died and comes_back:
            scene.clock.advance(SECONDS_APART)
            assert scene.visit(session) == 0, where
        ended += [scene.tick(), scene.tick(SESSION_SECONDS)]
        assert sorted(ended) == [KILLED, 0, 0], where
        for _ in range(3):
            assert scene.tick() == 0, where

        assert_told(scene, session, where, must_have_lead=comes_back or not visitor_died)


def assert_told(scene: Scene, session: Session, where: str, *, must_have_lead: bool) -> None:
    taken = list(scene.receiver.taken.values())
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

"""Rooms of the Daily look-alike as the tests enter them: with a conversation's own token, or with a wrong one."""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from dev.daily.app import create_app as create_daily
from dev.serve import serving
from dev.tavus.app import create_app as create_tavus
from dev.tavus.config import TavusConfig
from tests.dev.account import KEY, start
from tests.dev.loops import lived
from tests.dev.visitor import Visitor


@dataclass
class Vendor:
    """Both look-alikes together: a conversation is created at one, its room is at the other."""

    tavus: httpx.Client
    daily_url: str

    def start(self, **wishes: Any) -> dict[str, Any]:
        return start(self.tavus, require_auth=True, **wishes)

    def end(self, conversation: dict[str, Any]) -> None:
        self.tavus.post(f"/v2/conversations/{conversation['conversation_id']}/end")

    def state(self, conversation: dict[str, Any]) -> dict[str, Any]:
        calls = self.tavus.get("/_lookalike/state").json()["conversations"]
        return next(call for call in calls if call["conversation_id"] == conversation["conversation_id"])


@contextmanager
def running_vendor(**config: Any) -> Iterator[Vendor]:
    with (
        serving(create_daily()) as daily,
        serving(create_tavus(TavusConfig(daily_url=daily, **config))) as url,
        httpx.Client(base_url=url, headers={"x-api-key": KEY}) as tavus,
    ):
        yield Vendor(tavus, daily)


def visit(conversation: dict[str, Any], story: Callable[[Visitor], Coroutine[Any, Any, None]]) -> None:
    """Joins with the conversation's token, lives through the story and leaves."""

    async def run() -> None:
        visitor = Visitor(conversation["conversation_url"], conversation.get("meeting_token"))
        try:
            assert (await visitor.join()).status_code == 200
            await story(visitor)
        finally:
            await visitor.leave()

    lived(run())


def knock(url: str, token: str | None) -> tuple[int, dict[str, Any]]:
    """Tries to join, and returns the status and the error of the refusal."""

    async def run() -> httpx.Response:
        visitor = Visitor(url, token)
        answer = await visitor.join()
        await visitor.leave()
        return answer

    answer = lived(run())
    return answer.status_code, answer.json()["error"]

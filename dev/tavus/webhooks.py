"""Webhooks: unsigned, never repeated. Whoever misses one must ask the REST interface.

The vendor promises neither order nor that each comes once, so a test may ask for them twice or the wrong way round.
"""

import asyncio
from collections import deque
from collections.abc import Coroutine
from typing import Any

import httpx

from dev.tavus.clock import Clock, iso
from dev.tavus.config import Manner


class Webhooks:
    def __init__(self, clock: Clock, manner: Manner = "plain") -> None:
        self.clock = clock
        self.manner: Manner = manner
        self._held: tuple[str, dict[str, Any]] | None = None
        self.sent: deque[dict[str, Any]] = deque(maxlen=500)
        self._tasks: set[asyncio.Task[None]] = set()
        self._client = httpx.AsyncClient(timeout=10)

    def post(self, url: str, body: dict[str, Any]) -> None:
        """Sends `body` without making anybody wait. `swapped` holds every other one back until the next has gone."""
        if not url:
            return
        if self.manner == "swapped" and self._held is None:
            self._held = (url, body)
            return
        held, self._held = self._held, None
        again = (url, body) if self.manner == "twice" else None
        self.later(self._post_all([each for each in ((url, body), again, held) if each]))

    def event(self, url: str, conversation_id: str, event_type: str, properties: dict[str, Any], moment: float) -> None:
        """The envelope of a conversation's webhook; its message type is the first word of the event's name."""
        body = {
            "properties": properties,
            "conversation_id": conversation_id,
            "webhook_url": url,
            "event_type": event_type,
            "message_type": event_type.split(".")[0],
            "timestamp": iso(moment),
        }
        self.post(url, body)

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def forget(self) -> None:
        """What is on its way does not arrive, and what arrived is not known any more."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.sent.clear()
        self._held = None

    async def close(self) -> None:
        await self.forget()
        await self._client.aclose()

    async def _post_all(self, posts: list[tuple[str, dict[str, Any]]]) -> None:
        for url, body in posts:
            await self._post(url, body)

    async def _post(self, url: str, body: dict[str, Any]) -> None:
        record = {"at": iso(self.clock.now()), "event_type": body.get("event_type", ""), "outcome": ""}
        try:
            answer = await self._client.post(url, json=body)
            record["outcome"] = str(answer.status_code)
        except (
            httpx.HTTPError,
            httpx.InvalidURL,
        ) as failed:  # the receiver's trouble is not ours: noted, and that is all
            record["outcome"] = type(failed).__name__
        self.sent.append(record)

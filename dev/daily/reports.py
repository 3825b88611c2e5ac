"""Tells the Tavus look-alike, in order, who came and went, what was said and what arrived from the visitor's page.

Daily calls such reports webhooks. Those named `lookalike.*` are ours: they let a test see what reached the room.
"""

import asyncio
import contextlib
import time
import uuid
from typing import Any

import httpx


class Reports:
    """A queue of its own for a room: a slow listener must neither hold the call up nor hear things out of order."""

    def __init__(self, url: str, room: str) -> None:
        self._url, self._room = url, room
        self._queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._task = asyncio.get_running_loop().create_task(self._deliver()) if url else None

    def add(self, kind: str, **payload: Any) -> None:
        body = {
            "version": "1.0.0",
            "type": kind,
            "id": str(uuid.uuid4()),
            "payload": {"room": self._room, **payload},
            "event_ts": time.time(),
        }
        self._queue.put_nowait(body)

    async def ask(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """A question to the same look-alike, which answers for the vendor's servers."""
        async with httpx.AsyncClient(timeout=70) as client:
            answer = await client.post(str(httpx.URL(self._url).join(path)), json=body)
            content: dict[str, Any] = answer.json()
            return content

    async def close(self) -> None:
        """Sends what is left, but does not wait long for it."""
        if self._task is not None:
            self._queue.put_nowait(None)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._task, 5)

    async def _deliver(self) -> None:
        async with httpx.AsyncClient(timeout=10) as client:
            while (body := await self._queue.get()) is not None:
                with contextlib.suppress(httpx.HTTPError):  # the receiver's timers end the call in any case
                    await client.post(self._url, json=body)

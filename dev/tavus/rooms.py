"""The video rooms of conversations, opened and closed at Daily's REST address."""

import contextlib
import time
from dataclasses import dataclass
from typing import Any

import httpx
import jwt

from dev.tavus.answers import Refusal

_UNSEEN_SECRET = "signs tokens for rooms that nobody can enter"  # nosec B105  # opens nothing: there are no such rooms


@dataclass(frozen=True)
class Room:
    url: str
    token: str | None


class Rooms:
    def __init__(self, daily_url: str, daily_key: str) -> None:
        self._daily = (
            httpx.AsyncClient(base_url=daily_url, headers={"Authorization": f"Bearer {daily_key}"}, timeout=10)
            if daily_url
            else None
        )

    async def open(self, name: str, *, private: bool, max_participants: int | None, token_seconds: float) -> Room:
        """A room and, when private, one token that dies after so many real seconds."""
        expires = int(time.time() + token_seconds) + 1
        if self._daily is None:
            claims = {"r": name, "exp": expires}
            token = jwt.encode(claims, _UNSEEN_SECRET, algorithm="HS256") if private else None
            return Room(f"https://tavus.daily.co/{name}", token)
        properties = {"max_participants": max_participants} if max_participants else {}
        room = {"name": name, "privacy": "private" if private else "public", "properties": properties}
        url = (await self._ask("POST", "/v1/rooms", room))["url"]
        if not private:
            return Room(url, None)
        token_for = {"properties": {"room_name": name, "exp": expires}}
        return Room(url, (await self._ask("POST", "/v1/meeting-tokens", token_for))["token"])

    async def seat(self, name: str, avatar: dict[str, Any]) -> None:
        """Lets the face take its place; it waits there for the visitor."""
        if self._daily is not None:
            await self._ask("POST", f"/_lookalike/rooms/{name}/avatar", avatar)

    async def close(self, name: str) -> None:
        """Everybody is sent out."""
        if self._daily is not None:
            with contextlib.suppress(httpx.HTTPError):  # no Daily, no room: there is nobody left to send out
                await self._daily.delete(f"/v1/rooms/{name}")

    async def aclose(self) -> None:
        if self._daily is not None:
            await self._daily.aclose()

    async def _ask(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        assert self._daily is not None
        try:
            answer = await self._daily.request(method, path, json=body)
            answer.raise_for_status()
        except httpx.HTTPError as failed:
            raise Refusal.error(
                400,
                "There was an error creating the conversation, please reach out to support at support@tavus.io!",
            ) from failed
        content: dict[str, Any] = answer.json()
        return content

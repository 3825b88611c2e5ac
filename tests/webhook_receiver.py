"""A company's webhook on loopback, which verifies what it gets with the library that companies use."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

import pytest
import standardwebhooks.webhooks
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dev.serve import serving
from tests.material import Clock

SECRET = "whsec_dGhlIHNlY3JldCBvZiBhY21lLCBsb25nIGVub3VnaA=="
OLDER_SECRET = "whsec_YW4gb2xkZXIgc2VjcmV0IG9mIGFjbWUsIGxvbmcgZW5vdWdo"


@dataclass
class Delivery:
    """One POST: what the headers and the body said, and with which signatures."""

    message_id: str
    kind: str
    data: dict[str, Any]
    timestamp: str
    signatures: tuple[str, ...]
    raw: bytes


@dataclass
class Receiver:
    """Takes every message that verifies, unless `answers` holds something else for the next one."""

    url: str = ""
    secret: str = SECRET
    answers: deque[Response | Callable[[], Response]] = field(default_factory=deque)
    came: list[Delivery] = field(default_factory=list)
    """Everything that was posted, repeats and refused ones too."""
    taken: dict[str, Delivery] = field(default_factory=dict)
    """What was accepted, by id: how a receiver drops repeats."""
    forged: int = 0

    def kinds(self) -> list[str]:
        return [delivery.kind for delivery in self.taken.values()]

    async def post(self, request: Request) -> Response:
        raw, headers = await request.body(), dict(request.headers)
        try:
            body = Webhook(self.secret).verify(raw, headers)
        except WebhookVerificationError:
            self.forged += 1
            return Response(status_code=401)
        delivery = Delivery(
            headers["webhook-id"],
            body["type"],
            body["data"],
            body["timestamp"],
            tuple(headers["webhook-signature"].split(" ")),
            raw,
        )
        self.came.append(delivery)
        answer = self.answers.popleft() if self.answers else Response(status_code=204)
        response = answer if isinstance(answer, Response) else await run_in_threadpool(answer)
        if response.status_code < 300:
            self.taken.setdefault(delivery.message_id, delivery)
        return response


@contextmanager
def receiving(receiver: Receiver, port: int = 0) -> Iterator[Receiver]:
    """Stands at its address as long as the block lasts."""
    with serving(Starlette(routes=[Route("/hooks", receiver.post, methods=["POST"])]), port=port) as url:
        receiver.url = f"{url}/hooks"
        yield receiver


def let_library_read(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library refuses what is older than five minutes; its minutes are those of our clock."""

    class Now(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Now":
            return cls.fromtimestamp(clock.now, tz)

    monkeypatch.setattr(standardwebhooks.webhooks, "datetime", Now)

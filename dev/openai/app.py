"""Puts the look-alike together: every address of the vendor's that we use, and the doors for tests."""

import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dev.environment import OPENAI_LOCAL_KEY
from dev.openai.calls import Calls
from dev.openai.chat import Chat
from dev.openai.doors import Doors
from dev.openai.embeddings import Embeddings
from dev.openai.refusals import OpenAIError
from dev.openai.replies import Reply
from dev.openai.speech import speech
from dev.openai.transcriptions import transcribe

KEY = OPENAI_LOCAL_KEY
CHAT_MODELS = ("gpt-local", "gpt-local-mini")


class OpenAILookalike:
    """What a test may look at and set: the script of replies, what chat completions were asked, and the calls."""

    def __init__(self, chat: Chat, calls: Calls, embeddings: Embeddings, doors: Doors) -> None:
        self.chat, self.calls, self.embeddings, self.doors = chat, calls, embeddings, doors

    @property
    def script(self) -> deque[Reply]:
        return self.chat.script

    @script.setter
    def script(self, replies: Iterable[Reply]) -> None:
        self.chat.script = deque(replies)

    @property
    def requests(self) -> list[dict[str, Any]]:
        return self.chat.requests

    async def reset(self, _: Request) -> Response:
        self.chat.reset()
        self.embeddings.reset()
        self.doors.journal.clear()
        await self.calls.reset()
        return Response(status_code=204)


def create_app(
    *,
    key: str = KEY,
    models: Sequence[str] = CHAT_MODELS,
    replies: Sequence[Reply] = (),
    older: bool = False,
    call_seconds: float = 3600,
    warm: bool = False,
    answering: Callable[[dict[str, Any]], Reply] | None = None,
) -> Starlette:
    """`answering` makes a reply to a request of chat completions, in place of the script.

    `older` makes it a compatible server that knows `max_tokens` only; `warm` loads voice and ears beforehand.
    """
    doors, chat, calls = Doors(key), Chat(models, replies, older, answering), Calls(call_seconds)
    embeddings = Embeddings()
    lookalike = OpenAILookalike(chat, calls, embeddings, doors)
    guarded = doors.behind_key

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        if warm:
            threading.Thread(target=calls.warm, name="warming", daemon=True).start()
        yield
        await calls.reset()

    app = Starlette(
        routes=[
            Route("/v1/models", guarded(chat.list_models)),
            Route("/v1/models/{model:path}", guarded(chat.one_model)),
            Route("/v1/chat/completions", guarded(chat.complete), methods=["POST"]),
            Route("/v1/embeddings", guarded(embeddings.create), methods=["POST"]),
            Route("/v1/audio/speech", guarded(speech), methods=["POST"]),
            Route("/v1/audio/transcriptions", guarded(transcribe), methods=["POST"]),
            Route("/v1/realtime/client_secrets", guarded(calls.create_secret), methods=["POST"]),
            Route("/v1/realtime/calls", guarded(calls.create, calls.knows_secret), methods=["POST"]),
            Route("/v1/realtime/calls/{call_id}/hangup", guarded(calls.hang_up), methods=["POST"]),
            Route("/_lookalike/replies", chat.add_replies, methods=["POST"]),
            Route("/_lookalike/requests", doors.asked),
            Route("/_lookalike/calls", calls.told),
            Route("/_lookalike/faults", calls.add_fault, methods=["POST"]),
            Route("/_lookalike/reset", lookalike.reset, methods=["POST"]),
        ],
        # A browser may post its offer itself, with a client secret.
        middleware=[
            Middleware(
                CORSMiddleware,
                allow_origins=["*"],
                allow_methods=["*"],
                allow_headers=["*"],
                expose_headers=["Location"],
            )
        ],
        exception_handlers={OpenAIError: _refuse, 404: _unknown_url, 405: _unknown_url},
        lifespan=lifespan,
    )
    app.state.lookalike = lookalike
    return app


async def _refuse(_: Request, refused: Exception) -> Response:
    assert isinstance(refused, OpenAIError)
    return JSONResponse({"error": refused.error}, refused.status, headers=refused.headers)


async def _unknown_url(request: Request, _: Exception) -> Response:
    refused = OpenAIError(404, f"Invalid URL ({request.method} {request.url.path})")
    return JSONResponse({"error": refused.error}, 404)

"""Chat completions, streamed or whole, with tools and with the vendor's own rules for a request.

What is answered is decided by a script of replies: `POST /_lookalike/replies` takes a list, one reply per request. With
an empty script the look-alike says that it is no model.
"""

import re
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from dev.openai.doors import json_body
from dev.openai.refusals import OpenAIError, unknown_model, wrong
from dev.openai.replies import UNSCRIPTED, Reply, scripted_refusal, stream, whole


class Chat:
    """Which models it knows, what it will say next, and what it was asked."""

    def __init__(
        self,
        models: Sequence[str],
        replies: Sequence[Reply],
        older: bool,
        answering: Callable[[dict[str, Any]], Reply] | None = None,
    ) -> None:
        self.models, self.older = tuple(models), older
        self._answering = answering
        self.script = deque(replies)
        self.requests: list[dict[str, Any]] = []

    async def list_models(self, _: Request) -> Response:
        return JSONResponse({"object": "list", "data": [_model(name) for name in self.models]})

    async def one_model(self, request: Request) -> Response:
        return JSONResponse(_model(self._known_model(request.path_params["model"])))

    async def complete(self, request: Request) -> Response:
        body = await json_body(request)
        self._check(body)
        self.requests.append(body)
        reply = self._next_reply(body)
        if reply.status >= 400:
            raise scripted_refusal(reply)
        if body.get("stream"):
            return StreamingResponse(stream(reply, body), media_type="text/event-stream")
        return JSONResponse(whole(reply, body))

    def _next_reply(self, body: dict[str, Any]) -> Reply:
        if self._answering is not None:
            return self._answering(body)
        return self.script.popleft() if self.script else Reply(text=UNSCRIPTED)

    async def add_replies(self, request: Request) -> Response:
        try:
            self.script.extend(Reply.model_validate(reply) for reply in await json_body(request, list))
        except ValidationError as error:
            return JSONResponse({"problems": error.errors(include_url=False)}, 422)
        return JSONResponse({"waiting": len(self.script)})

    def reset(self) -> None:
        self.script.clear()
        self.requests.clear()

    def _known_model(self, name: Any) -> str:
        if not isinstance(name, str):
            raise OpenAIError(400, "you must provide a model parameter")
        if name not in self.models:
            raise unknown_model(name)
        return name

    def _check(self, body: dict[str, Any]) -> None:
        self._known_model(body.get("model"))
        if self.older and "max_completion_tokens" in body:
            raise OpenAIError(400, "Unrecognized request argument supplied: max_completion_tokens")
        if "max_tokens" in body and "max_completion_tokens" in body:
            raise wrong("max_tokens", "max_tokens and max_completion_tokens cannot both be set")
        if "stream_options" in body and not body.get("stream"):
            raise wrong("stream_options", "The 'stream_options' parameter is only allowed when 'stream' is enabled")
        _check_messages(body.get("messages"))
        _check_tools(body.get("tools"))


def _check_messages(messages: Any) -> None:
    """Among the rules, the one that costs adapters most: every tool call is answered at once, and nothing else is."""
    if not isinstance(messages, list) or not messages:
        raise wrong("messages", "Invalid 'messages': expected an array with at least one item.", "empty_array")
    open_calls: set[str] = set()
    for at, message in enumerate(messages):
        where = f"messages.[{at}]"
        role = message.get("role") if isinstance(message, dict) else None
        if role not in ("system", "developer", "user", "assistant", "tool"):
            raise wrong(f"{where}.role", f"Invalid value: '{role}'.", "invalid_value")
        if role == "tool":
            if message.get("tool_call_id") not in open_calls:
                raise wrong(f"{where}.role", "messages with role 'tool' must respond to a preceding tool call")
            open_calls.discard(message["tool_call_id"])
        elif open_calls:
            names = ", ".join(sorted(open_calls))
            raise wrong(
                where, f"An assistant message with 'tool_calls' must be answered for each tool_call_id: {names}"
            )
        calls = message.get("tool_calls") or []
        if message.get("content") is None and not (role == "assistant" and calls):
            raise wrong(f"{where}.content", "Invalid value for 'content': expected a string, got null.")
        for call in calls:
            if not isinstance(call["function"]["arguments"], str):
                raise wrong(f"{where}.tool_calls", "Invalid type for 'arguments': expected a string.", "invalid_type")
        open_calls |= {call["id"] for call in calls}
    if open_calls:
        raise wrong("messages", f"tool calls without an answer: {', '.join(sorted(open_calls))}")


def _check_tools(tools: Any) -> None:
    if tools is None:
        return
    if not isinstance(tools, list) or not tools:
        raise wrong("tools", "Invalid 'tools': empty array. Expected at least 1.", "empty_array")
    for at, tool in enumerate(tools):
        function = tool.get("function") or {}
        if tool.get("type") != "function" or not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", str(function.get("name"))):
            raise wrong(f"tools[{at}].function.name", "Invalid function name.", "invalid_value")
        if function.get("parameters", {"type": "object"}).get("type") != "object":
            raise wrong(
                f"tools[{at}].function.parameters", "Invalid schema: must be 'object'.", "invalid_function_parameters"
            )


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 1_700_000_000, "owned_by": "look-alike"}

"""OpenAI look-alike: chat completions, streamed or whole, with tools and with the vendor's own errors.

Run `python -m dev.openai --port 4704` and set OPENAI_BASE_URL=http://127.0.0.1:4704/v1 and OPENAI_API_KEY=sk-local.
What it answers is decided by a script of replies: `POST /_lookalike/replies` takes a list, one reply per request. With
an empty script it says that it is no model.
"""

import argparse
import asyncio
import json
import re
import secrets
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, Literal

import uvicorn
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

KEY = "sk-local"
MODELS = ("gpt-local", "gpt-local-mini")
UNSCRIPTED = "This is the look-alike of the OpenAI API. It has no model behind it and repeats the replies it was given."

Habit = Literal["no_index", "one_index", "repeat_name", "whole_arguments", "object_arguments", "finish_stop", "no_done"]
Break = Literal["error", "cut", "silence", "nonsense"]


class ScriptedCall(BaseModel):
    """A tool call of a reply. `arguments` as a string is sent as it is, broken JSON included."""

    model_config = ConfigDict(extra="forbid")

    name: str
    arguments: dict[str, Any] | str = {}


class Reply(BaseModel):
    """What the next request gets: an answer, a refusal (`status`), or an answer that breaks after its first piece."""

    model_config = ConfigDict(extra="forbid")

    text: str = ""
    tool_calls: list[ScriptedCall] = []
    finish: str | None = None
    status: int = 200
    code: str | None = None
    retry_after: float | None = None
    breaks: Break | None = None
    """After the first piece of text; before any when there is no text."""
    habits: list[Habit] = []
    """Peculiarities of compatible servers."""
    chunks: list[Any] = []
    """Sent as they are, in place of an answer; a string is not even made into JSON."""


class OpenAIError(Exception):
    """A refusal in the vendor's words."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        param: str | None = None,
        code: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.headers = status, headers
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}


class OpenAILookalike:
    """The server's state: which key and models it knows, what it will say, and what it was asked."""

    def __init__(self, key: str, models: Sequence[str], replies: Sequence[Reply], older: bool) -> None:
        self.key, self.models, self.older = key, tuple(models), older
        self.script = deque(replies)
        self.requests: list[dict[str, Any]] = []

    async def list_models(self, request: Request) -> Response:
        self._check_key(request)
        return JSONResponse({"object": "list", "data": [_model(name) for name in self.models]})

    async def one_model(self, request: Request) -> Response:
        self._check_key(request)
        return JSONResponse(_model(self._known_model(request.path_params["model"])))

    async def complete(self, request: Request) -> Response:
        self._check_key(request)
        body = await _json(request)
        self._check(body)
        self.requests.append(body)
        reply = self.script.popleft() if self.script else Reply(text=UNSCRIPTED)
        if reply.status >= 400:
            raise _scripted_refusal(reply)
        if body.get("stream"):
            return StreamingResponse(_sse(reply, body), media_type="text/event-stream")
        return JSONResponse(_whole(reply, body))

    async def add_replies(self, request: Request) -> Response:
        try:
            self.script.extend(Reply.model_validate(reply) for reply in await _json(request, list))
        except ValidationError as error:
            return JSONResponse({"problems": error.errors(include_url=False)}, 422)
        return JSONResponse({"waiting": len(self.script)})

    async def asked(self, _: Request) -> Response:
        return JSONResponse(self.requests)

    async def reset(self, _: Request) -> Response:
        self.script.clear()
        self.requests.clear()
        return Response(status_code=204)

    def _check_key(self, request: Request) -> None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not given:
            raise OpenAIError(401, "You didn't provide an API key in the Authorization header (Bearer YOUR_KEY).")
        if not secrets.compare_digest(given.encode(), self.key.encode()):
            raise OpenAIError(401, f"Incorrect API key provided: {given[:3]}***.", code="invalid_api_key")

    def _known_model(self, name: Any) -> str:
        if not isinstance(name, str):
            raise OpenAIError(400, "you must provide a model parameter")
        if name not in self.models:
            message = f"The model `{name}` does not exist or you do not have access to it."
            raise OpenAIError(404, message, code="model_not_found")
        return name

    def _check(self, body: dict[str, Any]) -> None:
        self._known_model(body.get("model"))
        if self.older and "max_completion_tokens" in body:
            raise OpenAIError(400, "Unrecognized request argument supplied: max_completion_tokens")
        if "max_tokens" in body and "max_completion_tokens" in body:
            raise _wrong("max_tokens", "max_tokens and max_completion_tokens cannot both be set")
        if "stream_options" in body and not body.get("stream"):
            raise _wrong("stream_options", "The 'stream_options' parameter is only allowed when 'stream' is enabled")
        _check_messages(body.get("messages"))
        _check_tools(body.get("tools"))


def create_app(
    *,
    key: str = KEY,
    models: Sequence[str] = MODELS,
    replies: Sequence[Reply] = (),
    older: bool = False,
) -> Starlette:
    """`older` makes it a compatible server that knows `max_tokens` only."""
    lookalike = OpenAILookalike(key, models, replies, older)
    app = Starlette(
        routes=[
            Route("/v1/models", lookalike.list_models),
            Route("/v1/models/{model:path}", lookalike.one_model),
            Route("/v1/chat/completions", lookalike.complete, methods=["POST"]),
            Route("/_lookalike/replies", lookalike.add_replies, methods=["POST"]),
            Route("/_lookalike/requests", lookalike.asked),
            Route("/_lookalike/reset", lookalike.reset, methods=["POST"]),
        ],
        exception_handlers={OpenAIError: _refuse, 404: _unknown_url},
    )
    app.state.lookalike = lookalike
    return app


async def _refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, OpenAIError)
    return JSONResponse(error.body, error.status, headers=error.headers)


async def _unknown_url(request: Request, _: Exception) -> Response:
    error = OpenAIError(404, f"Invalid URL ({request.method} {request.url.path})")
    return JSONResponse(error.body, 404)


async def _json(request: Request, kind: type = dict) -> Any:
    try:
        body = json.loads(await request.body())
    except ValueError:
        body = None
    if not isinstance(body, kind):
        raise OpenAIError(400, "We could not parse the JSON body of your request.")
    return body


def _wrong(param: str, message: str, code: str | None = None) -> OpenAIError:
    return OpenAIError(400, message, param=param, code=code)


def _check_messages(messages: Any) -> None:
    """Among the rules, the one that costs adapters most: every tool call is answered at once, and nothing else is."""
    if not isinstance(messages, list) or not messages:
        raise _wrong("messages", "Invalid 'messages': expected an array with at least one item.", "empty_array")
    open_calls: set[str] = set()
    for at, message in enumerate(messages):
        where = f"messages.[{at}]"
        role = message.get("role") if isinstance(message, dict) else None
        if role not in ("system", "developer", "user", "assistant", "tool"):
            raise _wrong(f"{where}.role", f"Invalid value: '{role}'.", "invalid_value")
        if role == "tool":
            if message.get("tool_call_id") not in open_calls:
                raise _wrong(f"{where}.role", "messages with role 'tool' must respond to a preceding tool call")
            open_calls.discard(message["tool_call_id"])
        elif open_calls:
            names = ", ".join(sorted(open_calls))
            raise _wrong(
                where, f"An assistant message with 'tool_calls' must be answered for each tool_call_id: {names}"
            )
        calls = message.get("tool_calls") or []
        if message.get("content") is None and not (role == "assistant" and calls):
            raise _wrong(f"{where}.content", "Invalid value for 'content': expected a string, got null.")
        for call in calls:
            if not isinstance(call["function"]["arguments"], str):
                raise _wrong(f"{where}.tool_calls", "Invalid type for 'arguments': expected a string.", "invalid_type")
        open_calls |= {call["id"] for call in calls}
    if open_calls:
        raise _wrong("messages", f"tool calls without an answer: {', '.join(sorted(open_calls))}")


def _check_tools(tools: Any) -> None:
    if tools is None:
        return
    if not isinstance(tools, list) or not tools:
        raise _wrong("tools", "Invalid 'tools': empty array. Expected at least 1.", "empty_array")
    for at, tool in enumerate(tools):
        function = tool.get("function") or {}
        if tool.get("type") != "function" or not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", str(function.get("name"))):
            raise _wrong(f"tools[{at}].function.name", "Invalid function name.", "invalid_value")
        if function.get("parameters", {"type": "object"}).get("type") != "object":
            raise _wrong(
                f"tools[{at}].function.parameters", "Invalid schema: must be 'object'.", "invalid_function_parameters"
            )


def _scripted_refusal(reply: Reply) -> OpenAIError:
    headers = {} if reply.retry_after is None else {"retry-after": f"{reply.retry_after:g}"}
    kind = {429: "rate_limit_error", 400: "invalid_request_error"}.get(reply.status, "server_error")
    return OpenAIError(reply.status, "Scripted refusal.", kind=kind, code=reply.code, headers=headers)


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 1_700_000_000, "owned_by": "look-alike"}


def _calls(reply: Reply) -> list[dict[str, Any]]:
    return [
        {
            "id": f"call_{secrets.token_hex(8)}",
            "type": "function",
            "function": {
                "name": call.name,
                "arguments": call.arguments if isinstance(call.arguments, str) else json.dumps(call.arguments),
            },
        }
        for call in reply.tool_calls
    ]


def _finish(reply: Reply) -> str:
    return reply.finish or ("tool_calls" if reply.tool_calls and "finish_stop" not in reply.habits else "stop")


def _usage(reply: Reply, body: dict[str, Any]) -> dict[str, int]:
    """Four characters to a token: the order of magnitude is right, and the same input costs the same."""
    asked, said = len(json.dumps(body["messages"])) // 4 + 1, len(reply.text + str(reply.tool_calls or "")) // 4 + 1
    return {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}


def _whole(reply: Reply, body: dict[str, Any]) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": reply.text or None, "refusal": None}
    if reply.tool_calls:
        message["tool_calls"] = _calls(reply)
    return {
        **_envelope(body, "chat.completion"),
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": _finish(reply)}],
        "usage": _usage(reply, body),
    }


def _envelope(body: dict[str, Any], kind: str) -> dict[str, Any]:
    identity = f"chatcmpl-{secrets.token_hex(12)}"
    return {"id": identity, "object": kind, "created": int(time.time()), "model": body["model"]}


async def _sse(reply: Reply, body: dict[str, Any]) -> AsyncIterator[str]:
    yield ": the stream begins\n\n"
    if reply.chunks:
        for chunk in reply.chunks:
            yield f"data: {chunk}\n\n" if isinstance(chunk, str) else _line(chunk)
        yield "data: [DONE]\n\n"
        return
    counted = bool((body.get("stream_options") or {}).get("include_usage"))
    envelope = _envelope(body, "chat.completion.chunk") | ({"usage": None} if counted else {})
    deltas = _deltas(reply)
    spoken = 0
    for delta in deltas:
        if reply.breaks and (not reply.text or spoken == 1):
            async for line in _broken(reply.breaks):
                yield line
            return
        spoken += bool(delta.get("content"))
        yield _line({**envelope, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": None}]})
    yield _line({**envelope, "choices": [{"index": 0, "delta": {}, "logprobs": None, "finish_reason": _finish(reply)}]})
    if counted:
        yield _line({**envelope, "choices": [], "usage": _usage(reply, body)})
    if "no_done" not in reply.habits:
        yield "data: [DONE]\n\n"


async def _broken(kind: Break) -> AsyncIterator[str]:
    match kind:
        case "error":
            error = {"message": "The server had an error.", "type": "server_error", "param": None, "code": None}
            yield f"data: {json.dumps({'error': error})}\n\n"
        case "nonsense":
            yield "data: {not json\n\n"
        case "silence":
            await asyncio.sleep(60)
        case "cut":
            return


def _line(chunk: dict[str, Any]) -> str:
    return f"data: {json.dumps(chunk)}\n\n"


def _deltas(reply: Reply) -> Iterator[dict[str, Any]]:
    yield {"role": "assistant", "content": "", "refusal": None}
    for piece in re.findall(r"\s*\S+\s*", reply.text):
        yield {"content": piece}
    for index, call in enumerate(_calls(reply)):
        for fragment in _fragments(call, reply.habits):
            at = {} if "no_index" in reply.habits else {"index": 0 if "one_index" in reply.habits else index}
            yield {"tool_calls": [{**at, **fragment}]}


def _fragments(call: dict[str, Any], habits: Sequence[Habit]) -> Iterator[dict[str, Any]]:
    name, arguments = call["function"]["name"], call["function"]["arguments"]
    if "object_arguments" in habits:
        yield {**call, "function": {"name": name, "arguments": json.loads(arguments)}}
        return
    if "whole_arguments" in habits:
        yield call
        return
    yield {**call, "function": {"name": name, "arguments": ""}}
    for at in range(0, len(arguments), 7):
        again = {"name": name} if "repeat_name" in habits else {}
        yield {"function": {**again, "arguments": arguments[at : at + 7]}}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m dev.openai", description="OpenAI look-alike")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=4704)
    parser.add_argument("--key", default=KEY)
    parser.add_argument("--model", action="append", help="a model it knows; may be given several times")
    parser.add_argument("--older", action="store_true", help="know max_tokens only, as older compatible servers do")
    options = parser.parse_args()
    app = create_app(key=options.key, models=options.model or MODELS, older=options.older)
    uvicorn.run(app, host=options.host, port=options.port, log_level="warning")


if __name__ == "__main__":
    main()

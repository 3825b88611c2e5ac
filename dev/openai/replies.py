"""What chat completions answer: a script of replies, one for each request, with the faults of real servers in it."""

import asyncio
import json
import re
import secrets
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from dev.openai.refusals import OpenAIError

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


def scripted_refusal(reply: Reply) -> OpenAIError:
    headers = {} if reply.retry_after is None else {"retry-after": f"{reply.retry_after:g}"}
    kind = {429: "rate_limit_error", 400: "invalid_request_error"}.get(reply.status, "server_error")
    return OpenAIError(reply.status, "Scripted refusal.", kind=kind, code=reply.code, headers=headers)


def whole(reply: Reply, body: dict[str, Any]) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": reply.text or None, "refusal": None}
    if reply.tool_calls:
        message["tool_calls"] = _calls(reply)
    return {
        **_envelope(body, "chat.completion"),
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": _finish(reply)}],
        "usage": _usage(reply, body),
    }


async def stream(reply: Reply, body: dict[str, Any]) -> AsyncIterator[str]:
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


def _envelope(body: dict[str, Any], kind: str) -> dict[str, Any]:
    identity = f"chatcmpl-{secrets.token_hex(12)}"
    return {"id": identity, "object": kind, "created": int(time.time()), "model": body["model"]}


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

"""Language models on Amazon Bedrock, through ConverseStream."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import urllib3.exceptions
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
)
from botocore.exceptions import (
    ConnectionError as AwsConnectionError,
)

from aisdr.errors import NotConfigured, VendorError
from aisdr.inference.base import Message, ModelEvent, Prompt, TextDelta, ToolRequest, Usage
from aisdr.inference.bedrock_refusals import RETRYABLE, code_of, meaning

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime.client import BedrockRuntimeClient

_RETRYABLE = RETRYABLE | {"ModelStreamErrorException"}
_REMEDIES = {
    "AccessDeniedException": "not allowed: grant bedrock:InvokeModelWithResponseStream on it and its inference profile",
    "ResourceNotFoundException": "unknown in this region: check models.chat",
    "ThrottlingException": "too many requests for the account's quota",
}
# Newer models refuse sampling settings (400), so nothing is sent unless the company's configuration says so.
_INFERENCE = frozenset({"temperature", "topP", "stopSequences"})


# botocore's own retries stay off: the agent decides, because only it knows what the visitor has seen. A model may think
# for a while before its first word, longer than a table may.
CLIENT_CONFIG = Config(connect_timeout=2, read_timeout=15, retries={"mode": "standard", "total_max_attempts": 1})


class Bedrock:
    """One model or inference profile. `options` are inference settings or further members of the request."""

    name = "bedrock"

    def __init__(
        self,
        client: "BedrockRuntimeClient",
        model: str,
        *,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self._model = model
        self._options = dict(options or {})
        self._client = client

    def stream(self, prompt: Prompt) -> Iterator[ModelEvent]:
        if not self._model:
            raise NotConfigured("No model named for the provider 'bedrock': set models.chat of the company")
        said_something = False
        try:
            response = self._client.converse_stream(**self.request(prompt))
            for event in _events(response["stream"]):
                said_something = said_something or isinstance(event, TextDelta)
                yield event
        except (NoCredentialsError, PartialCredentialsError, NoRegionError) as error:
            raise NotConfigured("AWS credentials or region not configured: Bedrock cannot be asked") from error
        except ClientError as error:
            raise self._failed(error, said_something) from error
        except (AwsConnectionError, HTTPClientError, urllib3.exceptions.HTTPError) as error:
            # The event stream lets urllib3's own errors through when the connection breaks in the middle.
            raise self._vendor_error("cannot be reached or broke off", retryable=not said_something) from error
        except _IncompleteAnswerError as error:
            raise self._vendor_error(str(error), retryable=error.retryable and not said_something) from error

    def request(self, prompt: Prompt) -> dict[str, Any]:
        """The members of ConverseStream for this prompt."""
        messages = _messages(prompt.messages)
        options = dict(self._options)
        settings = {name: options.pop(name) for name in _INFERENCE & options.keys()}
        request: dict[str, Any] = {
            "modelId": self._model,
            "messages": messages,
            "inferenceConfig": {"maxTokens": prompt.max_tokens, **settings},
        }
        if prompt.system.strip():
            request["system"] = [{"text": prompt.system}]
        if tools := _tools(prompt, messages):
            request["toolConfig"] = {"tools": tools}
        return request | options

    def _failed(self, error: ClientError, said_something: bool) -> VendorError:
        retryable = code_of(error) in _RETRYABLE and not said_something
        return self._vendor_error(meaning(error, _REMEDIES), retryable=retryable)

    def _vendor_error(self, what: str, *, retryable: bool) -> VendorError:
        return VendorError(f"Model '{self._model}': {what}", vendor="bedrock", retryable=retryable)


class _IncompleteAnswerError(Exception):
    def __init__(self, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.retryable = retryable


def _events(stream: Any) -> Iterator[ModelEvent]:
    """Reads on after the end of the message: the bill comes last."""
    tools: dict[int, tuple[str, str]] = {}
    inputs: dict[int, str] = {}
    usage, stop, said_something = Usage(), "", False
    for event in stream:
        match event:
            case {"contentBlockStart": {"contentBlockIndex": int(at), "start": {"toolUse": tool}}}:
                tools[at], inputs[at] = (tool["toolUseId"], tool["name"]), ""
            case {"contentBlockDelta": {"delta": {"text": str(text)}}} if text:
                said_something = True
                yield TextDelta(text)
            case {"contentBlockDelta": {"contentBlockIndex": int(at), "delta": {"toolUse": {"input": str(piece)}}}}:
                inputs[at] = inputs.get(at, "") + piece
            case {"contentBlockStop": {"contentBlockIndex": int(at)}} if at in tools:
                call_id, name = tools.pop(at)
                yield ToolRequest(call_id, name, _arguments(inputs.pop(at)))
            case {"messageStop": {"stopReason": str(reason)}}:
                stop = reason
            case {"metadata": {"usage": counted}}:
                usage = Usage(counted["inputTokens"], counted["outputTokens"])
            case _:
                pass  # reasoning, citations and traces are not for the visitor
    if not stop:
        raise _IncompleteAnswerError("ended before the answer was complete", retryable=True)
    if stop in ("malformed_model_output", "malformed_tool_use"):
        raise _IncompleteAnswerError(f"answered nonsense ({stop})", retryable=True)
    if stop == "content_filtered" and not said_something:
        raise _IncompleteAnswerError("withheld the answer (content filter)", retryable=False)
    yield usage


def _arguments(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text) if text.strip() else {}
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _messages(turns: Sequence[Message]) -> list[dict[str, Any]]:
    """User and assistant by turns, the user first, every tool use answered in the very next message."""
    requested = {request.call_id for turn in turns for request in turn.tool_requests}
    messages: list[dict[str, Any]] = []
    for turn in turns:
        role, blocks = ("assistant" if turn.role == "assistant" else "user"), _blocks(turn, requested)
        if not blocks or (not messages and role == "assistant"):
            continue
        if messages and messages[-1]["role"] == role:
            messages[-1]["content"] += blocks
        else:
            messages.append({"role": role, "content": blocks})
    for asked, answered in pairwise(messages):
        answered["content"] = _answers(asked["content"], answered["content"])
    return messages


def _blocks(turn: Message, requested: set[str]) -> list[dict[str, Any]]:
    """Blank text is refused by models, so it is left out."""
    if turn.role == "tool":
        if turn.call_id not in requested:
            return []
        content = [{"text": turn.text if turn.text.strip() else "{}"}]
        return [{"toolResult": {"toolUseId": _tool_use_id(turn.call_id or ""), "content": content}}]
    text: list[dict[str, Any]] = [{"text": turn.text}] if turn.text.strip() else []
    return text + [
        {
            "toolUse": {
                "toolUseId": _tool_use_id(request.call_id),
                "name": request.name,
                "input": request.arguments or {},
            }
        }
        for request in turn.tool_requests
    ]


def _answers(asked: list[dict[str, Any]], answered: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The results first, in the order asked; a tool that never answered is reported as failed."""
    given = {block["toolResult"]["toolUseId"]: block for block in answered if "toolResult" in block}
    results = []
    for block in asked:
        if "toolUse" in block:
            call_id = block["toolUse"]["toolUseId"]
            lost = {"toolUseId": call_id, "content": [{"text": "The tool gave no result."}], "status": "error"}
            results.append(given.get(call_id, {"toolResult": lost}))
    return results + [block for block in answered if "toolResult" not in block]


def _tool_use_id(call_id: str) -> str:
    """Other providers' ids may hold signs that Bedrock refuses."""
    return re.sub(r"[^a-zA-Z0-9_.:-]", "-", call_id)[:64] or "call"


def _tools(prompt: Prompt, messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The offered tools. A history with tool uses must name its tools even when none is offered any more."""
    tools = {tool.name: (tool.description, tool.parameters) for tool in prompt.tools}
    if not tools:
        used = {block["toolUse"]["name"] for message in messages for block in message["content"] if "toolUse" in block}
        tools = {name: ("No longer available.", {"type": "object"}) for name in sorted(used)}
    return [
        {"toolSpec": {"name": name, "description": description or name, "inputSchema": {"json": parameters}}}
        for name, (description, parameters) in tools.items()
    ]

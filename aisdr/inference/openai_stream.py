"""What is understood of an answer while it streams in, in OpenAI's form: words, tool calls, usage, and its end."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
from pydantic import ValidationError

from aisdr.errors import VendorError
from aisdr.inference.base import ModelEvent, TextDelta, ToolRequest, Usage
from aisdr.inference.openai_chunks import Chunk, Fragment, Function
from aisdr.inference.openai_refusals import error_kind, refusal
from aisdr.inference.surrogates import whole


@dataclass
class _Call:
    """A tool call under construction."""

    call_id: str = ""
    name: str = ""
    arguments: str = ""

    @property
    def complete(self) -> bool:
        return _json_object(self.arguments) is not None


@dataclass
class Reading:
    """What has been understood of one streamed answer."""

    model: str
    calls: list[_Call] = field(default_factory=list)
    by_index: dict[int, _Call] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)
    began: bool = False
    """Whether anything came that means something, be it a tool's name."""
    said_something: bool = False
    half: str = ""
    """The first half of a character that two chunks share."""
    finish: str | None = None
    done: bool = False

    def events(self, response: httpx.Response) -> Iterator[ModelEvent]:
        if response.status_code >= 400:
            response.read()
            raise self._refused(response)
        for line in _lines(response):
            # Comments, `event:` lines and keep-alives carry nothing for us.
            if not line.startswith("data:"):
                continue
            data = line.removeprefix("data:").strip()
            if data == "[DONE]":
                self.done = True
                break
            for text in map(self._joined, self._texts(data)):
                if text:
                    self.said_something = True
                    yield TextDelta(text)
        self._check_end()
        if self.half:
            yield TextDelta(whole(self.half))
        for at, call in enumerate(self.calls):
            yield ToolRequest(whole(call.call_id) or f"call_{at}", whole(call.name), _arguments(call.arguments))
        yield self.usage

    def _texts(self, data: str) -> Iterator[str]:
        try:
            chunk = Chunk.model_validate(json.loads(data))
        except ValidationError as error:
            raise self.failed("sent an answer of an unknown shape", retryable=True) from error
        except (ValueError, RecursionError) as error:
            raise self.failed("sent a line that is not JSON", retryable=True) from error
        if chunk.error:
            raise self._error_in_stream(chunk.error)
        if isinstance(chunk.usage, dict):
            self.usage = Usage(_count(chunk.usage.get("prompt_tokens")), _count(chunk.usage.get("completion_tokens")))
        for choice in (chunk.choices or [])[:1]:
            self.finish = choice.finish_reason or self.finish
            news = choice.news
            yield from (text for text in (news.content, news.refusal) if text)
            for fragment in news.tool_calls or []:
                self._add(fragment)

    def _joined(self, text: str) -> str:
        """The text without the half character at its end, which waits for the next one."""
        text = self.half + text
        self.half = text[-1] if "\ud800" <= text[-1] <= "\udbff" else ""
        return whole(text.removesuffix(self.half))

    def _add(self, fragment: Fragment) -> None:
        """Joins a fragment to its call. Servers leave the index out, or use one for all; some repeat the name."""
        function = fragment.function or Function()
        call_id, name, index = fragment.id, function.name or "", fragment.index
        if index is not None:
            call = self.by_index.get(index)
        else:
            call = next((one for one in self.calls if call_id and one.call_id == call_id), None)
            call = call or (
                self.calls[-1] if self.calls and not call_id and not (name and self.calls[-1].complete) else None
            )
        if call is None or (call_id and call.call_id and call_id != call.call_id):
            call = _Call()
            self.calls.append(call)
            if index is not None:
                self.by_index[index] = call
        call.call_id = call.call_id or call_id
        call.name = call.name or name
        arguments = function.arguments
        call.arguments += json.dumps(arguments) if isinstance(arguments, dict) else arguments or ""

    def _check_end(self) -> None:
        if not self.done and self.finish is None:
            raise self.failed("ended before the answer was complete", retryable=True)
        if self.finish == "content_filter" and not self.said_something:
            raise self.failed("withheld the answer (content filter)", retryable=False)

    def failed(self, what: str, *, retryable: bool) -> VendorError:
        """After the first words an answer cannot be started again: the visitor has seen them."""
        message = f"Model '{self.model}': {what}"
        return VendorError(message, vendor="openai", retryable=retryable and not self.said_something)

    def _refused(self, response: httpx.Response) -> VendorError:
        refused = refusal(response, {404: "unknown at this address: check models.chat and OPENAI_BASE_URL"})
        return self.failed(refused.what, retryable=refused.retryable)

    def _error_in_stream(self, error: Any) -> VendorError:
        kind = error_kind(error)
        retryable = "invalid" not in kind and kind != "insufficient_quota"
        return self.failed(f"failed while answering{f' ({kind})' if kind else ''}", retryable=retryable)


def _lines(response: httpx.Response) -> Iterator[str]:
    """httpx itself would end a line at U+2028 and its kin, too, which may stand inside of a JSON string."""
    rest = ""
    for text in response.iter_text():
        *lines, rest = (rest + text).split("\n")
        yield from lines
    yield rest


def _count(value: Any) -> int:
    """A bill that cannot be read is no reason to lose the answer it came with."""
    return value if isinstance(value, int) and value > 0 else 0


def _json_object(text: str) -> dict[str, Any] | None:
    try:
        # Twice, because a half may stand in the text itself or as an escape in one of its strings.
        value = json.loads(whole(json.dumps(json.loads(whole(text)), ensure_ascii=False)))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _arguments(text: str) -> dict[str, Any] | None:
    return _json_object(text) if text.strip() else {}

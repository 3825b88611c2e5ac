"""Language models behind any address that speaks OpenAI's chat completions: OpenAI, Ollama, vLLM, Bedrock Mantle."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any
from urllib.parse import urlsplit

import httpx
from pydantic import BaseModel, PlainValidator, ValidationError

from aisdr.cutoff import CutOff
from aisdr.errors import NotConfigured, VendorError
from aisdr.inference.base import Message, ModelEvent, Prompt, TextDelta, ToolRequest, Usage
from aisdr.inference.openai_key import authorization
from aisdr.observability import TRACED
from aisdr.secret import Secret

# A server that does not answer the door in two seconds is down. The read timeout is for a pause between two pieces:
# what keeps the line busy without saying anything is cut off by the clock.
TIMEOUT = httpx.Timeout(15.0, connect=2.0)
WHOLE_SECONDS = 60.0
"""From the first word to the last."""


class OpenAi:
    """One model at one address. `options` go into the request as they are, e.g. `{"temperature": 0.2}`."""

    name = "openai"

    def __init__(
        self,
        base_url: str,
        api_key: Secret | None,
        model: str,
        *,
        options: Mapping[str, Any] | None = None,
        client: httpx.Client | None = None,
    ) -> None:
        self._model = model
        self._url = f"{base_url.rstrip('/')}/chat/completions"
        self._key = api_key
        self._options = dict(options or {})
        self._client = client or httpx.Client(timeout=TIMEOUT, event_hooks=TRACED)
        self._tokens_word = "max_completion_tokens"

    def stream(self, prompt: Prompt) -> Iterator[ModelEvent]:
        host = urlsplit(self._url).hostname or ""
        headers = authorization(self._url, self._key)
        if not self._model:
            raise NotConfigured("No model named for the provider 'openai': set models.chat of the company")
        reading = _Reading(self._model)
        with CutOff(prompt.patience) as cut_off:
            try:
                for event in self._ask(prompt, headers, reading, cut_off):
                    if not reading.began:
                        reading.began = True
                        cut_off.give(WHOLE_SECONDS)
                    yield event
            except httpx.TimeoutException as error:
                raise reading.failed(f"{host} did not answer in time", retryable=True) from error
            except httpx.RequestError as error:
                what = "did not answer in time" if cut_off.passed else "cannot be reached or broke off its answer"
                raise reading.failed(f"{host} {what}", retryable=True) from error
            except VendorError as error:
                if cut_off.passed:  # a line that is cut looks like an answer that ended too soon
                    raise reading.failed(f"{host} did not answer in time", retryable=True) from error
                raise

    def _ask(
        self, prompt: Prompt, headers: dict[str, str], reading: "_Reading", cut_off: CutOff
    ) -> Iterator[ModelEvent]:
        with self._open(prompt, headers) as response:
            cut_off.hold(response.extensions["network_stream"])
            if response.status_code == 400 and self._knows_only_the_older_word(response):
                self._tokens_word = "max_tokens"
                with self._open(prompt, headers) as second:
                    cut_off.hold(second.extensions["network_stream"])
                    yield from reading.events(second)
                return
            yield from reading.events(response)

    def _open(self, prompt: Prompt, headers: dict[str, str]) -> Any:
        # Headers are a first sign; a server that sends none is silent, whatever it does beside.
        timeout = httpx.Timeout(min(prompt.patience, 15.0), connect=2.0)
        return self._client.stream("POST", self._url, json=self.request(prompt), headers=headers, timeout=timeout)

    def request(self, prompt: Prompt) -> dict[str, Any]:
        """The body of the request for this prompt."""
        messages = [_message(message) for message in prompt.messages]
        body: dict[str, Any] = {
            "model": self._model,
            "messages": [{"role": "system", "content": prompt.system}, *messages] if prompt.system else messages,
            "stream": True,
            "stream_options": {"include_usage": True},
            self._tokens_word: prompt.max_tokens,
        }
        if prompt.tools:
            body["tools"] = [
                {
                    "type": "function",
                    "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters},
                }
                for tool in prompt.tools
            ]
        return body | self._options

    def _knows_only_the_older_word(self, response: httpx.Response) -> bool:
        return self._tokens_word != "max_tokens" and self._tokens_word in response.read().decode(errors="replace")


def _message(message: Message) -> dict[str, Any]:
    match message.role:
        case "tool":
            return {"role": "tool", "tool_call_id": message.call_id or "", "content": message.text}
        case "assistant" if message.tool_requests:
            calls = [
                {
                    "id": request.call_id,
                    "type": "function",
                    "function": {"name": request.name, "arguments": json.dumps(request.arguments or {})},
                }
                for request in message.tool_requests
            ]
            return {"role": "assistant", "content": message.text or None, "tool_calls": calls}
        case role:
            return {"role": role, "content": message.text}


def _lines(response: httpx.Response) -> Iterator[str]:
    """httpx itself would end a line at U+2028 and its kin, too, which may stand inside of a JSON string."""
    rest = ""
    for text in response.iter_text():
        *lines, rest = (rest + text).split("\n")
        yield from lines
    yield rest


def _text(value: Any) -> str | None:
    # Pydantic's own `str` refuses half a surrogate pair, and the other half may come with the next chunk.
    if value is None or isinstance(value, str):
        return value
    raise ValueError("not a text")


def _word(value: Any) -> str:
    if value is None or isinstance(value, str | int):
        return str(value or "")
    raise ValueError("not an identifier")


_Text = Annotated[str | None, PlainValidator(_text)]
_Word = Annotated[str, PlainValidator(_word)]


class _Function(BaseModel):
    name: _Text = None
    arguments: dict[str, Any] | _Text = None


class _Fragment(BaseModel):
    """A piece of a tool call."""

    index: int | None = None
    id: _Word = ""
    function: _Function | None = None


class _Delta(BaseModel):
    content: _Text = None
    refusal: _Text = None
    tool_calls: list[_Fragment] | None = None


class _Choice(BaseModel):
    delta: _Delta | None = None
    message: _Delta | None = None
    finish_reason: _Text = None

    @property
    def news(self) -> _Delta:
        """Some servers put a `message` where the others have a `delta`."""
        empty = self.delta is None or not self.delta.model_fields_set
        return (self.message if empty else self.delta) or _Delta()


class _Chunk(BaseModel):
    """What we read of one line. All else may be as it likes; servers add fields of their own."""

    choices: list[_Choice] | None = None
    usage: Any = None
    error: Any = None


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
class _Reading:
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
            yield TextDelta(_whole(self.half))
        for at, call in enumerate(self.calls):
            yield ToolRequest(_whole(call.call_id) or f"call_{at}", _whole(call.name), _arguments(call.arguments))
        yield self.usage

    def _texts(self, data: str) -> Iterator[str]:
        try:
            chunk = _Chunk.model_validate(json.loads(data))
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
        return _whole(text.removesuffix(self.half))

    def _add(self, fragment: _Fragment) -> None:
        """Joins a fragment to its call. Servers leave the index out, or use one for all; some repeat the name."""
        function = fragment.function or _Function()
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
        status = response.status_code
        remedy = {
            401: "the key was refused: check OPENAI_API_KEY",
            403: "the key may not use this model",
            404: "unknown at this address: check models.chat and OPENAI_BASE_URL",
            429: "the rate limit or the budget of the key is used up",
        }.get(status, f"the server answered {status}")
        code = _error_code(response)
        # A key without money is answered with 429 too, and waiting does not fill it.
        retryable = (status in (408, 409, 429) or status >= 500) and code != "insufficient_quota"
        return self.failed(f"{remedy}{f' ({code})' if code else ''}", retryable=retryable)

    def _error_in_stream(self, error: Any) -> VendorError:
        kind = _error_kind(error)
        retryable = "invalid" not in kind and kind != "insufficient_quota"
        return self.failed(f"failed while answering{f' ({kind})' if kind else ''}", retryable=retryable)


def _error_code(response: httpx.Response) -> str:
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return ""
    return _error_kind(body.get("error")) if isinstance(body, dict) else ""


def _error_kind(error: Any) -> str:
    """The error's code or type. Its message stays out: it may quote the key or the conversation."""
    return _whole(str(error.get("code") or error.get("type") or ""))[:80] if isinstance(error, dict) else ""


def _count(value: Any) -> int:
    """A bill that cannot be read is no reason to lose the answer it came with."""
    return value if isinstance(value, int) and value > 0 else 0


def _whole(text: str) -> str:
    """Joins the halves of surrogate pairs that stand together; a lone half becomes the replacement character."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _json_object(text: str) -> dict[str, Any] | None:
    try:
        # Twice, because a half may stand in the text itself or as an escape in one of its strings.
        value = json.loads(_whole(json.dumps(json.loads(_whole(text)), ensure_ascii=False)))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _arguments(text: str) -> dict[str, Any] | None:
    return _json_object(text) if text.strip() else {}

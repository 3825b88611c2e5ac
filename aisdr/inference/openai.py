"""Language models behind any address that speaks OpenAI's chat completions: OpenAI, Ollama, vLLM, Bedrock Mantle."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from aisdr.cutoff import CutOff
from aisdr.errors import NotConfigured, VendorError
from aisdr.inference.base import Message, ModelEvent, Prompt
from aisdr.inference.openai_key import authorization
from aisdr.inference.openai_stream import Reading
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
        reading = Reading(self._model)
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

    def _ask(self, prompt: Prompt, headers: dict[str, str], reading: Reading, cut_off: CutOff) -> Iterator[ModelEvent]:
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

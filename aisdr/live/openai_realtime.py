"""OpenAI Realtime: voice calls over WebRTC between the browser and OpenAI, which our server alone sets up and ends."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from aisdr.company import Company
from aisdr.configuration import Mode
from aisdr.errors import Forbidden, InvalidInput
from aisdr.events import LiveEvent, ToolCall
from aisdr.live.base import CallRequest, CallStatus, LiveCall, Notice, RawMessage, ToolOutput
from aisdr.live.openai_realtime_api import VENDOR, RealtimeClient
from aisdr.live.openai_realtime_events import read_event
from aisdr.live.openai_realtime_session import session_of
from aisdr.live.shortened import shortened

MOST_OUTPUT_CHARACTERS = 4000
"""A tool's output is read again, and paid again, with every later turn of the call."""
MOST_TEXT_CHARACTERS = 4000


class OpenAiVoice:
    """The live vendor `openai`: what is heard and said goes over a peer connection, its events over a data channel.

    Only one reply may be on its way at a time; the browser keeps a `response.create` until `response.done`.
    """

    name = VENDOR
    mode: Mode = "voice"
    repeats_typed = False
    tells_end = False
    not_created = "The voice call could not be created: try again in a minute, or go on in text"

    def __init__(self, client: RealtimeClient, minute_price: float) -> None:
        self._client = client
        self.minute_price = minute_price

    def check(self, company: Company) -> None:
        if not company.offers("voice"):
            raise Forbidden("The mode 'voice' is not enabled for this company", code="mode_not_enabled")
        self._client.key()

    def start(self, request: CallRequest) -> LiveCall:
        if request.offer is None:
            raise InvalidInput("'sdpOffer' is missing", code="invalid_sdp")
        call_id, answer = self._client.create(request.offer, session_of(request))
        return LiveCall(call_id, answer=answer)

    def end(self, call_id: str) -> None:
        self._client.hang_up(call_id)

    def forget(self, call_id: str) -> None:
        """OpenAI keeps no record of a call that one could delete."""

    def status(self, call_id: str) -> CallStatus:
        """OpenAI tells nothing about a call. This is asked after its end only, and then our own clock is the bill."""
        return CallStatus(active=False)

    def recorded(self, call_id: str) -> Sequence[Notice]:
        return ()

    def find(self, name: str) -> LiveCall | None:
        """Nothing to look for: calls have no names, and one whose answer was lost never connects and costs nothing."""
        return None

    def read(self, event: Mapping[str, Any]) -> Sequence[LiveEvent]:
        return read_event(event)

    def tool_results(
        self, event: Mapping[str, Any], results: Sequence[tuple[ToolCall, ToolOutput]]
    ) -> list[RawMessage]:
        outputs = [
            _item({"type": "function_call_output", "call_id": call.call_id, "output": _output(output)})
            for call, output in results
        ]
        return [*outputs, _reply()] if outputs else []

    def typed(self, call_id: str, text: str) -> list[RawMessage]:
        return [_message("user", text), _reply()]

    def told(self, call_id: str, text: str) -> list[RawMessage]:
        return [_message("system", text)]

    def spoken(self, call_id: str, text: str) -> list[RawMessage]:
        words = text[:MOST_TEXT_CHARACTERS].replace('"', "'")
        return [_reply({"instructions": f'Say exactly: "{words}"', "tool_choice": "none"})]

    def interrupted(self, call_id: str) -> list[RawMessage]:
        # What was made is not yet heard: without the second message the browser plays on for seconds.
        return [{"type": "response.cancel"}, {"type": "output_audio_buffer.clear"}]

    def read_notice(self, body: Mapping[str, Any]) -> Notice | None:
        return None  # OpenAI has no webhooks for calls from a browser


def _item(item: dict[str, Any]) -> RawMessage:
    return {"type": "conversation.item.create", "item": item}


def _message(role: str, text: str) -> RawMessage:
    content = [{"type": "input_text", "text": text[:MOST_TEXT_CHARACTERS]}]
    return _item({"type": "message", "role": role, "content": content})


def _reply(response: dict[str, Any] | None = None) -> RawMessage:
    return {"type": "response.create"} | ({"response": response} if response else {})


def _output(output: ToolOutput) -> str:
    """JSON text, because OpenAI takes no objects here."""
    result = {"success": output.success, **output.result}
    return _text(shortened(result, lambda each: len(_text(each)) <= MOST_OUTPUT_CHARACTERS))


def _text(result: Mapping[str, Any]) -> str:
    return json.dumps(result, ensure_ascii=False, separators=(",", ":"), default=str)

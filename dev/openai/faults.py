"""Mishaps that a test orders, each for one time."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from dev.openai.refusals import OpenAIError

Kind = Literal[
    "invalid_api_key",
    "insufficient_quota",
    "rate_limit",
    "server_error",
    "slow",
    "session_seconds",
    "drop_channel",
    "duplicate_tool_call",
    "transcription_failed",
    "late_transcription",
]
_AT_CREATION: dict[Kind, tuple[int, str, str, str | None]] = {
    "invalid_api_key": (401, "Incorrect API key provided.", "invalid_request_error", "invalid_api_key"),
    "insufficient_quota": (429, "You exceeded your current quota.", "insufficient_quota", "insufficient_quota"),
    "rate_limit": (429, "Rate limit reached.", "requests", "rate_limit_exceeded"),
    "server_error": (500, "The server had an error while processing your request.", "server_error", None),
}


class Fault(BaseModel):
    """`seconds` says how slow the next creation is (`slow`), or how long the next call may last (`session_seconds`)."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    seconds: float = 5


class Faults:
    """Those still to come."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def take(self, *kinds: Kind) -> Fault | None:
        """The first of these kinds, which then is used up."""
        for fault in self.waiting:
            if fault.kind in kinds:
                self.waiting.remove(fault)
                return fault
        return None

    def refusal(self) -> OpenAIError | None:
        """Of the creation of a call."""
        fault = self.take(*_AT_CREATION)
        if fault is None:
            return None
        status, message, kind, code = _AT_CREATION[fault.kind]
        return OpenAIError(status, message, kind=kind, code=code)

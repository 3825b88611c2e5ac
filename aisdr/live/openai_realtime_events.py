"""What OpenAI says inside a realtime call, in our words.

The browser passes on what it hears on the data channel `oai-events`, so an event may hold anything.
Source: https://developers.openai.com/api/docs/guides/realtime-conversations.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from aisdr.audit import word
from aisdr.events import Begun, CallEnded, LiveEvent, Opened, QualityWarned, Role, Spent, Utterance
from aisdr.live.arguments import as_object, tool_call

MOST_TEXT_CHARACTERS = 8000
_MORE_OF_THE_SAME = {"insufficient_quota", "rate_limit_exceeded"}
"""Failures that the next reply will meet as well; others are a single reply's."""
_KINDS_OF_TOKENS = ("text_tokens", "audio_tokens", "cached_tokens")


def read_event(event: Mapping[str, Any]) -> Sequence[LiveEvent]:
    """Only what means something to us; most of the rest is for the browser's eyes."""
    match event.get("type"):
        case "session.created":
            return [Opened()]
        # Written down by another model, and often later than the reply to it.
        case "conversation.item.input_audio_transcription.completed":
            return _utterance(event, "visitor", event.get("transcript"))
        # Also of a reply that was cut short: then it holds all words that were made until then, heard or not.
        case "response.output_audio_transcript.done":
            return _utterance(event, "assistant", event.get("transcript"))
        case "response.output_text.done":
            return _utterance(event, "assistant", event.get("text"))
        case "aisdr.heard":
            return _heard(event)
        # Where an item begins: its place in the conversation, which its words are told too late to have.
        case "input_audio_buffer.speech_started" | "input_audio_buffer.committed":
            return _begun(event.get("item_id"))
        case "conversation.item.added" | "conversation.item.created":
            item = as_object(event.get("item"))
            return _begun(item.get("id")) if item.get("type") == "message" else []
        case "response.done":
            return _reply(as_object(event.get("response")))
        case "error":
            return _error(as_object(event.get("error")))
        case _:
            return []


def _utterance(event: Mapping[str, Any], role: Role, text: Any) -> list[Utterance]:
    item = event.get("item_id")
    if not isinstance(item, str) or not isinstance(text, str) or not text.strip():
        return []
    # An item may have several parts, each with words of its own.
    part = event.get("content_index")
    key = f"{item}.{part}" if isinstance(part, int) and part > 0 else item
    return [Utterance(role, text.strip()[:MOST_TEXT_CHARACTERS], key[:200], begun=item[:200])]


def _begun(item: Any) -> list[LiveEvent]:
    return [Begun(item[:200])] if isinstance(item, str) and item else []


def _heard(event: Mapping[str, Any]) -> list[LiveEvent]:
    """What was heard of a reply that was cut short.

    The vendor tells milliseconds (`conversation.item.truncated`), and of a hang-up nothing at all: our widget, which
    has seen the words come, makes words of it. `text` ends with an ellipsis, and is only that when nothing was heard.
    """
    return [replace(each, cut=True) for each in _utterance(event, "assistant", event.get("text"))]


def _reply(response: Mapping[str, Any]) -> list[LiveEvent]:
    found: list[LiveEvent] = []
    if response.get("status") == "completed":
        found += _tool_calls(response.get("output"))
    problem = as_object(as_object(response.get("status_details")).get("error"))
    if response.get("status") == "failed":
        found.append(QualityWarned(word(str(problem.get("code") or problem.get("type") or "response_failed"))))
    usage = response.get("usage")
    if isinstance(usage, Mapping):
        name = response.get("id")
        found.append(Spent(_flat(usage), name[:200] if isinstance(name, str) else ""))
    return found


def _tool_calls(output: Any) -> list[LiveEvent]:
    """Those of a reply that ended well: one that was cut short may have stopped inside its arguments."""
    calls: dict[str, LiveEvent] = {}
    for item in map(as_object, output if isinstance(output, list) else ()):
        call_id, name = item.get("call_id"), item.get("name")
        if item.get("type") == "function_call" and isinstance(call_id, str) and isinstance(name, str):
            calls.setdefault(call_id, tool_call(call_id, name, item.get("arguments")))
    return list(calls.values())


def _error(error: Mapping[str, Any]) -> list[LiveEvent]:
    """Most errors leave the call as it is, such as a cancel when nothing was being said."""
    code = error.get("code")
    if code == "session_expired":
        return [CallEnded("time")]
    return [QualityWarned(code)] if isinstance(code, str) and code in _MORE_OF_THE_SAME else []


def _flat(usage: Mapping[str, Any]) -> dict[str, int]:
    """`input_token_details.audio_tokens` becomes `input_audio_tokens`."""
    units = {name: usage.get(name) for name in ("total_tokens", "input_tokens", "output_tokens")}
    for side in ("input", "output"):
        details = as_object(usage.get(f"{side}_token_details"))
        units |= {f"{side}_{name}": details.get(name) for name in _KINDS_OF_TOKENS}
    return {name: value for name, value in units.items() if isinstance(value, int) and _is_count(value)}


def _is_count(value: int) -> bool:
    return not isinstance(value, bool) and 0 <= value < 10**9

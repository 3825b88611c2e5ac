"""The items of a realtime conversation in their order, and what they cost to read."""

import secrets
from collections.abc import Sequence
from typing import Any

from dev.openai.refusals import OpenAIError, wrong

Item = dict[str, Any]

_CHARACTERS_A_TOKEN = 4
_HEARD_MS_A_TOKEN = 100
_SPOKEN_MS_A_TOKEN = 50


class Conversation:
    def __init__(self) -> None:
        self.id = f"conv_{secrets.token_hex(10)}"
        self.items: list[Item] = []
        self.sound_ms: dict[str, int] = {}
        """How long the sound of an item lasts: of a visitor's what was heard, of ours what was spoken."""
        self.heard: dict[str, str] = {}
        """The words in a visitor's sound. An item shows them only when transcription is configured."""
        self._read_before = (0, 0)

    def add(self, item: Item, after: str | None = None) -> str | None:
        """Answers the id of the item before it.

        Raises: OpenAIError, when `after` names none.
        """
        at = len(self.items)
        if after == "root":
            at = 0
        elif after is not None:
            at = self.items.index(self.find(after, "previous_item_id")) + 1
        self.items.insert(at, item)
        return self.before(item)

    def before(self, item: Item) -> str | None:
        at = self.items.index(item)
        return self.items[at - 1]["id"] if at else None

    def understood(self) -> list[Item]:
        """As a model takes it in, which hears words with or without transcription."""
        return [
            {**item, "content": [{"type": "input_text", "text": self.heard[item["id"]]}]}
            if item["id"] in self.heard
            else item
            for item in self.items
        ]

    def find(self, item_id: str, param: str = "item_id") -> Item:
        """Raises: OpenAIError."""
        for item in self.items:
            if item["id"] == item_id:
                return item
        raise wrong(param, f"Item with item_id '{item_id}' not found.", "item_not_found")

    def made(self, given: Item) -> Item:
        """An item a client asks for, as it stands in the conversation.

        Raises: OpenAIError.
        """
        item = {**given, "id": given.get("id") or new_id("item"), "object": "realtime.item", "status": "completed"}
        if any(other["id"] == item["id"] for other in self.items):
            raise wrong("item.id", f"Item with id '{item['id']}' already exists.", "item_already_exists")
        if item["type"] == "function_call_output" and not any(
            other["type"] == "function_call" and other["call_id"] == item["call_id"] for other in self.items
        ):
            message = f"Tool call ID '{item['call_id']}' not found in conversation."
            raise wrong("item.call_id", message, "invalid_tool_call_id")
        if item["type"] not in ("message", "function_call", "function_call_output"):
            raise wrong("item.type", f"Items of type '{item['type']}' cannot be created here.", "invalid_value")
        for at, part in enumerate(item.get("content") or ()):
            if part.get("type") == "output_audio":
                message = "Assistant audio cannot be created by a client."
                raise wrong(f"item.content[{at}].type", message, "invalid_value")
        return item

    def delete(self, item_id: str) -> None:
        """Raises: OpenAIError."""
        self.items.remove(self.find(item_id))

    def truncate(self, item_id: str, audio_end_ms: int) -> None:
        """Forgets what nobody heard of a spoken message.

        Raises: OpenAIError.
        """
        item = self.find(item_id)
        lasts = self.sound_ms.get(item_id)
        if item.get("role") != "assistant" or lasts is None:
            raise OpenAIError(400, "Only model output audio messages can be truncated.", code="invalid_value")
        if audio_end_ms > lasts:
            message = f"Audio content of {lasts}ms is already shorter than {audio_end_ms}ms"
            raise wrong("audio_end_ms", message, "invalid_value")
        part = item["content"][0]
        part["transcript"] = first_words(part["transcript"], audio_end_ms / max(1, lasts))
        self.sound_ms[item_id] = audio_end_ms

    def usage(self, tools: Sequence[Any], instructions: str, output: Sequence[Item]) -> dict[str, Any]:
        """All that came before is read again for every response; what was read last time is cached."""
        read = [item for item in self.items if item not in output]
        text_in = _text_tokens(f"{instructions}{list(tools)}") + sum(self._words(item) for item in read)
        sound_in = sum(self._sound(item) for item in read)
        cached = min(self._read_before[0], text_in), min(self._read_before[1], sound_in)
        self._read_before = text_in, sound_in
        text_out, sound_out = sum(map(self._words, output)), sum(map(self._sound, output))
        return {
            "total_tokens": text_in + sound_in + text_out + sound_out,
            "input_tokens": text_in + sound_in,
            "output_tokens": text_out + sound_out,
            "input_token_details": {
                "text_tokens": text_in,
                "audio_tokens": sound_in,
                "image_tokens": 0,
                "cached_tokens": sum(cached),
                "cached_tokens_details": {"text_tokens": cached[0], "audio_tokens": cached[1], "image_tokens": 0},
            },
            "output_token_details": {"text_tokens": text_out, "audio_tokens": sound_out},
        }

    def _words(self, item: Item) -> int:
        parts = item.get("content") or ()
        spoken = "".join(part.get("text") or part.get("transcript") or "" for part in parts)
        return _text_tokens(spoken + str(item.get("output") or "") + str(item.get("arguments") or ""))

    def _sound(self, item: Item) -> int:
        a_token = _HEARD_MS_A_TOKEN if item.get("role") == "user" else _SPOKEN_MS_A_TOKEN
        return self.sound_ms.get(item["id"], 0) // a_token


def first_words(text: str, share: float) -> str:
    words = text.split()
    return " ".join(words[: int(len(words) * min(1.0, share))])


def new_id(kind: str) -> str:
    return f"{kind}_{secrets.token_hex(10)}"


def _text_tokens(text: str) -> int:
    return -(-len(text) // _CHARACTERS_A_TOKEN)

"""The scripted tool-calling model: OpenAI's address, and behind it somebody who follows the script.

It looks up what the script says, reads the passages of the prompt, quotes the sentence that holds the script's words
with the passage's number, and calls the tools that the script names. It knows nothing that it is not given.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.conversations.script import ModelTurn, Script
from dev.openai.app import create_app
from dev.openai.replies import Reply, ScriptedCall
from dev.serve import serving

_PASSAGE = re.compile(r'<passage number="(\d+)"[^>]*>\n(.*?)\n</passage>', re.DOTALL)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


class ScriptedModel:
    """Knows every script by what its visitor says."""

    def __init__(self, scripts: list[Script]) -> None:
        self._turns = {turn.say: turn.model for script in scripts for turn in script.turns}

    def reply(self, body: dict[str, Any]) -> Reply:
        """The next reply to a request of chat completions."""
        messages = body["messages"]
        asked = next(message["content"] for message in reversed(messages) if message["role"] == "user")
        turn = self._turns.get(asked)
        if turn is None or not body.get("tools"):
            return self._without_tools(asked, turn)
        since = _since_the_question(messages)
        if not any(message["role"] == "tool" for message in since):
            if turn.search:
                return Reply(tool_calls=[ScriptedCall(name="search_knowledge", arguments={"query": turn.search})])
            if turn.tool:
                return Reply(tool_calls=[ScriptedCall(name=turn.tool, arguments=turn.arguments)])
        return Reply(text=_words(turn, str(messages[0]["content"])))

    def _without_tools(self, asked: str, turn: ModelTurn | None) -> Reply:
        """A request without tools is one for a better query or for a summary."""
        known = turn or next((model for say, model in self._turns.items() if say in asked), None)
        return Reply(text=(known.search if known and known.search else asked)[:200])


def _since_the_question(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    last = max(at for at, message in enumerate(messages) if message["role"] == "user")
    return messages[last:]


def _words(turn: ModelTurn, system: str) -> str:
    parts = [turn.refuse or turn.text or turn.plain or ""]
    if turn.quote:
        number, sentence = _quoted(turn.quote, system)
        # Words of its own, or in another language, carry the number of the passage that they rest on.
        parts = [f"{turn.text or sentence} [{number}]" if number else "I don't have that in my material."]
    if turn.invent:
        parts.append(turn.invent)
    return " ".join(part for part in parts if part)


def _quoted(words: str, system: str) -> tuple[str | None, str]:
    for number, text in _PASSAGE.findall(system):
        for sentence in _SENTENCE.split(text):
            if words.lower() in sentence.lower() and "|" not in sentence:
                return number, sentence.strip("#*- ")
        if words.lower() in text.lower():
            return number, words
    return None, ""


@contextmanager
def scripted_model(scripts: list[Script]) -> Iterator[str]:
    """Yields the base URL of the model."""
    model = ScriptedModel(scripts)
    with serving(create_app(models=("scripted",), answering=model.reply)) as url:
        yield f"{url}/v1"

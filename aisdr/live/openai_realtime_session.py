"""What a realtime session is told when it begins: who it is, how it listens and sounds, which tools it has."""

from typing import Any

from aisdr.company import Company
from aisdr.configuration import primary
from aisdr.live.base import CallRequest
from aisdr.live.spoken import earlier, spoken_rules

SPOKEN_TOKENS = 2000
"""The longest reply: the model counts twenty tokens for a second of its own speech, so this is more than a minute."""
KEPT_TOKENS = 16_000
"""Every turn reads the whole conversation again; beyond this the oldest turns are dropped and not paid for."""
_SEVERAL_LANGUAGES = ("gpt-transcribe", "gpt-live-transcribe")
"""Transcription models that take more than one language."""


def session_of(request: CallRequest) -> dict[str, Any]:
    """The `session` part of `POST /realtime/calls`."""
    chosen = request.company.realtime
    turns: dict[str, Any] = {"type": chosen.turn_detection, "create_response": True, "interrupt_response": True}
    if chosen.turn_detection == "semantic_vad":
        turns["eagerness"] = chosen.eagerness
    return {
        "type": "realtime",
        "model": chosen.model,
        "instructions": instructions(request),
        "output_modalities": ["audio"],
        "audio": {
            "input": {
                "transcription": {"model": chosen.transcription_model} | _languages(request.company),
                "noise_reduction": {"type": chosen.noise_reduction},
                "turn_detection": turns,
            },
            "output": {"voice": chosen.voice},
        },
        "tools": [
            {"type": "function", "name": tool.name, "description": tool.description, "parameters": tool.parameters}
            for tool in request.tools
        ],
        "tool_choice": "auto",
        "max_output_tokens": SPOKEN_TOKENS,
        "truncation": {
            "type": "retention_ratio",
            "retention_ratio": 0.8,
            "token_limits": {"post_instructions": KEPT_TOKENS},
        },
    }


def instructions(request: CallRequest) -> str:
    """Who it is, the rules, the languages, and what was said before as a record."""
    company = request.company
    rules = "\n".join(f"- {rule}" for rule in (*spoken_rules(company), _speaks(company)))
    parts = [
        company.introduction(),
        f"You speak with a visitor of the company's website, by voice. {company.disclosure}",
        rules,
    ]
    if company.qualification.criteria:
        criteria = "; ".join(company.qualification.criteria)
        parts.append(f"A good lead: {criteria}. Find out one of these at a time, when it fits.")
    parts.append(earlier(request.context))
    return "\n\n".join(part for part in parts if part)


def _speaks(company: Company) -> str:
    first, *others = company.languages or ("en",)
    also = f", or in {', '.join(others)} when the visitor does" if others else ""
    return f"Speak in the language with the code '{first}'{also}. If the visitor speaks another one, answer in theirs."


def _languages(company: Company) -> dict[str, Any]:
    """A single language makes hearing better and faster; of several, most models must find out by themselves."""
    codes = list(dict.fromkeys(primary(tag) for tag in company.languages))
    if len(codes) == 1:
        return {"language": codes[0]}
    return {"languages": codes} if codes and company.realtime.transcription_model in _SEVERAL_LANGUAGES else {}

"""What the OpenAI adapter makes of answers that no documented server would give."""

import json
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aisdr.errors import VendorError
from aisdr.inference.base import Message, ModelEvent, Prompt, TextDelta, ToolRequest, Usage
from aisdr.inference.openai import OpenAi
from aisdr.secret import Secret
from dev.openai import KEY, Reply, create_app
from dev.serve import serving

QUESTION = Prompt("You represent Quillbase.", (Message("user", "What does Growth cost?"),))


def asked(url: str) -> list[ModelEvent]:
    return list(OpenAi(f"{url}/v1", Secret(KEY), "gpt-local").stream(QUESTION))


def answered(chunks: list[Any]) -> list[ModelEvent]:
    """What is understood of a stream of these chunks."""
    with serving(create_app(replies=[Reply(chunks=chunks)])) as url:
        return asked(url)


def said(events: list[ModelEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def delta(**fields: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": None}]}


def arguments(text: str) -> dict[str, Any]:
    return delta(tool_calls=[{"index": 0, "id": "call_1", "function": {"name": "log_lead", "arguments": text}}])


@pytest.mark.parametrize(
    "chunk",
    [
        "null",
        "[" * 100_000,
        {"choices": ["x"]},
        {"choices": {}},
        {"choices": {"delta": {"content": "x"}}},
        {"choices": "x"},
        {"choices": [{"delta": "x"}]},
        {"choices": [{"delta": {}, "finish_reason": 1}]},
        delta(content=5),
        delta(content=["x"]),
        delta(refusal={"text": "x"}),
        delta(tool_calls="x"),
        delta(tool_calls=["x"]),
        delta(tool_calls=[{"function": "x"}]),
        delta(tool_calls=[{"id": ["x"]}]),
        delta(tool_calls=[{"index": "x"}]),
        delta(tool_calls=[{"function": {"arguments": 1}}]),
        {"error": ["x"]},
        {"error": {"code": {"x": "\ud800"}}},
    ],
    ids=lambda chunk: json.dumps(chunk)[:60],
)
def test_an_answer_of_another_shape_is_the_vendors_failure(chunk: Any) -> None:
    with pytest.raises(VendorError) as failure:
        answered([chunk])

    assert failure.value.vendor == "openai"
    assert failure.value.retryable
    assert failure.value.message.encode()


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'"x"', b'{"error": "x"}', b'{"error": {"code": "\\ud800"}}', b"\xff"]
)
def test_a_refusal_of_another_shape_is_the_vendors_failure(body: bytes) -> None:
    async def refuse(_: Request) -> Response:
        return Response(body, 500)

    with (
        serving(Starlette(routes=[Route("/v1/chat/completions", refuse, methods=["POST"])])) as url,
        pytest.raises(VendorError, match="answered 500") as failure,
    ):
        asked(url)

    assert failure.value.message.encode()


def test_what_says_it_is_compressed_and_is_not_is_the_vendors_failure() -> None:
    async def lie(_: Request) -> Response:
        return Response(b"data: [DONE]", headers={"content-encoding": "gzip"})

    with (
        serving(Starlette(routes=[Route("/v1/chat/completions", lie, methods=["POST"])])) as url,
        pytest.raises(VendorError, match="broke off"),
    ):
        asked(url)


@pytest.mark.parametrize("usage", [{"prompt_tokens": "x", "completion_tokens": [1]}, {"prompt_tokens": -1}, "x", [1]])
def test_a_bill_that_cannot_be_read_does_not_spoil_the_answer(usage: Any) -> None:
    chunks = [delta(content="Growth costs $149."), {"choices": [], "usage": usage}]

    assert answered(chunks) == [TextDelta("Growth costs $149."), Usage()]


def test_fields_that_nobody_knows_and_fields_that_are_null_do_no_harm() -> None:
    chunks = [
        {"choices": None, "usage": None, "error": None},
        delta(content=None, refusal=None, tool_calls=None, reasoning={"steps": []}),
        {"choices": [{"delta": {}, "message": {"content": "Yes."}}], "x_extra": [1]},
    ]

    assert said(answered(chunks)) == "Yes."


@pytest.mark.parametrize(
    ("pieces", "heard"),
    [
        (["Welcome \ud83d", "\ude00!"], "Welcome 😀!"),
        (["\ud83d", "\ude00"], "😀"),
        (["Welcome \ud83d", "!"], "Welcome \ufffd!"),
        (["\ude00 welcome"], "\ufffd welcome"),
        (["Welcome \ud83d"], "Welcome \ufffd"),
        (["\ud83d"], "\ufffd"),
    ],
)
def test_a_character_in_two_chunks_is_joined_and_a_lone_half_is_replaced(pieces: list[str], heard: str) -> None:
    chunks = [delta(content=piece) for piece in pieces]

    events = answered(chunks)

    assert said(events) == heard
    assert all(event.text.encode() for event in events if isinstance(event, TextDelta))


@pytest.mark.parametrize(
    ("pieces", "read"),
    [
        (['{"name": "Ana \ud83d', '\ude00"}'], {"name": "Ana 😀"}),
        (['{"name": "Ana \ud83d"}'], {"name": "Ana \ufffd"}),
        (['{"name": "Ana \\ud83d"}'], {"name": "Ana \ufffd"}),
        (['{"name": "Ana \\ud83d\\ude00"}'], {"name": "Ana 😀"}),
    ],
)
def test_halves_of_characters_do_not_reach_a_tool(pieces: list[str], read: dict[str, str]) -> None:
    chunks = [arguments(piece) for piece in pieces]

    [request, _] = answered(chunks)

    assert request == ToolRequest("call_1", "log_lead", read)


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85", "\x7f"])
def test_only_a_line_feed_ends_a_line(separator: str) -> None:
    chunk = json.dumps(delta(content=f"One{separator}two"), ensure_ascii=False)

    assert said(answered([chunk])) == f"One{separator}two"

"""What we send as chat completions, held against the types of the vendor's own client."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from openai.types.chat.completion_create_params import CompletionCreateParamsStreaming
from pydantic import TypeAdapter, ValidationError

from aisdr.configuration import ModelChoice
from aisdr.inference.base import Message, Prompt, ToolRequest, ToolSpec
from aisdr.inference.openai import OpenAi
from aisdr.secret import Secret
from aisdr.services import Services

REQUEST: TypeAdapter[Any] = TypeAdapter(CompletionCreateParamsStreaming)
SHOW = ToolSpec("show_visual", "Shows a picture.", {"type": "object", "properties": {"query": {"type": "string"}}})
CALL = ToolRequest("call_1", "show_visual", {"query": "dashboard"})
QUESTION = Message("user", "What does Growth cost?")
PROMPTS = {
    "a question": Prompt("You represent Quillbase.", (QUESTION,)),
    "no instructions": Prompt("", (QUESTION,)),
    "tools": Prompt("You represent Quillbase.", (QUESTION,), tools=(SHOW,)),
    "a tool was used": Prompt(
        "You represent Quillbase.",
        (
            QUESTION,
            Message("assistant", "", (CALL,)),
            Message("tool", '{"say": "Here."}', call_id="call_1"),
            Message("assistant", "Look.", (ToolRequest("call_2", "show_visual", None),)),
            Message("tool", "{}", call_id="call_2"),
        ),
    ),
}


def check(request: Mapping[str, Any]) -> None:
    """Raises what does not fit. The client's types read lists lazily, so they are read to their ends."""
    unknown = request.keys() - CompletionCreateParamsStreaming.__annotations__.keys()
    assert not unknown
    _read(REQUEST.validate_python(request))


def _read(value: Any) -> None:
    if isinstance(value, Mapping):
        for inner in value.values():
            _read(inner)
    elif isinstance(value, list) or (hasattr(value, "__next__") and not isinstance(value, str)):
        for inner in value:
            _read(inner)


def model(**options: Any) -> OpenAi:
    return OpenAi("http://127.0.0.1:9/v1", Secret("key"), "gpt-local", options=options)


@pytest.mark.parametrize("prompt", PROMPTS.values(), ids=PROMPTS)
def test_every_request_fits_the_vendors_own_types(prompt: Prompt) -> None:
    check(model().request(prompt))
    check(model(temperature=0.2).request(prompt))


def spoiled() -> Iterator[dict[str, Any]]:
    request = model().request(PROMPTS["a tool was used"])
    yield request | {"messages": [{"role": "nobody", "content": "x"}]}
    yield request | {"max_completion_tokens": "many"}
    yield request | {"tools": [{"type": "function", "function": {"title": "no name"}}]}


@pytest.mark.parametrize("request_", list(spoiled()), ids=["role", "tokens", "tool"])
def test_the_check_sees_what_does_not_fit(request_: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        check(request_)


def test_sampling_is_left_to_the_provider_unless_the_operator_sets_it(services: Services) -> None:
    plain = services.model(ModelChoice(provider="openai", model="m"))
    cool = services.model(ModelChoice(provider="openai", model="m", temperature=0))
    bedrock = services.model(ModelChoice(provider="bedrock", model="m", temperature=0.3))
    untouched = services.model(ModelChoice(provider="bedrock", model="m"))

    prompt: Any = PROMPTS["a question"]
    requests: list[Any] = [each.request(prompt) for each in (plain, cool, bedrock, untouched)]  # type: ignore[attr-defined]

    assert "temperature" not in requests[0]
    assert requests[1]["temperature"] == 0
    assert requests[2]["inferenceConfig"]["temperature"] == 0.3
    assert "temperature" not in requests[3]["inferenceConfig"]

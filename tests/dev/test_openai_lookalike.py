"""The OpenAI look-alike, asked by the vendor's own client."""

from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest

from dev.openai import UNSCRIPTED, OpenAILookalike, Reply, ScriptedCall, create_app
from dev.serve import serving

ASK: list[Any] = [{"role": "user", "content": "Hello?"}]
TOOL: Any = {"type": "function", "function": {"name": "show_visual", "parameters": {"type": "object"}}}


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, OpenAILookalike]]:
    app = create_app()
    with serving(app) as address:
        yield address, app.state.lookalike


@pytest.fixture
def lookalike(server: tuple[str, OpenAILookalike]) -> OpenAILookalike:
    server[1].script.clear()
    server[1].requests.clear()
    return server[1]


@pytest.fixture
def client(server: tuple[str, OpenAILookalike]) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{server[0]}/v1", api_key="sk-local", max_retries=0)


def test_without_a_script_it_says_what_it_is(client: openai.OpenAI, lookalike: OpenAILookalike) -> None:
    answer = client.chat.completions.create(model="gpt-local", messages=ASK)

    assert answer.choices[0].message.content == UNSCRIPTED
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_the_vendors_client_reads_a_streamed_answer_and_its_usage(
    client: openai.OpenAI, lookalike: OpenAILookalike
) -> None:
    lookalike.script.append(Reply(text="Growth costs $149."))

    chunks = list(
        client.chat.completions.create(
            model="gpt-local", messages=ASK, stream=True, stream_options={"include_usage": True}
        )
    )

    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "Growth costs $149."
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None


def test_the_vendors_client_puts_a_streamed_tool_call_together(
    client: openai.OpenAI, lookalike: OpenAILookalike
) -> None:
    lookalike.script.append(Reply(tool_calls=[ScriptedCall(name="show_visual", arguments={"query": "the dashboard"})]))

    with client.chat.completions.stream(model="gpt-local", messages=ASK, tools=[TOOL]) as stream:
        answer = stream.get_final_completion()

    [call] = answer.choices[0].message.tool_calls or []
    assert answer.choices[0].finish_reason == "tool_calls"
    assert (call.function.name, call.function.arguments) == ("show_visual", '{"query": "the dashboard"}')


def test_keys_models_and_limits_are_refused_as_the_vendor_refuses_them(
    client: openai.OpenAI, lookalike: OpenAILookalike
) -> None:
    lookalike.script.append(Reply(status=429, code="rate_limit_exceeded", retry_after=3))

    with pytest.raises(openai.RateLimitError) as limited:
        client.chat.completions.create(model="gpt-local", messages=ASK)
    with pytest.raises(openai.AuthenticationError) as stranger:
        client.with_options(api_key="sk-wrong").chat.completions.create(model="gpt-local", messages=ASK)
    with pytest.raises(openai.NotFoundError) as missing:
        client.chat.completions.create(model="gpt-9", messages=ASK)

    assert limited.value.response.headers["retry-after"] == "3"
    assert limited.value.code == "rate_limit_exceeded"
    assert stranger.value.code == "invalid_api_key"
    assert missing.value.code == "model_not_found"


def test_an_error_inside_a_stream_reaches_the_vendors_client(client: openai.OpenAI, lookalike: OpenAILookalike) -> None:
    lookalike.script.append(Reply(text="Growth costs", breaks="error"))

    with pytest.raises(openai.APIError, match="had an error"):
        list(client.chat.completions.create(model="gpt-local", messages=ASK, stream=True))


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "visitor", "content": "Hi"}]}, "messages.[0].role"),
        ({"messages": [{"role": "user", "content": None}]}, "messages.[0].content"),
        ({"messages": [*ASK, {"role": "tool", "tool_call_id": "call_1", "content": "{}"}]}, "messages.[1].role"),
        ({"tools": []}, "tools"),
        ({"tools": [{"type": "function", "function": {"name": "show visual"}}]}, "tools[0].function.name"),
        ({"max_tokens": 5, "max_completion_tokens": 5}, "max_tokens"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
    ],
)
def test_a_wrong_request_is_refused_with_the_name_of_its_parameter(
    server: tuple[str, OpenAILookalike], change: dict[str, Any], param: str
) -> None:
    body = {"model": "gpt-local", "messages": ASK} | change

    answer = httpx.post(f"{server[0]}/v1/chat/completions", json=body, headers={"Authorization": "Bearer sk-local"})

    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == param
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_a_tool_call_that_nobody_answered_is_refused(client: openai.OpenAI) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "show_visual", "arguments": "{}"}}
    turns: Any = [*ASK, {"role": "assistant", "content": None, "tool_calls": [call]}, *ASK]

    with pytest.raises(openai.BadRequestError, match="call_1"):
        client.chat.completions.create(model="gpt-local", messages=turns)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/models"),
        ("POST", "/v1/chat/completions"),
        ("POST", "/v1/audio/speech"),
        ("POST", "/v1/realtime/client_secrets"),
        ("POST", "/v1/realtime/calls"),
        ("POST", "/v1/realtime/calls/rtc_1/hangup"),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer sk-wrong"}, {"Authorization": "Basic sk-local"}])
def test_nothing_is_answered_without_the_key(
    server: tuple[str, OpenAILookalike], method: str, path: str, headers: dict[str, str]
) -> None:
    answer = httpx.request(method, f"{server[0]}{path}", headers=headers)

    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_the_journal_tells_what_was_asked(server: tuple[str, OpenAILookalike], client: openai.OpenAI) -> None:
    httpx.post(f"{server[0]}/_lookalike/reset")

    client.chat.completions.create(model="gpt-local", messages=ASK)

    journal = httpx.get(f"{server[0]}/_lookalike/requests").json()
    body = {"model": "gpt-local", "messages": ASK}
    assert journal == [{"method": "POST", "path": "/v1/chat/completions", "body": body}]


def test_its_models_can_be_listed(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["gpt-local", "gpt-local-mini"]
    assert client.models.retrieve("gpt-local").id == "gpt-local"


def test_a_script_can_be_given_and_read_back_over_http(
    server: tuple[str, OpenAILookalike], lookalike: OpenAILookalike
) -> None:
    accepted = httpx.post(f"{server[0]}/_lookalike/replies", json=[{"text": "One."}, {"status": 500}])
    refused = httpx.post(f"{server[0]}/_lookalike/replies", json=[{"txet": "One."}])

    assert accepted.json() == {"waiting": 2}
    assert refused.status_code == 422


def test_an_unknown_address_is_answered_in_the_vendors_shape(server: tuple[str, OpenAILookalike]) -> None:
    answer = httpx.get(f"{server[0]}/v1/engines")

    assert answer.status_code == 404
    assert "Invalid URL" in answer.json()["error"]["message"]

"""The Bedrock adapter: requests checked against AWS's own service model, answers as the documented stream of events."""

from collections.abc import Iterator, Sequence
from typing import Any

import boto3
import botocore.session
import pytest
import urllib3.exceptions
from botocore.exceptions import ClientError, EndpointConnectionError, EventStreamError, NoCredentialsError
from botocore.validate import ParamValidator

from aisdr.errors import NotConfigured, VendorError
from aisdr.inference.base import Message, ModelEvent, Prompt, TextDelta, ToolRequest, ToolSpec, Usage
from aisdr.inference.bedrock import CLIENT_CONFIG, Bedrock

INPUT = (
    botocore.session.get_session().get_service_model("bedrock-runtime").operation_model("ConverseStream").input_shape
)
SHOW = ToolSpec("show_visual", "Shows a picture.", {"type": "object", "properties": {"query": {"type": "string"}}})
QUESTION = Prompt("You represent Quillbase.", (Message("user", "What does Growth cost?"),), tools=(SHOW,))
CALL = ToolRequest("call/1", "show_visual", {"query": "dashboard"})
BILL = {
    "metadata": {"usage": {"inputTokens": 812, "outputTokens": 9, "totalTokens": 821}, "metrics": {"latencyMs": 700}}
}


class RecordedBedrock:
    """Stands where the SDK's client stands: keeps the request and plays an event stream, or an error in its place."""

    def __init__(self, events: Sequence[Any] = ()) -> None:
        self.events = events
        self.request: dict[str, Any] = {}

    def converse_stream(self, **request: Any) -> dict[str, Any]:
        assert INPUT is not None
        report = ParamValidator().validate(request, INPUT)
        assert not report.has_errors(), report.generate_report()
        self.request = request
        if len(self.events) == 1 and isinstance(self.events[0], Exception):
            raise self.events[0]
        return {"stream": self._play()}

    def _play(self) -> Iterator[Any]:
        for event in self.events:
            if isinstance(event, Exception):
                raise event
            yield event


def model(*events: Any, name: str = "us.amazon.nova-2-lite-v1:0", **options: Any) -> tuple[Bedrock, RecordedBedrock]:
    recorded = RecordedBedrock(events)
    client: Any = recorded
    return Bedrock(client, name, options=options), recorded


def text(*pieces: str) -> list[dict[str, Any]]:
    deltas = [{"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"text": piece}}} for piece in pieces]
    return [{"messageStart": {"role": "assistant"}}, *deltas, {"contentBlockStop": {"contentBlockIndex": 0}}]


def tool(at: int, *pieces: str) -> list[dict[str, Any]]:
    start = {"contentBlockIndex": at, "start": {"toolUse": {"toolUseId": f"tooluse_{at}", "name": "show_visual"}}}
    return [
        {"contentBlockStart": start},
        *({"contentBlockDelta": {"contentBlockIndex": at, "delta": {"toolUse": {"input": piece}}}} for piece in pieces),
        {"contentBlockStop": {"contentBlockIndex": at}},
    ]


def stop(reason: str = "end_turn") -> dict[str, Any]:
    return {"messageStop": {"stopReason": reason}}


def client_error(code: str, message: str = "no") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "ConverseStream")


def stream_error(code: str) -> EventStreamError:
    return EventStreamError({"Error": {"Code": code, "Message": "no"}}, "ConverseStream")


def test_an_answer_is_streamed_and_the_bill_after_its_end_is_read() -> None:
    bedrock, _ = model(*text("Growth costs ", "$149."), stop(), BILL)

    events = list(bedrock.stream(QUESTION))

    assert events == [TextDelta("Growth costs "), TextDelta("$149."), Usage(812, 9)]


def test_the_request_has_system_tools_and_limit_and_no_sampling_settings() -> None:
    bedrock, recorded = model(*text("Yes."), stop(), BILL)

    list(bedrock.stream(QUESTION))

    assert recorded.request == {
        "modelId": "us.amazon.nova-2-lite-v1:0",
        "system": [{"text": "You represent Quillbase."}],
        "messages": [{"role": "user", "content": [{"text": "What does Growth cost?"}]}],
        "inferenceConfig": {"maxTokens": 700},
        "toolConfig": {
            "tools": [
                {
                    "toolSpec": {
                        "name": "show_visual",
                        "description": "Shows a picture.",
                        "inputSchema": {"json": SHOW.parameters},
                    }
                }
            ]
        },
    }


def test_settings_of_the_company_reach_the_request() -> None:
    guardrail = {"guardrailIdentifier": "abc123", "guardrailVersion": "1"}
    bedrock, recorded = model(*text("Yes."), stop(), temperature=0.1, guardrailConfig=guardrail)

    list(bedrock.stream(QUESTION))

    assert recorded.request["inferenceConfig"] == {"maxTokens": 700, "temperature": 0.1}
    assert recorded.request["guardrailConfig"] == guardrail


def test_tool_input_is_read_when_its_block_is_complete() -> None:
    bedrock, _ = model(
        *text("One moment. "), *tool(1, '{"que', 'ry": "dash', 'board"}'), *tool(2), stop("tool_use"), BILL
    )

    events = list(bedrock.stream(QUESTION))

    assert events[1:3] == [
        ToolRequest("tooluse_1", "show_visual", {"query": "dashboard"}),
        ToolRequest("tooluse_2", "show_visual", {}),
    ]


def test_tool_input_that_cannot_be_read_is_reported_as_none() -> None:
    bedrock, _ = model(*tool(0, '{"query": '), stop("tool_use"))

    assert next(bedrock.stream(QUESTION)) == ToolRequest("tooluse_0", "show_visual", None)


def test_a_tools_result_is_the_next_user_message() -> None:
    bedrock, recorded = model(*text("Here."), stop())
    turns = (
        *QUESTION.messages,
        Message("assistant", "Let me look.", tool_requests=(CALL,)),
        Message("tool", '{"say": "Here it is."}', call_id="call/1"),
        Message("user", "And the price?"),
    )

    list(bedrock.stream(Prompt("", turns, tools=(SHOW,))))

    assert recorded.request["messages"][1:] == [
        {
            "role": "assistant",
            "content": [
                {"text": "Let me look."},
                {"toolUse": {"toolUseId": "call-1", "name": "show_visual", "input": {"query": "dashboard"}}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"toolResult": {"toolUseId": "call-1", "content": [{"text": '{"say": "Here it is."}'}]}},
                {"text": "And the price?"},
            ],
        },
    ]
    assert "system" not in recorded.request


def roles(turns: tuple[Message, ...]) -> list[tuple[str, list[str]]]:
    bedrock, recorded = model(*text("Yes."), stop())
    list(bedrock.stream(Prompt("s", turns)))
    return [
        (message["role"], [next(iter(block)) for block in message["content"]])
        for message in recorded.request["messages"]
    ]


def test_messages_take_turns_and_begin_with_the_visitor() -> None:
    greeting, hi = Message("assistant", "Hello!"), Message("user", "Hi")

    assert roles((greeting, hi)) == [("user", ["text"])]
    assert roles((hi, hi)) == [("user", ["text", "text"])]
    assert roles((hi, greeting, greeting, Message("user", " "), hi)) == [
        ("user", ["text"]),
        ("assistant", ["text", "text"]),
        ("user", ["text"]),
    ]


def test_a_tool_that_never_answered_is_reported_as_failed_and_an_answer_nobody_asked_for_is_dropped() -> None:
    asked = Message("assistant", "", tool_requests=(CALL,))

    assert roles((Message("user", "Hi"), asked, Message("user", "Well?"))) == [
        ("user", ["text"]),
        ("assistant", ["toolUse"]),
        ("user", ["toolResult", "text"]),
    ]
    assert roles((Message("user", "Hi"), Message("tool", "{}", call_id="other"))) == [("user", ["text"])]


def test_a_history_with_tool_uses_names_its_tools_even_when_none_is_offered() -> None:
    bedrock, recorded = model(*text("Yes."), stop())
    turns = (
        Message("user", "Hi"),
        Message("assistant", "", tool_requests=(CALL,)),
        Message("tool", "", call_id="call/1"),
    )

    list(bedrock.stream(Prompt("s", turns)))

    assert [spec["toolSpec"]["name"] for spec in recorded.request["toolConfig"]["tools"]] == ["show_visual"]


@pytest.mark.parametrize(
    ("error", "retryable"),
    [
        (client_error("ThrottlingException"), True),
        (client_error("ServiceUnavailableException"), True),
        (client_error("ModelNotReadyException"), True),
        (client_error("ModelTimeoutException"), True),
        (client_error("AccessDeniedException"), False),
        (client_error("ValidationException"), False),
        (EndpointConnectionError(endpoint_url="https://bedrock"), True),
    ],
)
def test_a_refusal_says_whether_trying_again_makes_sense(error: Exception, retryable: bool) -> None:
    bedrock, _ = model(error)

    with pytest.raises(VendorError) as failure:
        list(bedrock.stream(QUESTION))

    assert failure.value.vendor == "bedrock"
    assert failure.value.retryable is retryable


@pytest.mark.parametrize(
    "error",
    [
        stream_error("throttlingException"),
        stream_error("modelStreamErrorException"),
        urllib3.exceptions.ProtocolError("cut"),
    ],
)
def test_an_error_inside_the_stream_is_retryable_only_before_the_first_word(error: Exception) -> None:
    before, _ = model({"messageStart": {"role": "assistant"}}, error)
    after, _ = model(*text("Growth "), error)

    with pytest.raises(VendorError) as early:
        list(before.stream(QUESTION))
    with pytest.raises(VendorError) as late:
        list(after.stream(QUESTION))

    assert early.value.retryable
    assert not late.value.retryable


@pytest.mark.parametrize(
    ("end", "retryable"),
    [([], True), ([stop("malformed_tool_use")], True), ([stop("content_filtered")], False)],
)
def test_an_answer_without_a_good_end_is_an_error(end: list[Any], retryable: bool) -> None:
    bedrock, _ = model({"messageStart": {"role": "assistant"}}, *end)

    with pytest.raises(VendorError) as failure:
        list(bedrock.stream(QUESTION))

    assert failure.value.retryable is retryable


def test_a_model_that_needs_an_inference_profile_is_told_apart() -> None:
    complaint = "Invocation of model ID x with on-demand throughput isn't supported."
    bedrock, _ = model(client_error("ValidationException", complaint), name="amazon.nova-premier-v1:0")

    with pytest.raises(VendorError, match="inference profile"):
        list(bedrock.stream(QUESTION))


def test_missing_credentials_and_a_missing_model_are_the_operators_to_mend() -> None:
    no_credentials, _ = model(NoCredentialsError())
    no_model, _ = model(name="")

    with pytest.raises(NotConfigured, match="credentials"):
        list(no_credentials.stream(QUESTION))
    with pytest.raises(NotConfigured, match=r"models\.chat"):
        list(no_model.stream(QUESTION))


def test_the_sdks_own_client_accepts_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "http://127.0.0.1:9")
    client = boto3.client(
        "bedrock-runtime",
        region_name="eu-central-1",
        aws_access_key_id="x",
        aws_secret_access_key="y",
        config=CLIENT_CONFIG,
    )

    with pytest.raises(VendorError, match="cannot be reached"):
        list(Bedrock(client, "eu.amazon.nova-lite-v1:0").stream(QUESTION))


def test_every_event_of_an_answer_is_one_of_ours() -> None:
    noise = {"contentBlockDelta": {"contentBlockIndex": 0, "delta": {"reasoningContent": {"text": "hm"}}}}
    bedrock, _ = model(noise, *text("Yes."), stop(), BILL)

    events: list[ModelEvent] = list(bedrock.stream(QUESTION))

    assert [type(event) for event in events] == [TextDelta, Usage]

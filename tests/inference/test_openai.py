"""The OpenAI adapter, against the look-alike over loopback."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from aisdr.errors import NotConfigured, VendorError
from aisdr.inference.base import Message, ModelEvent, Prompt, TextDelta, ToolRequest, ToolSpec, Usage
from aisdr.inference.openai import OpenAi
from aisdr.secret import Secret
from dev.openai import Habit, OpenAILookalike, Reply, ScriptedCall, create_app
from dev.serve import serving

SHOW = ToolSpec("show_visual", "Shows a picture.", {"type": "object", "properties": {"query": {"type": "string"}}})
LEAD = ToolSpec("log_lead", "Stores a lead.", {"type": "object", "properties": {"email": {"type": "string"}}})
QUESTION = Prompt(
    "You are the AI representative of Quillbase.", (Message("user", "What does Growth cost?"),), tools=(SHOW, LEAD)
)


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, OpenAILookalike]]:
    app = create_app()
    with serving(app) as address:
        yield f"{address}/v1", app.state.lookalike


@pytest.fixture
def lookalike(server: tuple[str, OpenAILookalike]) -> OpenAILookalike:
    server[1].script.clear()
    server[1].requests.clear()
    return server[1]


@pytest.fixture
def model(server: tuple[str, OpenAILookalike]) -> OpenAi:
    return OpenAi(server[0], Secret("sk-local"), "gpt-local")


def said(events: list[ModelEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def requested(events: list[ModelEvent]) -> list[ToolRequest]:
    return [event for event in events if isinstance(event, ToolRequest)]


def test_an_answer_arrives_piece_by_piece_and_ends_with_its_bill(model: OpenAi, lookalike: OpenAILookalike) -> None:
    lookalike.script.append(Reply(text="Growth costs $149 per month [1]."))

    events = list(model.stream(QUESTION))

    assert said(events) == "Growth costs $149 per month [1]."
    assert sum(isinstance(event, TextDelta) for event in events) > 3
    assert isinstance(events[-1], Usage)
    assert events[-1].input_tokens > 0
    assert events[-1].output_tokens > 0


def test_the_request_has_the_system_prompt_first_and_the_offered_tools(
    model: OpenAi, lookalike: OpenAILookalike
) -> None:
    lookalike.script.append(Reply(text="Yes."))

    list(model.stream(QUESTION))

    [body] = lookalike.requests
    assert body["messages"] == [
        {"role": "system", "content": "You are the AI representative of Quillbase."},
        {"role": "user", "content": "What does Growth cost?"},
    ]
    assert [tool["function"]["name"] for tool in body["tools"]] == ["show_visual", "log_lead"]
    assert body["max_completion_tokens"] == QUESTION.max_tokens
    assert "temperature" not in body


def test_no_tools_means_no_empty_list_of_tools(model: OpenAi, lookalike: OpenAILookalike) -> None:
    lookalike.script.append(Reply(text="Hello."))

    list(model.stream(Prompt("", (Message("user", "Hi"),))))

    assert "tools" not in lookalike.requests[0]
    assert [message["role"] for message in lookalike.requests[0]["messages"]] == ["user"]


HABITS: tuple[tuple[Habit, ...], ...] = (
    (),
    ("no_index",),
    ("one_index",),
    ("repeat_name",),
    ("no_index", "repeat_name"),
    ("whole_arguments",),
    ("whole_arguments", "no_index"),
    ("object_arguments", "no_index"),
    ("finish_stop", "no_done"),
)


@pytest.mark.parametrize("habits", HABITS, ids=["+".join(habits) or "as documented" for habits in HABITS])
def test_tool_calls_are_put_together_whatever_the_servers_habits(
    model: OpenAi, lookalike: OpenAILookalike, habits: tuple[Habit, ...]
) -> None:
    calls = [
        ScriptedCall(name="show_visual", arguments={"query": "the analytics dashboard"}),
        ScriptedCall(name="log_lead", arguments={"email": "ana@vantage.example"}),
    ]
    lookalike.script.append(Reply(tool_calls=calls, habits=list(habits)))

    events = list(model.stream(QUESTION))

    assert [(request.name, request.arguments) for request in requested(events)] == [
        ("show_visual", {"query": "the analytics dashboard"}),
        ("log_lead", {"email": "ana@vantage.example"}),
    ]
    assert len({request.call_id for request in requested(events)}) == 2


@pytest.mark.parametrize(("sent", "read"), [("", {}), ('{"query": ', None), ("[1]", None)])
def test_arguments_that_cannot_be_read_are_reported_as_none(
    model: OpenAi, lookalike: OpenAILookalike, sent: str, read: object
) -> None:
    lookalike.script.append(Reply(tool_calls=[ScriptedCall(name="show_visual", arguments=sent)]))

    [request] = requested(list(model.stream(QUESTION)))

    assert request.arguments == read


def test_a_tools_result_goes_back_in_the_vendors_shape(model: OpenAi, lookalike: OpenAILookalike) -> None:
    lookalike.script.extend(
        (
            Reply(tool_calls=[ScriptedCall(name="show_visual", arguments={"query": "x"})]),
            Reply(text="Here."),
        )
    )
    [request] = requested(list(model.stream(QUESTION)))
    turns = (
        *QUESTION.messages,
        Message("assistant", "", tool_requests=(request,)),
        Message("tool", '{"say": "Here it is."}', call_id=request.call_id),
    )

    events = list(model.stream(Prompt(QUESTION.system, turns, tools=QUESTION.tools)))

    assert said(events) == "Here."
    assert lookalike.requests[1]["messages"][2:] == [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {
                    "id": request.call_id,
                    "type": "function",
                    "function": {"name": "show_visual", "arguments": json.dumps({"query": "x"})},
                }
            ],
        },
        {"role": "tool", "tool_call_id": request.call_id, "content": '{"say": "Here it is."}'},
    ]


def test_a_server_that_knows_only_max_tokens_is_asked_again_in_its_own_word() -> None:
    app = create_app(older=True)
    app.state.lookalike.script.extend([Reply(text="One."), Reply(text="Two.")])

    with serving(app) as address:
        model = OpenAi(f"{address}/v1", Secret("sk-local"), "gpt-local")
        first, second = list(model.stream(QUESTION)), list(model.stream(QUESTION))

    assert (said(first), said(second)) == ("One.", "Two.")
    assert all(body["max_tokens"] == QUESTION.max_tokens for body in app.state.lookalike.requests)


def test_options_of_the_company_go_into_the_request(
    server: tuple[str, OpenAILookalike], lookalike: OpenAILookalike
) -> None:
    lookalike.script.append(Reply(text="Yes."))
    model = OpenAi(server[0], Secret("sk-local"), "gpt-local", options={"temperature": 0.2})

    list(model.stream(QUESTION))

    assert lookalike.requests[0]["temperature"] == 0.2


@pytest.mark.parametrize(
    ("reply", "retryable"),
    [
        (Reply(status=429, retry_after=2), True),
        (Reply(status=429, code="insufficient_quota"), False),
        (Reply(status=500), True),
        (Reply(status=503), True),
        (Reply(status=400), False),
        (Reply(status=403), False),
        (Reply(breaks="error"), True),
        (Reply(breaks="cut"), True),
        (Reply(breaks="nonsense"), True),
        (Reply(finish="content_filter"), False),
    ],
)
def test_a_failure_before_the_first_word_says_whether_trying_again_makes_sense(
    model: OpenAi, lookalike: OpenAILookalike, reply: Reply, retryable: bool
) -> None:
    lookalike.script.append(reply)

    with pytest.raises(VendorError) as failure:
        list(model.stream(QUESTION))

    assert failure.value.vendor == "openai"
    assert failure.value.retryable is retryable


@pytest.mark.parametrize("kind", ["error", "cut", "nonsense"])
def test_after_the_first_word_nothing_may_be_tried_again(model: OpenAi, lookalike: OpenAILookalike, kind: str) -> None:
    lookalike.script.append(Reply.model_validate({"text": "Growth costs a lot", "breaks": kind}))
    heard: list[ModelEvent] = []

    with pytest.raises(VendorError) as failure:
        heard.extend(model.stream(QUESTION))

    assert said(heard) == "Growth "
    assert failure.value.retryable is False


@pytest.mark.slow
def test_silence_ends_in_a_retryable_error(server: tuple[str, OpenAILookalike], lookalike: OpenAILookalike) -> None:
    lookalike.script.append(Reply(breaks="silence"))
    impatient = httpx.Client(timeout=httpx.Timeout(0.2, connect=2))
    model = OpenAi(server[0], Secret("sk-local"), "gpt-local", client=impatient)

    with pytest.raises(VendorError, match="in time") as failure:
        list(model.stream(QUESTION))

    assert failure.value.retryable


def test_a_refused_key_names_the_remedy_and_not_the_key(server: tuple[str, OpenAILookalike]) -> None:
    model = OpenAi(server[0], Secret("sk-stolen"), "gpt-local")

    with pytest.raises(VendorError, match="OPENAI_API_KEY") as failure:
        list(model.stream(QUESTION))

    assert "sk-" not in failure.value.message
    assert not failure.value.retryable


def test_an_unknown_model_is_named(server: tuple[str, OpenAILookalike]) -> None:
    model = OpenAi(server[0], Secret("sk-local"), "gpt-missing")

    with pytest.raises(VendorError, match=r"gpt-missing.*model_not_found"):
        list(model.stream(QUESTION))


def test_nobody_at_the_address_is_retryable() -> None:
    model = OpenAi("http://127.0.0.1:9/v1", None, "gpt-local")

    with pytest.raises(VendorError, match="cannot be reached") as failure:
        list(model.stream(QUESTION))

    assert failure.value.retryable


def test_openai_itself_is_not_asked_without_a_key() -> None:
    model = OpenAi("https://api.openai.com/v1", None, "gpt-local")

    with pytest.raises(NotConfigured, match="OPENAI_API_KEY"):
        list(model.stream(QUESTION))


def test_a_company_without_a_models_name_is_told_so(server: tuple[str, OpenAILookalike]) -> None:
    model = OpenAi(server[0], Secret("sk-local"), "")

    with pytest.raises(NotConfigured, match=r"models\.chat"):
        list(model.stream(QUESTION))


class Dripping(BaseHTTPRequestHandler):
    """A server that keeps the line busy and says nothing."""

    def do_POST(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        try:
            while True:
                self.wfile.write(b": keep-alive\n\n")
                self.wfile.flush()
                time.sleep(0.02)
        except OSError:
            pass  # cut off, as it should be

    def log_message(self, *_: object) -> None:
        pass


def test_a_server_that_only_keeps_the_line_alive_has_failed_when_its_time_is_up() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Dripping) as dripping:
        threading.Thread(target=dripping.serve_forever, args=[0.02], daemon=True).start()
        model = OpenAi(f"http://127.0.0.1:{dripping.server_port}/v1", None, "slow")
        prompt = Prompt("", (Message("user", "Hello?"),), patience=0.3)

        with pytest.raises(VendorError, match="in time") as failure:
            list(model.stream(prompt))
        dripping.shutdown()

    assert failure.value.retryable

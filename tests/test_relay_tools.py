"""How much one event of a live call may ask for: a few tools, each of which counts as a frame."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from aisdr.arrival import RESENDING_SECONDS
from aisdr.frames import MOST_BYTES_IN
from aisdr.metrics import TRESPASSES
from aisdr.observability import begin
from aisdr.relay import MOST_CALLS
from aisdr.services import Services
from aisdr.tenant import mark_of
from tests.chunks import ACME, GLOBEX
from tests.legs import found
from tests.material import Clock
from tests.observed import observed
from tests.postbox import Postbox
from tests.sockets import Visitor, codes, visitor_of_acme


@pytest.fixture
def environment(environment: pytest.MonkeyPatch, postbox: Postbox) -> pytest.MonkeyPatch:
    environment.setenv("WS_ENDPOINT", postbox.url)
    return environment


@pytest.fixture
def visitor(services: Services, postbox: Postbox) -> Visitor:
    return visitor_of_acme(services, postbox, "voice", modes=("text", "voice"))


def wishes(number: int, name: str = "c") -> dict[str, Any]:
    """One reply of the voice that wants so many searches."""
    calls = [
        {"type": "function_call", "call_id": f"{name}{n}", "name": "search_knowledge", "arguments": '{"query":"a"}'}
        for n in range(number)
    ]
    return {"type": "response.done", "response": {"status": "completed", "output": calls}}


def outputs(frames: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    items = [frame["message"]["item"] for frame in frames if "item" in frame.get("message", {})]
    return {item["call_id"]: json.loads(item["output"]) for item in items}


@contextmanager
def searches(visitor: Visitor) -> Iterator[list[str]]:
    """The tool calls that were begun, as their records in the table tell."""
    found: list[str] = []
    yield found
    records = visitor.services.conversations.query(visitor.session.key, prefix="toolcall#")
    found += [record["sk"] for record in records]


def test_of_a_hundred_calls_in_one_event_eight_are_run_and_the_rest_are_told_so(visitor: Visitor) -> None:
    event = wishes(100)
    assert len(json.dumps(event)) < MOST_BYTES_IN - 100

    with searches(visitor) as begun:
        frames = visitor.forward(event)

    told = outputs(frames)
    refused = [call_id for call_id, output in told.items() if output.get("error") == "too_many_calls"]
    assert len(begun) == MOST_CALLS
    assert (len(told), len(refused)) == (100, 100 - MOST_CALLS)
    assert [frame["message"]["type"] for frame in frames if frame["type"] == "send"].count("response.create") == 1


@pytest.mark.slow
def test_each_call_counts_as_a_frame(visitor: Visitor) -> None:
    clock = Clock(visitor.services.connections._clock() + RESENDING_SECONDS)
    visitor.services.connections._clock = clock

    with searches(visitor) as begun:
        answers = [visitor.forward(wishes(MOST_CALLS, f"of {number} ")) for number in range(30)]

    assert len(begun) < 30 * MOST_CALLS * 3 / 4
    assert "rate_limited" in codes([frame for frames in answers for frame in frames if frame["type"] == "error"])
    assert "c1" in visitor.postbox.gone, "hung up, so that the wishes come again"
    visitor.connect("c2", "voice", "conv")
    assert outputs(visitor.forward(wishes(1, "later"), connection_id="c2"))


def test_an_event_of_hundreds_of_calls_cannot_be_repeated_at_once(visitor: Visitor) -> None:
    now = visitor.services.connections._clock() + RESENDING_SECONDS
    visitor.services.connections._clock = lambda: now

    answers = [visitor.forward(wishes(100, f"{number}.")) for number in range(4)]

    assert [bool(outputs(frames)) for frames in answers] == [True, False, False, False]
    assert codes(answers[1]) == ["rate_limited"]
    visitor.connect("c2", "voice", "conv")
    assert visitor.send({"action": "resume", "after": 2**53}, "c2")[0]["received"] == 1, "the others come again"


def test_something_of_another_company_ends_all_results_of_the_event_and_wakes_somebody(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = found("own", "a secret of globex", 0.9)[0].model_copy(update={"owner": mark_of(GLOBEX)})
    own = found("own", "The Growth plan costs $149 a month.", 0.9)[0].model_copy(update={"owner": mark_of(ACME)})
    answers = iter([[own], [own, secret]])
    monkeypatch.setattr("aisdr.index.loaded.LoadedCompany.search", lambda *_: next(answers, []))
    event = wishes(2)
    event["response"]["output"][1]["arguments"] = '{"query":"b"}'

    with observed() as written:
        begin({"requestContext": {"requestId": "r"}}, None)
        frames = visitor.forward(event)

    assert [output["error"] for output in outputs(frames).values()] == ["internal_error"] * 2
    assert not any(frame["type"] == "show" for frame in frames), "nor is anything put on the screen"
    assert not any(word in str(frames) for word in ("globex", "$149"))
    assert [line["where"] for line in written.lines if line.get("message") == "trespass"] == ["legs"]
    assert written.values(TRESPASSES.name), "the alarm"
    assert "a secret of" not in written.text


def test_a_socket_that_does_not_take_the_results_breaks_nothing(visitor: Visitor, postbox: Postbox) -> None:
    postbox.broken.add("c1")
    assert visitor.forward(wishes(1)) == []
    postbox.broken.clear()
    visitor.connect("c2", "voice", "conv")

    _, *missed = visitor.send({"action": "resume", "after": 0}, "c2")

    assert outputs(missed)

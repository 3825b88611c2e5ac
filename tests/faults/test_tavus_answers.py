"""F-TV-07 to 14: Tavus answers, and what it answers is a refusal, a failure, or nothing that anybody can use."""

import logging
from typing import Any

import pytest

from aisdr.errors import LimitReached, VendorError
from aisdr.ledger import operation_id
from aisdr.live.circuit import Circuits
from aisdr.live.retries import ATTEMPTS
from aisdr.live.tavus import TavusVideo
from aisdr.live.tavus_api import KEY_REFUSED, VENDOR, TavusClient
from aisdr.secret import Secret
from aisdr.table import Table
from tests.calls import IDEMPOTENCY_KEY, NOTHING
from tests.faults.scene import MINUTE_PRICE, Trouble
from tests.material import Clock
from tests.tavus import KEY, Tavus

pytestmark = pytest.mark.slow

FAILURES = {"F-TV-08": 500, "F-TV-09": 502, "F-TV-10": 503, "F-TV-11": 504}


@pytest.fixture
def trouble(tavus: Tavus, conversations_table: Table, companies_table: Table, clock: Clock) -> Trouble:
    return Trouble(tavus, conversations_table, companies_table, clock)


def failing(place: str) -> pytest.MarkDecorator:
    cells = [pytest.param(status, marks=pytest.mark.cell(f"{number}/{place}")) for number, status in FAILURES.items()]
    return pytest.mark.parametrize("status", cells)


@failing("create")
def test_a_create_that_failed_may_have_happened_and_is_never_repeated(trouble: Trouble, status: int) -> None:
    trouble.tavus.fault(method="POST", path="/v2/conversations", status=status, body="<h1>oops</h1>", times=9)

    refused = trouble.refused()

    assert (refused.status, trouble.state(), trouble.creates()) == (502, "unknown", 1)
    trouble.mended()
    assert trouble.books_are_balanced()
    assert trouble.today() == NOTHING


@failing("end")
def test_an_end_that_failed_is_asked_for_three_times_and_then_by_the_reconciler(trouble: Trouble, status: int) -> None:
    operation = trouble.start()
    path = f"/v2/conversations/{operation.conversation_id}/end"
    trouble.tavus.fault(method="POST", path=path, status=status, times=99)

    trouble.ends()

    assert (trouble.state(), trouble.tavus.tried("POST", path)) == ("ending", ATTEMPTS)
    trouble.mended()
    assert trouble.books_are_balanced()


@failing("get")
def test_a_question_that_failed_is_asked_three_times(trouble: Trouble, status: int) -> None:
    operation = trouble.start()
    path = f"/v2/conversations/{operation.conversation_id}"
    trouble.tavus.fault(method="GET", path=path, status=status, times=99)

    with pytest.raises(VendorError) as caught:
        trouble.tavus.video().status(operation.conversation_id or "")

    assert caught.value.retryable
    assert trouble.tavus.tried("GET", path) == ATTEMPTS
    trouble.tavus.clear_faults()
    trouble.tavus.fault(method="GET", path=path, status=status, times=2)
    assert trouble.tavus.video().status(operation.conversation_id or "").active


@pytest.mark.cell("F-TV-07/create")
@pytest.mark.parametrize(("headers", "again"), [({}, None), ({"retry-after": "7"}, 7)])
def test_a_create_that_came_too_quickly_is_told_when_to_come_again(
    trouble: Trouble, headers: dict[str, str], again: float | None
) -> None:
    trouble.tavus.fault(method="POST", path="/v2/conversations", status=429, body={}, headers=headers)

    refused = trouble.refused()

    assert (refused.status, refused.code, refused.retry_after) == (429, "avatar_busy", again)
    assert trouble.gave_all_back()
    assert trouble.creates() == 1


@pytest.mark.cell("F-TV-07/end")
@pytest.mark.parametrize(("headers", "times"), [({}, ATTEMPTS), ({"retry-after": "60"}, 1)])
def test_an_end_that_came_too_quickly_comes_again_no_sooner_than_is_said(
    trouble: Trouble, headers: dict[str, str], times: int
) -> None:
    operation = trouble.start()
    path = f"/v2/conversations/{operation.conversation_id}/end"
    trouble.tavus.fault(method="POST", path=path, status=429, body={}, headers=headers, times=99)

    trouble.ends()

    assert (trouble.state(), trouble.tavus.tried("POST", path)) == ("ending", times)
    trouble.mended()
    assert trouble.books_are_balanced()


@pytest.mark.cell("F-TV-07/get")
@pytest.mark.parametrize(("headers", "times"), [({}, ATTEMPTS), ({"retry-after": "60"}, 1)])
def test_a_question_that_came_too_quickly_comes_again_no_sooner_than_is_said(
    trouble: Trouble, headers: dict[str, str], times: int
) -> None:
    operation = trouble.start()
    path = f"/v2/conversations/{operation.conversation_id}"
    trouble.tavus.fault(method="GET", path=path, status=429, body={}, headers=headers, times=99)

    with pytest.raises(VendorError) as caught:
        trouble.tavus.video().status(operation.conversation_id or "")

    assert caught.value.retryable
    assert trouble.tavus.tried("GET", path) == times


def guarded(tavus: Tavus, table: Table) -> TavusVideo:
    """As the functions have it: with circuits whose state everybody shares."""
    client = TavusClient(tavus.url, Secret(KEY), Circuits(table, VENDOR, KEY_REFUSED))
    return TavusVideo(client, ("*.daily.co",), MINUTE_PRICE)


@pytest.mark.cell("F-TV-12")
def test_a_vendor_whose_lines_are_taken_is_busy_and_does_not_count_as_failing(
    trouble: Trouble, conversations_table: Table
) -> None:
    trouble.calls = trouble.with_vendor(guarded(trouble.tavus, conversations_table))
    trouble.tavus.fault(kind="busy", method="POST", path="/v2/conversations", times=5)

    for number in range(5):
        with pytest.raises(LimitReached) as caught:
            trouble.start(f"the wish number {number}")
        assert (caught.value.status, caught.value.code) == (429, "avatar_busy")
        assert trouble.today() == NOTHING

    assert trouble.start().state == "created"  # five refusals, and nobody is left alone


@pytest.mark.parametrize(
    ("status", "code", "opens"),
    [
        pytest.param(400, "tavus_session_failed", None, marks=pytest.mark.cell("F-TV-13/400")),
        pytest.param(401, KEY_REFUSED, "vendor refuses key", marks=pytest.mark.cell("F-TV-13/401")),
        pytest.param(402, "vendor_credits", "vendor account empty", marks=pytest.mark.cell("F-TV-13/402")),
        pytest.param(403, KEY_REFUSED, "vendor refuses key", marks=pytest.mark.cell("F-TV-13/403")),
        pytest.param(404, "tavus_session_failed", None, marks=pytest.mark.cell("F-TV-13/404")),
        pytest.param(422, "tavus_session_failed", None, marks=pytest.mark.cell("F-TV-13/422")),
    ],
)
def test_each_refusal_has_its_type_and_what_only_the_operator_can_mend_wakes_him(
    trouble: Trouble,
    conversations_table: Table,
    caplog: pytest.LogCaptureFixture,
    status: int,
    code: str,
    opens: str | None,
) -> None:
    trouble.calls = trouble.with_vendor(guarded(trouble.tavus, conversations_table))
    body = {"message": f"The key {KEY} may not"}
    trouble.tavus.fault(method="POST", path="/v2/conversations", status=status, body=body, times=9)

    with caplog.at_level(logging.INFO):
        refused = trouble.refused()

    assert (refused.code, trouble.gave_all_back(), trouble.creates()) == (code, True, 1)
    assert KEY not in refused.message
    assert KEY not in caplog.text + "".join(str(record.__dict__) for record in caplog.records)
    woken = [record.message for record in caplog.records if record.message.startswith("vendor ")]
    assert woken == ([opens] if opens else [])
    if opens:  # all the others are refused without asking
        for number in range(3):
            with pytest.raises(type(refused)) as caught:
                trouble.start(f"the wish number {number}")
            assert caught.value.code == code
        assert trouble.creates() == 1


LONG = "x" * (5 * 1024 * 1024)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"body": ""}, marks=pytest.mark.cell("F-TV-14/empty"), id="empty"),
        pytest.param({"body": "<html>Welcome</html>"}, marks=pytest.mark.cell("F-TV-14/html"), id="html"),
        pytest.param({"truncate": True}, marks=pytest.mark.cell("F-TV-14/truncated"), id="truncated"),
        pytest.param(
            {"body": '{"conversation_id": "c1", "conv'}, marks=pytest.mark.cell("F-TV-14/truncated"), id="cut"
        ),
        pytest.param({"body": []}, marks=pytest.mark.cell("F-TV-14/wrong-types"), id="list"),
        pytest.param(
            {"body": {"conversation_id": 7, "conversation_url": "https://x.daily.co/x"}},
            marks=pytest.mark.cell("F-TV-14/wrong-types"),
            id="number",
        ),
        pytest.param(
            {"body": {"conversation_id": "c" * 2100, "conversation_url": "https://x.daily.co/x"}},
            marks=pytest.mark.cell("F-TV-14/wrong-types"),
            id="longer-than-a-key",
        ),
        pytest.param({"body": {"conversation_id": "c1"}}, marks=pytest.mark.cell("F-TV-14/no-url"), id="no-url"),
        pytest.param(
            {"body": {"conversation_id": "c1", "conversation_url": "https://x.daily.co/x", "more": LONG}},
            marks=pytest.mark.cell("F-TV-14/5-mb"),
            id="5-mb",
        ),
    ],
)
def test_an_answer_that_nobody_can_use_hides_a_call_that_is_looked_for(
    trouble: Trouble, answer: dict[str, Any]
) -> None:
    status = {} if "truncate" in answer else {"status": 200}
    trouble.tavus.fault(method="POST", path="/v2/conversations", **status, **answer)

    refused = trouble.refused()

    assert (refused.status, trouble.state(), trouble.creates()) == (502, "unknown", 1)
    trouble.mended()
    assert trouble.books_are_balanced()


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://rooms.evil.example/x", marks=pytest.mark.cell("F-TV-14/foreign-host")),
        pytest.param("http://tavus.daily.co/x", marks=pytest.mark.cell("F-TV-14/plain-http")),
    ],
)
def test_a_room_elsewhere_or_in_the_clear_is_refused_and_ended(trouble: Trouble, url: str) -> None:
    bought = trouble.tavus.client().create_conversation({"face_id": "r90bbd427f71"})
    body = {"conversation_id": bought["conversation_id"], "conversation_url": url}
    trouble.tavus.fault(method="POST", path="/v2/conversations", status=200, body=body)

    refused = trouble.refused()

    assert (refused.status, trouble.tavus.running()) == (502, 0)
    trouble.mended()
    assert trouble.books_are_balanced()


@pytest.mark.cell("F-TV-14/foreign-host")
def test_nothing_is_given_back_for_a_room_elsewhere_that_does_not_end(trouble: Trouble) -> None:
    name = operation_id("acme", IDEMPOTENCY_KEY)
    bought = trouble.tavus.client().create_conversation({"face_id": "r90bbd427f71", "conversation_name": name})
    body = {"conversation_id": bought["conversation_id"], "conversation_url": "https://rooms.evil.example/x"}
    trouble.tavus.fault(method="POST", path="/v2/conversations", status=200, body=body)
    trouble.tavus.fault(method="POST", path=f"/v2/conversations/{bought['conversation_id']}/end", status=503, times=9)

    trouble.refused()

    assert (trouble.state(), trouble.tavus.running()) == ("unknown", 1)
    trouble.mended()
    assert trouble.books_are_balanced()


@pytest.mark.cell("F-TV-14/extra-fields")
def test_fields_that_tavus_adds_one_day_are_no_trouble(trouble: Trouble) -> None:
    body = {
        "conversation_id": "c-of-tomorrow",
        "conversation_url": "https://tavus.daily.co/c",
        "hologram": {"depth": 3},
        "status": ["new", "shape"],
    }
    trouble.tavus.fault(method="POST", path="/v2/conversations", status=200, body=body)

    assert trouble.start().conversation_id == "c-of-tomorrow"

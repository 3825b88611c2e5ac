"""The control surface of the Tavus look-alike: faults to come, and what it was asked."""

from typing import Any

import httpx
import pytest

from tests.dev.account import KEY, PAL, start


def test_fields_that_the_vendor_would_ignore_are_noted(tavus: httpx.Client) -> None:
    start(tavus, instructions="be nice", properties={"require_auth": True, "idle": 3})

    asked = tavus.get("/_lookalike/requests").json()[-1]

    assert asked["unknown_fields"] == ["instructions", "properties.idle"]


def test_what_was_asked_is_kept_without_secrets(tavus: httpx.Client) -> None:
    start(tavus, callback_url="https://example.com/hooks/unguessable", custom_greeting="<script>hello</script>")

    requests, page = tavus.get("/_lookalike/requests").text, tavus.get("/").text

    assert KEY not in requests + page
    assert "unguessable" not in requests + page
    assert "hello" in page
    assert "<script>hello" not in page


def test_a_reset_happens_once_and_the_call_was_never_made(tavus: httpx.Client) -> None:
    tavus.post("/_lookalike/faults", json={"method": "POST", "path": "/v2/conversations", "reset": True})

    with pytest.raises(httpx.TransportError):
        tavus.post("/v2/conversations", json={"pal_id": PAL})

    assert tavus.get("/v2/conversations").json()["total_count"] == 0
    start(tavus)


@pytest.mark.parametrize("fault", [{"truncate": True}, {"handled": True, "reset": True}])
def test_an_answer_can_be_lost_although_the_call_was_made(tavus: httpx.Client, fault: dict[str, Any]) -> None:
    tavus.post("/_lookalike/faults", json={"path": "/v2/conversations", **fault})

    with pytest.raises(httpx.TransportError):
        tavus.post("/v2/conversations", json={"pal_id": PAL})

    assert tavus.get("/v2/conversations").json()["total_count"] == 1


def test_any_status_and_header_can_be_asked_for(tavus: httpx.Client) -> None:
    fault = {"path": "/v2/*", "status": 429, "headers": {"Retry-After": "7"}, "body": {"message": "slow down"}}
    tavus.post("/_lookalike/faults", json=fault)

    answer = tavus.get("/v2/faces")

    assert (answer.status_code, answer.headers["retry-after"], answer.json()) == (429, "7", {"message": "slow down"})
    assert tavus.get("/v2/faces").status_code == 200

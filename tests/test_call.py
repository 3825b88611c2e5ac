"""Calls: bought at most once for one wish, begun with what was said before, and ended by their visitor."""

from dataclasses import replace

import pytest

from aisdr.company import Company
from aisdr.errors import Conflict, Forbidden, InvalidInput, LimitReached, NotConfigured, NotFound
from aisdr.introduction import Introduction
from aisdr.session import Session
from tests.calls import IDEMPOTENCY_KEY, CallScene, scene
from tests.material import a_company

__all__ = ["scene"]


@pytest.mark.parametrize("company", [a_company(use_tavus_video=False), a_company(modes=("text",))])
def test_a_company_without_video_is_refused(scene: CallScene, company: Company) -> None:
    with pytest.raises(Forbidden, match=r"^Tavus video not enabled for this company"):
        scene.calls.check(company, "video", IDEMPOTENCY_KEY)


def test_without_a_vendors_key_a_call_is_refused(scene: CallScene) -> None:
    calls = scene.with_vendor(scene.tavus.video(key=None))

    with pytest.raises(NotConfigured, match=r"^Tavus API key not configured"):
        calls.check(scene.company, "video", IDEMPOTENCY_KEY)


@pytest.mark.parametrize("key", [None, "", "short", "x" * 129])
def test_a_wish_that_costs_money_needs_a_key_of_its_own(scene: CallScene, key: str | None) -> None:
    with pytest.raises(InvalidInput, match="Idempotency-Key is required") as caught:
        scene.calls.check(scene.company, "video", key)

    assert caught.value.code == "idempotency_key_required"


def test_a_call_is_bought_under_the_operations_name_for_as_long_as_was_reserved(scene: CallScene) -> None:
    operation = scene.start()

    (conversation,) = scene.tavus.conversations()
    (asked,) = scene.tavus.asked("POST", "/v2/conversations")
    assert operation.state == "created"
    assert conversation["conversation_id"] == operation.conversation_id
    assert conversation["conversation_name"] == operation.operation_id
    assert asked["body"]["properties"]["max_call_duration"] == operation.reserved_seconds == 600
    assert scene.today() == {"calls": 1, "seconds": 600, "cents": 600, "active": 1}


def test_the_avatar_knows_what_was_said_before(scene: CallScene) -> None:
    scene.transcripts.append(scene.session, "visitor", "Do you ship to Norway?", channel="text")

    scene.start()

    body = scene.tavus.asked("POST", "/v2/conversations")[0]["body"]
    assert "visitor: Do you ship to Norway?" in body["conversational_context"]
    assert body["custom_greeting"] == "I'm here. Let's go on where we were."


def test_the_avatar_knows_what_the_website_says_and_still_greets_who_has_said_nothing(scene: CallScene) -> None:
    said = Introduction.model_validate({"visitor": {"name": "Dana"}, "context": {"page": "pricing"}})
    scene.session = replace(scene.session, introduction=said.model_dump_json())

    scene.start()

    body = scene.tavus.asked("POST", "/v2/conversations")[0]["body"]
    assert "The website says, which nobody has verified: name: Dana; page: pricing." in body["conversational_context"]
    assert body["custom_greeting"] == scene.company.greeting


def test_a_call_begins_with_the_companys_greeting(scene: CallScene) -> None:
    scene.start()

    assert scene.tavus.asked("POST", "/v2/conversations")[0]["body"]["custom_greeting"] == scene.company.greeting


def test_the_same_key_gets_the_same_call(scene: CallScene) -> None:
    assert scene.start() == scene.start()

    assert len(scene.tavus.conversations()) == 1


def test_the_key_of_another_website_is_a_conflict(scene: CallScene) -> None:
    scene.start()
    other = Session("s2", "acme", "https://other.example", scene.clock.now)

    with pytest.raises(Conflict):
        scene.start(session=other)


def test_the_key_of_a_call_that_is_over_does_not_buy_another(scene: CallScene) -> None:
    scene.start()
    scene.calls.end("acme", scene.session.session_id, "visitor")

    with pytest.raises(NotFound) as caught:
        scene.start()

    assert caught.value.code == "call_over"
    assert len(scene.tavus.conversations()) == 1


def test_a_visitor_ends_the_call_once_and_pays_what_was_used(scene: CallScene) -> None:
    scene.start()
    scene.advance(40)

    for _ in range(2):
        scene.calls.end("acme", scene.session.session_id, "visitor")

    assert scene.tavus.running() == 0
    assert scene.state() == "settled"
    assert scene.today()["active"] == 0
    assert scene.today()["seconds"] in range(40, 60)


def test_a_visitor_without_a_call_ends_nothing(scene: CallScene) -> None:
    scene.calls.end("acme", scene.session.session_id, "visitor")

    assert scene.tavus.asked("POST", "/v2") == []


def test_a_new_call_of_a_visitor_ends_the_earlier_one(scene: CallScene) -> None:
    """A page that was loaded anew during a call, or a visitor who changes the mode."""
    first = scene.start("the first wish")
    second = scene.start("the second wish")

    assert (scene.state("the first wish"), scene.state("the second wish")) == ("settled", "created")
    assert (scene.tavus.running(), scene.today()["active"]) == (1, 1)
    assert scene.calls.running("acme", scene.session.session_id) == second != first


def test_the_last_line_of_a_company_passes_from_a_visitors_call_to_the_next(scene: CallScene) -> None:
    scene.company = a_company(limits={"concurrent_calls": 1})
    scene.start("the first wish")

    scene.start("the second wish")

    assert (scene.state("the first wish"), scene.state("the second wish")) == ("settled", "created")
    with pytest.raises(LimitReached):
        scene.start("the wish of somebody else", scene.another_visitor())


def test_a_repeated_wish_does_not_end_its_own_call(scene: CallScene) -> None:
    for _ in range(2):
        scene.start()

    assert (scene.state(), scene.tavus.running()) == ("created", 1)


def test_the_end_of_an_earlier_call_leaves_the_running_one_alone(scene: CallScene) -> None:
    """Its last event comes late, when the visitor has gone on in another call."""
    earlier = scene.start("the first wish")
    scene.start("the second wish")

    scene.calls.end("acme", scene.session.session_id, "time", earlier.conversation_id)

    assert (scene.state("the second wish"), scene.tavus.running()) == ("created", 1)


def test_a_session_without_a_call_is_in_none(scene: CallScene) -> None:
    assert scene.calls.running("acme", scene.session.session_id) is None
    scene.start()

    scene.calls.end("acme", scene.session.session_id, "visitor")

    assert scene.calls.running("acme", scene.session.session_id) is None


def test_nobody_ends_another_visitors_call(scene: CallScene) -> None:
    scene.start()

    scene.calls.end("acme", "another session", "visitor")
    scene.calls.end("globex", scene.session.session_id, "visitor")

    assert scene.tavus.running() == 1


def test_an_end_that_tavus_did_not_hear_is_repeated_by_the_reconciler(scene: CallScene) -> None:
    operation = scene.start()
    scene.tavus.fault(method="POST", path=f"/v2/conversations/{operation.conversation_id}/end", status=503, times=9)

    scene.calls.end("acme", scene.session.session_id, "visitor")
    assert (scene.tavus.running(), scene.state(), scene.today()["active"]) == (1, "ending", 1)

    scene.tavus.clear_faults()
    assert scene.calls.reconcile() == 1
    assert (scene.tavus.running(), scene.state(), scene.today()["active"]) == (0, "settled", 0)


def test_a_full_network_does_not_cost_the_visitor_the_call_that_runs(scene: CallScene) -> None:
    scene.company = a_company(limits={"network_calls_per_hour": 1})
    scene.start("the first wish")

    with pytest.raises(LimitReached) as caught:
        scene.start("the second wish")

    assert caught.value.code == "network_busy"
    assert (scene.state("the first wish"), scene.tavus.running()) == ("created", 1)

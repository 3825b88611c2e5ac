"""Calls: bought at most once for one wish, ended by whoever comes first, settled once, and never lost."""

from dataclasses import replace
from typing import Any

import pytest

from aisdr.company import Company
from aisdr.errors import Conflict, Forbidden, InvalidInput, LimitReached, NotConfigured, NotFound, VendorError
from aisdr.introduction import Introduction
from aisdr.live.base import CallRequest, CallStatus, LiveCall
from aisdr.live.circuit import Circuits
from aisdr.live.tavus import TavusVideo
from aisdr.live.tavus_api import KEY_REFUSED, VENDOR, TavusClient
from aisdr.secret import Secret
from aisdr.session import Session
from aisdr.settling import WRITE_OFF_SECONDS
from aisdr.table import Table
from dev.environments import time_of_circuits
from tests.calls import IDEMPOTENCY_KEY, NOTHING, CallScene
from tests.material import Clock, a_company
from tests.tavus import KEY, Tavus, running_tavus


@pytest.fixture
def scene(tavus: Tavus, conversations_table: Table, companies_table: Table, clock: Clock) -> CallScene:
    return CallScene(tavus, conversations_table, companies_table, clock)


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


def test_a_refused_create_gives_everything_back(scene: CallScene) -> None:
    scene.tavus.fault(method="POST", path="/v2/conversations", status=422, body={"message": "no"})

    with pytest.raises(VendorError, match=r"^Failed to create Tavus session") as caught:
        scene.start()

    assert caught.value.code == "tavus_session_failed"
    assert (scene.state(), scene.today()) == ("failed", NOTHING)


def test_a_busy_vendor_gives_everything_back_and_says_busy(
    conversations_table: Table, companies_table: Table, clock: Clock
) -> None:
    with running_tavus(concurrency=0) as tavus:
        scene = CallScene(tavus, conversations_table, companies_table, clock)

        with pytest.raises(LimitReached) as caught:
            scene.start()

    assert caught.value.code == "avatar_busy"
    assert (scene.state(), scene.today()) == ("failed", NOTHING)


def test_a_key_that_tavus_refuses_gives_everything_back(scene: CallScene) -> None:
    scene.calls = scene.with_vendor(scene.tavus.video(key="tvsk_wrong"))

    with pytest.raises(NotConfigured):
        scene.start()

    assert scene.today() == NOTHING


LOST_AFTER_IT_HAPPENED: list[dict[str, Any]] = [
    {"reset": True, "handled": True},
    {"truncate": True},
    {"status": 502, "body": "<html>", "handled": True},
    {"status": 200, "body": "<html>", "handled": True},
]


@pytest.mark.parametrize("fault", LOST_AFTER_IT_HAPPENED, ids=str)
def test_a_create_whose_answer_was_lost_is_not_repeated_but_found_and_ended(
    scene: CallScene, fault: dict[str, Any]
) -> None:
    scene.tavus.fault(method="POST", path="/v2/conversations", **fault)

    with pytest.raises(VendorError, match=r"^Failed to create Tavus session"):
        scene.start()
    with pytest.raises(VendorError, match="still being created"):
        scene.start()
    assert (scene.state(), scene.today()["active"], scene.tavus.running()) == ("unknown", 1, 1)

    scene.advance(31)
    assert scene.calls.reconcile() == 1

    assert len(scene.tavus.conversations()) == 1
    assert (scene.state(), scene.today()["active"], scene.tavus.running()) == ("settled", 0, 0)
    assert scene.today()["seconds"] in range(31, 60)


def test_a_lost_call_that_ended_by_itself_is_paid_for_and_not_refunded(scene: CallScene) -> None:
    scene.tavus.fault(method="POST", path="/v2/conversations", reset=True, handled=True)
    with pytest.raises(VendorError):
        scene.start()

    scene.advance(90)
    assert scene.tavus.running() == 0
    scene.calls.reconcile()

    assert scene.state() == "settled"
    assert scene.today()["seconds"] == 60


def test_nothing_is_given_back_until_tavus_says_that_the_call_is_over(scene: CallScene) -> None:
    operation = scene.start()
    scene.tavus.fault(method="GET", path=f"/v2/conversations/{operation.conversation_id}", status=500, times=20)
    scene.advance(45)

    scene.calls.end("acme", scene.session.session_id, "visitor")

    assert (scene.tavus.running(), scene.state(), scene.today()["active"]) == (0, "ending", 1)
    assert scene.today()["seconds"] == 600
    scene.tavus.clear_faults()
    assert scene.calls.reconcile() == 1
    assert scene.state() == "settled"
    assert scene.today()["seconds"] in range(45, 60)


def test_a_call_that_tavus_says_is_running_is_not_settled(scene: CallScene) -> None:
    class Deaf(TavusVideo):
        """Takes an end for one, and goes on."""

        def end(self, call_id: str) -> None:
            pass

    scene.calls = scene.with_vendor(Deaf(scene.tavus.client(), ("*.daily.co",), 0.6))
    scene.start()

    scene.calls.end("acme", scene.session.session_id, "visitor")

    assert (scene.tavus.running(), scene.state(), scene.today()["active"]) == (1, "ending", 1)
    assert scene.today()["seconds"] == 600
    scene.calls = scene.with_vendor(scene.tavus.video())
    assert scene.calls.reconcile() == 1
    assert (scene.tavus.running(), scene.state()) == (0, "settled")


def test_a_call_that_tavus_does_not_know_any_more_is_billed_by_our_clock(scene: CallScene) -> None:
    operation = scene.start()
    path = f"/v2/conversations/{operation.conversation_id}"
    scene.tavus.fault(method="GET", path=path, status=400, body={"message": "Invalid conversation_id"})
    scene.advance(45)

    scene.calls.end("acme", scene.session.session_id, "visitor")

    assert (scene.state(), scene.today()["seconds"]) == ("settled", 45)


@pytest.mark.cell("F-TV-18/lost")
def test_an_end_whose_webhook_was_lost_is_asked_for(scene: CallScene) -> None:
    """Nobody joins, so Tavus ends the call after a minute; within the next one the line is free again."""
    scene.start()
    scene.advance(59)
    assert scene.calls.reconcile() == 0

    scene.advance(2)
    assert scene.tavus.running() == 0
    assert scene.calls.reconcile() == 1

    assert (scene.state(), scene.today()["active"]) == ("settled", 0)
    assert scene.today()["seconds"] == 60


def test_a_call_that_runs_is_asked_after_once_a_minute_and_goes_on(scene: CallScene) -> None:
    operation = scene.start()
    path = f"/v2/conversations/{operation.conversation_id}"

    for _ in range(4):
        scene.clock.advance(31)
        assert scene.calls.reconcile() == 0

    assert len(scene.tavus.asked("GET", path)) == 2
    assert (scene.state(), scene.tavus.running()) == ("created", 1)


def test_a_silent_vendor_is_not_asked_after_every_call(scene: CallScene) -> None:
    """Each question may take seconds, and the calls that must end wait for their turn."""
    asked: list[str] = []

    class Silent(TavusVideo):
        def status(self, call_id: str) -> CallStatus:
            asked.append(call_id)
            raise VendorError("did not answer", vendor="tavus", retryable=True)

    scene.calls = scene.with_vendor(Silent(scene.tavus.client(), ("*.daily.co",), 0.6))
    for number in range(2):
        scene.start(f"the wish of visitor {number}", scene.another_visitor())
    scene.clock.advance(61)

    assert scene.calls.reconcile() == 0

    assert len(asked) == 1
    assert scene.today()["active"] == 2


def test_a_call_that_nobody_can_prove_ended_is_written_off_without_a_refund(scene: CallScene) -> None:
    scene.start()
    scene.tavus.fault(method="*", path="/v2/*", status=503, times=10_000)
    scene.clock.advance(600 + WRITE_OFF_SECONDS - 1)
    assert scene.calls.reconcile() == 0
    assert scene.today()["active"] == 1

    scene.clock.advance(1)
    assert scene.calls.reconcile() == 1

    assert (scene.state(), scene.today()) == ("settled", {"calls": 1, "seconds": 600, "cents": 600, "active": 0})


def test_a_lost_create_that_nobody_can_look_for_is_written_off_too(scene: CallScene) -> None:
    scene.tavus.fault(method="POST", path="/v2/conversations", reset=True)
    with pytest.raises(VendorError):
        scene.start()
    scene.tavus.fault(method="*", path="/v2/*", status=503, times=10_000)

    scene.clock.advance(600 + WRITE_OFF_SECONDS)

    assert scene.calls.reconcile() == 1
    assert (scene.state(), scene.today()["seconds"], scene.today()["active"]) == ("settled", 600, 0)


def test_a_wish_that_breaks_before_tavus_is_asked_is_given_back_at_once(scene: CallScene) -> None:
    def forgetful(company: Company, session: Session) -> str:
        raise RuntimeError("the table of transcripts is away")

    scene.told = forgetful

    with pytest.raises(RuntimeError):
        scene.start()

    assert (scene.state(), scene.today()) == ("failed", NOTHING)
    assert scene.tavus.asked("POST", "/v2") == []


def test_a_bug_after_tavus_was_asked_leaves_a_call_that_is_looked_for(scene: CallScene) -> None:
    class Buggy(TavusVideo):
        def start(self, request: CallRequest) -> LiveCall:
            super().start(request)
            raise KeyError("a field that was renamed")

    scene.calls = scene.with_vendor(Buggy(scene.tavus.client(), ("*.daily.co",), 0.6))

    with pytest.raises(KeyError):
        scene.start()
    assert (scene.state(), scene.tavus.running()) == ("unknown", 1)

    scene.advance(31)
    assert scene.calls.reconcile() == 1
    assert (scene.state(), scene.tavus.running()) == ("settled", 0)


def test_an_answer_that_comes_after_the_reconciler_ended_its_call_is_refused(scene: CallScene) -> None:
    class Late(TavusVideo):
        """Its answer is on the way for longer than any function runs."""

        def start(self, request: CallRequest) -> LiveCall:
            call = super().start(request)
            scene.advance(31)
            assert scene.calls.reconcile() == 1
            return call

    scene.calls = scene.with_vendor(Late(scene.tavus.client(), ("*.daily.co",), 0.6))

    with pytest.raises(VendorError, match=r"^Failed to create Tavus session"):
        scene.start()

    assert (scene.state(), scene.tavus.running()) == ("settled", 0)


def test_a_full_network_does_not_cost_the_visitor_the_call_that_runs(scene: CallScene) -> None:
    scene.company = a_company(limits={"network_calls_per_hour": 1})
    scene.start("the first wish")

    with pytest.raises(LimitReached) as caught:
        scene.start("the second wish")

    assert caught.value.code == "network_busy"
    assert (scene.state("the first wish"), scene.tavus.running()) == ("created", 1)


def test_a_create_that_never_arrived_is_given_back_when_it_cannot_be_found(scene: CallScene) -> None:
    scene.tavus.fault(method="POST", path="/v2/conversations", reset=True)
    with pytest.raises(VendorError):
        scene.start()
    assert scene.calls.reconcile() == 0

    scene.advance(31)
    assert scene.calls.reconcile() == 0  # a list may lag behind a create, so there is a second look
    assert scene.state() == "unknown"
    scene.advance(31)

    assert scene.calls.reconcile() == 1
    assert (scene.state(), scene.today()) == ("failed", NOTHING)


def test_nothing_is_given_back_while_tavus_cannot_be_asked(scene: CallScene) -> None:
    scene.tavus.fault(method="POST", path="/v2/conversations", reset=True)
    with pytest.raises(VendorError):
        scene.start()
    scene.advance(31)
    scene.tavus.fault(method="GET", path="/v2/conversations", status=503)

    assert scene.calls.reconcile() == 0
    assert scene.today()["active"] == 1
    assert scene.calls.reconcile() == 0
    scene.advance(31)
    assert scene.calls.reconcile() == 1


def test_a_function_that_died_after_reserving_is_cleaned_up(scene: CallScene) -> None:
    scene.ledger.reserve(
        scene.company, scene.session.session_id, IDEMPOTENCY_KEY, "fingerprint", 0.6, mode="video", vendor="tavus"
    )

    scene.advance(31)
    scene.calls.reconcile()
    scene.advance(31)
    scene.calls.reconcile()

    assert (scene.state(), scene.today()) == ("failed", NOTHING)


def test_a_call_that_cannot_be_remembered_is_ended_at_once(scene: CallScene) -> None:
    class Interrupted(TavusVideo):
        """While Tavus works, the reconciler gives the reservation back, as it would after half a minute."""

        def start(self, request: CallRequest) -> LiveCall:
            call = super().start(request)
            operation = scene.ledger.get("acme", request.name)
            assert operation is not None
            scene.ledger.fail(operation)
            return call

    scene.calls = scene.with_vendor(Interrupted(scene.tavus.client(), ("*.daily.co",), 0.6))

    with pytest.raises(VendorError, match=r"^Failed to create Tavus session"):
        scene.start()

    assert scene.tavus.running() == 0
    assert scene.today() == NOTHING


def test_a_call_whose_time_is_up_is_ended_by_us(scene: CallScene) -> None:
    scene.start()
    scene.clock.advance(599)
    assert scene.calls.reconcile() == 0

    scene.clock.advance(1)
    assert scene.calls.reconcile() == 1

    assert scene.tavus.running() == 0
    assert (scene.state(), scene.today()["active"]) == ("settled", 0)


def test_a_call_is_ended_on_time_and_not_with_the_next_tick(scene: CallScene) -> None:
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        scene.advance(seconds)

    scene.calls = scene.with_vendor(scene.tavus.video(), sleep=sleep)
    first = scene.start("the first wish", scene.another_visitor())
    scene.tavus.joined(first.conversation_id or "")
    scene.clock.advance(20)
    scene.start("the second wish", scene.another_visitor())
    scene.clock.advance(550)
    scene.calls.reconcile()

    assert scene.calls.end_on_time(55) == 2

    assert waited == [30, 20]
    assert scene.tavus.running() == 0


def test_a_call_that_its_visitor_ends_meanwhile_is_not_ended_again(scene: CallScene) -> None:
    def sleep(_seconds: float) -> None:
        scene.calls.end("acme", scene.session.session_id, "visitor")

    scene.calls = scene.with_vendor(scene.tavus.video(), sleep=sleep)
    operation = scene.start()
    scene.clock.advance(590)
    scene.calls.reconcile()

    assert scene.calls.end_on_time(55) == 0

    assert scene.state() == "settled"
    assert len(scene.tavus.asked("POST", f"/v2/conversations/{operation.conversation_id}/end")) == 1


def test_a_run_waits_only_for_what_ends_before_the_next_one(scene: CallScene) -> None:
    def sleep(_seconds: float) -> None:
        raise AssertionError

    scene.calls = scene.with_vendor(scene.tavus.video(), sleep=sleep)
    scene.start()
    scene.clock.advance(540)
    scene.calls.reconcile()

    assert scene.calls.end_on_time(55) == 0


def test_one_stubborn_call_does_not_keep_the_others_alive(scene: CallScene) -> None:
    stubborn = scene.start("the first wish")
    other = scene.start("the second wish", scene.another_visitor())
    path = f"/v2/conversations/{stubborn.conversation_id}/end"
    scene.tavus.fault(method="POST", path=path, status=503, times=9)
    scene.clock.advance(600)

    assert scene.calls.reconcile() == 1
    assert (scene.state("the first wish"), scene.state("the second wish")) == ("ending", "settled")
    scene.tavus.clear_faults()
    assert scene.calls.reconcile() == 1
    assert other.conversation_id != stubborn.conversation_id


def test_who_stands_behind_a_stubborn_call_comes_first_the_next_time(
    scene: CallScene, conversations_table: Table, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    time_of_circuits(clock, monkeypatch.setattr)
    client = TavusClient(scene.tavus.url, Secret(KEY), Circuits(conversations_table, VENDOR, KEY_REFUSED))
    scene.calls = scene.with_vendor(TavusVideo(client, ("*.daily.co",), 0.6))
    stubborn = scene.start("the first wish")
    scene.clock.advance(2)
    scene.start("the second wish", scene.another_visitor())
    path = f"/v2/conversations/{stubborn.conversation_id}/end"
    scene.tavus.fault(method="POST", path=path, status=503, times=99)
    scene.clock.advance(600)

    assert scene.calls.reconcile() == 0, "its failures have opened the circuit, and nobody else is asked about"
    scene.clock.advance(60)
    assert scene.calls.reconcile() == 1
    assert (scene.state("the first wish"), scene.state("the second wish")) == ("ending", "settled")

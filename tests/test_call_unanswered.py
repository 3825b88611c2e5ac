"""A create that failed, was lost, or came too late: never bought twice, and given back once it is known."""

from typing import Any

import pytest

from aisdr.company import Company
from aisdr.errors import LimitReached, NotConfigured, VendorError
from aisdr.live.base import CallRequest, LiveCall
from aisdr.live.tavus import TavusVideo
from aisdr.session import Session
from aisdr.table import Table
from tests.calls import IDEMPOTENCY_KEY, NOTHING, CallScene, scene
from tests.material import Clock
from tests.tavus import running_tavus

__all__ = ["scene"]


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

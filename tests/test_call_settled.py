"""The end of a call is proved before it is settled, and written off when nobody can prove it."""

import pytest

from aisdr.errors import VendorError
from aisdr.live.base import CallStatus
from aisdr.live.tavus import TavusVideo
from aisdr.settling import WRITE_OFF_SECONDS
from tests.calls import CallScene, scene

__all__ = ["scene"]


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

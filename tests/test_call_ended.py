"""Who ends a call on time when its visitor does not: the reconciler, whatever stands in its way."""

import pytest

from aisdr.live.circuit import Circuits
from aisdr.live.tavus import TavusVideo
from aisdr.live.tavus_api import KEY_REFUSED, VENDOR, TavusClient
from aisdr.secret import Secret
from aisdr.table import Table
from dev.environments import time_of_circuits
from tests.calls import CallScene, scene
from tests.material import Clock
from tests.tavus import KEY

__all__ = ["scene"]


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

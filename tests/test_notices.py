"""Webhooks: hints that are checked before money moves, and that complete what the browser did not tell."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from aisdr.errors import NotFound, VendorError
from aisdr.ledger import Operation
from aisdr.table import Table
from tests.calls import CallScene, scene
from tests.conftest import CONVERSATIONS
from tests.material import items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

__all__ = ["scene"]


def test_a_webhook_that_says_joined_makes_the_call_live(scene: CallScene) -> None:
    operation = scene.start()

    scene.notice(operation, "system.replica_joined")

    assert scene.state() == "live"


@pytest.mark.cell("F-TV-18/duplicated")
def test_a_webhook_that_says_ended_settles_after_asking(scene: CallScene) -> None:
    operation = scene.start()
    scene.advance(60)
    assert scene.tavus.running() == 0

    for _ in range(5):
        scene.notice(operation, "system.shutdown")

    assert scene.state() == "settled"
    assert scene.today()["seconds"] == 60


def test_a_forged_end_of_a_call_that_still_runs_settles_nothing(scene: CallScene) -> None:
    operation = scene.start()

    scene.notice(operation, "system.shutdown")

    assert (scene.state(), scene.today()["active"], scene.tavus.running()) == ("created", 1, 1)
    scene.advance(60)
    scene.notice(operation, "system.shutdown")
    assert scene.state() == "settled", "the same words, and now they are true"


@pytest.mark.cell("F-TV-18/unknown-id")
def test_a_webhook_about_another_conversation_is_ignored(scene: CallScene) -> None:
    operation, other = scene.start(), scene.start("another wish", scene.another_visitor())
    scene.advance(60)

    scene.notice(operation, "system.shutdown", conversation_id=other.conversation_id)

    assert (scene.state(), scene.state("another wish")) == ("created", "created")


@pytest.mark.parametrize(
    "event_type", ["application.transcription_ready", "tomorrow.something_new", "system.replica_joined", ""]
)
def test_other_webhooks_settle_nothing_even_after_the_end(scene: CallScene, event_type: str) -> None:
    operation = scene.start()
    scene.advance(60)

    scene.notice(operation, event_type)

    assert scene.state() in ("created", "live")


@pytest.mark.cell("F-TV-18/late")
def test_a_late_webhook_does_not_wake_a_settled_call(scene: CallScene) -> None:
    operation = scene.start()
    scene.calls.end("acme", scene.session.session_id, "visitor")
    settled = scene.today()

    for event_type in ("system.replica_joined", "system.shutdown"):
        scene.notice(operation, event_type)

    assert (scene.state(), scene.today()) == ("settled", settled)


@pytest.mark.parametrize("body", [{}, {"conversation_id": 7}, {"event_type": "system.shutdown"}, {"a": [1]}], ids=str)
def test_a_webhook_that_makes_no_sense_is_ignored(scene: CallScene, body: dict[str, Any]) -> None:
    operation = scene.start()

    scene.notices.receive(scene.sessions.capability(operation.operation_id, "acme"), body)

    assert scene.state() == "created"


@pytest.mark.cell("F-TV-18/unknown-id")
def test_a_webhook_on_a_forged_path_is_nothing_and_asks_nobody(scene: CallScene, aws: "DynamoDBClient") -> None:
    operation = scene.start()
    before = items(aws, CONVERSATIONS)
    body = {"conversation_id": operation.conversation_id, "event_type": "system.shutdown"}

    with pytest.raises(NotFound):
        scene.notices.receive(f"acme.{operation.operation_id}.{'0' * 64}", body)

    assert scene.tavus.asked("GET", "/v2/conversations") == []
    assert items(aws, CONVERSATIONS) == before


ENDS: dict[str, Callable[[CallScene, Operation], Any]] = {
    "visitor": lambda scene, operation: scene.calls.end("acme", scene.session.session_id, "visitor"),
    "webhook": lambda scene, operation: scene.notice(operation, "system.shutdown"),
    "timer": lambda scene, operation: scene.calls.reconcile(),
}


@pytest.mark.slow
@pytest.mark.parametrize("second", ENDS)
@pytest.mark.parametrize("first", ENDS)
def test_whoever_comes_first_settles_and_the_second_changes_nothing(scene: CallScene, first: str, second: str) -> None:
    operation = scene.start()
    scene.advance(600)

    ENDS[first](scene, operation)
    after_the_first = scene.today()
    ENDS[second](scene, operation)

    assert (scene.state(), scene.today()["active"]) == ("settled", 0)
    assert scene.today() == after_the_first


def post(scene: CallScene, operation: Operation, event_type: str, properties: Any = None, **more: Any) -> None:
    """A whole webhook about something that happened."""
    if event_type.startswith("application."):
        assert operation.conversation_id is not None
        scene.tavus.happened(operation.conversation_id, event_type, properties)
    claim(scene, operation, event_type, properties, **more)


def claim(scene: CallScene, operation: Operation, event_type: Any, properties: Any = None, **more: Any) -> None:
    """A whole webhook, which anybody may have sent."""
    body = {"conversation_id": operation.conversation_id, "event_type": event_type, "properties": properties} | more
    scene.notices.receive(scene.sessions.capability(operation.operation_id, "acme"), body)


def transcript(scene: CallScene, *said: tuple[str, str]) -> dict[str, Any]:
    """What Tavus heard, two seconds apart, from now on."""
    return {
        "transcript": [
            {"role": role, "content": text, "timestamp": scene.clock() + 2 * number, "inference_id": f"i{number}"}
            for number, (role, text) in enumerate(said)
        ]
    }


def turns(scene: CallScene) -> list[tuple[str, str]]:
    return [(turn.role, turn.text) for turn in scene.transcripts.all(scene.session)]


def test_an_end_that_cannot_be_confirmed_just_now_may_come_again(scene: CallScene) -> None:
    operation = scene.start()
    scene.advance(60)
    scene.tavus.fault(method="GET", path=f"/v2/conversations/{operation.conversation_id}", status=503, times=3)

    with pytest.raises(VendorError):
        scene.notice(operation, "system.shutdown")
    assert scene.state() == "created"
    scene.notice(operation, "system.shutdown")

    assert scene.state() == "settled"


def test_an_end_that_was_confirmed_is_not_asked_for_again(scene: CallScene) -> None:
    operation = scene.start()
    scene.advance(60)
    scene.notice(operation, "system.shutdown")
    asked = len(scene.tavus.asked("GET", "/v2/conversations/"))

    for timestamp in ("2026-06-01T12:00:00Z", "2026-06-01T12:00:01Z"):
        post(scene, operation, "system.shutdown", {"shutdown_reason": "x"}, timestamp=timestamp)

    assert len(scene.tavus.asked("GET", "/v2/conversations/")) == asked


@pytest.mark.cell("F-TV-18/reordered")
def test_the_end_may_be_told_before_the_beginning(scene: CallScene) -> None:
    operation = scene.start()
    scene.advance(60)

    for event_type in ("system.shutdown", "system.pal_joined", "system.replica_joined"):
        scene.notice(operation, event_type)

    assert scene.state() == "settled"


def test_what_the_browser_never_told_is_added_once_and_in_its_place(scene: CallScene) -> None:
    operation = scene.start()
    told = transcript(
        scene, ("assistant", "Hello!"), ("user", "What does it cost?"), ("assistant", "It costs 49 a month.")
    )
    scene.clock.advance(1)
    scene.transcripts.append(scene.session, "assistant", "Hello!", channel="video", key="a")
    scene.clock.advance(5)
    scene.transcripts.append(scene.session, "assistant", "It costs 49 a month.", channel="video", key="b")
    scene.clock.advance(60)

    for timestamp in ("2026-06-01T12:00:00Z", "2026-06-01T12:00:01Z"):
        post(scene, operation, "application.transcription_ready", told, timestamp=timestamp)

    assert turns(scene) == [
        ("assistant", "Hello!"),
        ("visitor", "What does it cost?"),
        ("assistant", "It costs 49 a month."),
    ]


def test_a_transcript_completes_a_conversation_that_is_settled_and_over(scene: CallScene) -> None:
    operation = scene.start()
    scene.calls.end("acme", scene.session.session_id, "visitor")
    scene.sessions.end(scene.session)

    post(scene, operation, "application.transcription_ready", transcript(scene, ("user", "One more thing")))

    assert turns(scene) == [("visitor", "One more thing")]


def test_words_that_were_mended_or_cut_short_are_the_same_words(scene: CallScene) -> None:
    operation = scene.start()
    for key, role, text in (
        ("a", "visitor", "what is the price for 200 stores"),
        ("b", "assistant", "The Chain plan costs four hundred"),
        ("c", "visitor", "Yes"),
    ):
        scene.transcripts.append(scene.session, role, text, channel="video", key=key)  # type: ignore[arg-type]
    told = transcript(
        scene,
        ("user", "What's the price for 200 stores?"),
        ("assistant", "The Chain plan costs four hundred and ninety dollars."),
        ("user", "Yes."),
        ("user", "Yes, please."),
    )

    post(scene, operation, "application.transcription_ready", told)

    assert [text for _, text in turns(scene)[3:]] == ["Yes, please."]


def test_who_says_the_same_twice_is_heard_twice(scene: CallScene) -> None:
    operation = scene.start()
    scene.transcripts.append(scene.session, "visitor", "Hello?", channel="video", key="a")

    post(scene, operation, "application.transcription_ready", transcript(scene, ("user", "Hello?"), ("user", "Hello?")))

    assert turns(scene) == [("visitor", "Hello?"), ("visitor", "Hello?")]


def test_what_was_said_before_the_call_is_not_taken_for_a_part_of_it(scene: CallScene) -> None:
    scene.transcripts.append(scene.session, "visitor", "What does it cost?", channel="text")
    scene.clock.advance(30)
    operation = scene.start()

    post(scene, operation, "application.transcription_ready", transcript(scene, ("user", "What does it cost?")))

    assert len(turns(scene)) == 2


def test_a_time_that_cannot_be_is_brought_into_the_call(scene: CallScene) -> None:
    operation = scene.start()
    told = {"transcript": [{"role": "user", "content": "Hello", "timestamp": 3}]}

    post(scene, operation, "application.transcription_ready", told)

    (turn,) = scene.transcripts.all(scene.session)
    assert turn.said_at == pytest.approx(scene.clock(), abs=10)


def test_a_recording_and_what_was_perceived_are_kept_with_the_conversation(
    scene: CallScene, conversations_table: Table
) -> None:
    operation = scene.start()

    post(scene, operation, "application.recording_ready", {"storage_uri": "s3://acme/a.mp4", "duration": 61.5})
    post(scene, operation, "application.perception_analysis", {"analysis": "The visitor smiled."})

    recording = conversations_table.get(scene.session.key, f"recording#{operation.conversation_id}")
    perceived = conversations_table.get(scene.session.key, f"perceived#{operation.conversation_id}")
    assert recording is not None
    assert perceived is not None
    assert (recording["uri"], recording["seconds"]) == ("s3://acme/a.mp4", 61.5)
    assert perceived["text"] == "The visitor smiled."


def test_nothing_is_kept_for_a_visitor_whose_data_was_erased(
    scene: CallScene, conversations_table: Table, aws: "DynamoDBClient"
) -> None:
    operation = scene.start()
    conversations_table.delete(scene.session.key, "session")
    before = items(aws, CONVERSATIONS)

    post(scene, operation, "application.transcription_ready", transcript(scene, ("user", "My name is Ada")))
    post(scene, operation, "application.recording_ready", {"storage_uri": "s3://acme/a.mp4"})

    assert items(aws, CONVERSATIONS) == before


@pytest.mark.parametrize("properties", [None, 7, "text", [], {"transcript": [{"role": "user", "content": "\ud800"}]}])
def test_a_body_of_any_form_is_survived(scene: CallScene, properties: Any) -> None:
    operation = scene.start()

    for event_type in (
        "system.shutdown",
        "application.transcription_ready",
        "application.recording_ready",
        ["x"],
        None,
    ):
        claim(scene, operation, event_type, properties)

    assert scene.state() == "created"


@pytest.mark.parametrize(
    ("event_type", "properties"),
    [
        ("application.transcription_ready", {"transcript": [{"role": "assistant", "content": "I promise 90 % off."}]}),
        ("application.recording_ready", {"storage_uri": "s3://elsewhere/a.mp4"}),
        ("application.perception_analysis", {"analysis": "The visitor agreed to everything."}),
    ],
)
def test_what_the_vendor_does_not_say_itself_is_not_kept(
    scene: CallScene, conversations_table: Table, event_type: str, properties: dict[str, Any]
) -> None:
    operation = scene.start()

    claim(scene, operation, event_type, properties)

    kept = [item["sk"] for item in conversations_table.query(scene.session.key)]
    assert turns(scene) == []
    assert not [name for name in kept if name.startswith(("recording#", "perceived#", "notice#"))]

"""Tavus's webhooks in our words: whatever an unsigned body holds."""

import math
from typing import Any

import pytest

from aisdr.live.base import Notice, Recording, Said
from aisdr.live.tavus_events import read_event
from aisdr.live.tavus_notices import MOST_TURNS, moment, read_notice


def body(event_type: Any, properties: Any = None) -> dict[str, Any]:
    return {"conversation_id": "c1", "event_type": event_type, "properties": properties}


def test_either_name_of_joining_is_read() -> None:
    for name in ("system.replica_joined", "system.pal_joined"):
        assert read_notice(body(name)) == Notice("c1", "joined", name=name)


def test_a_transcript_is_read_without_the_vendors_own_entries() -> None:
    transcript = [
        {"role": "system", "content": "You are …"},
        {"role": "user", "content": "What does it cost?", "timestamp": 1794000000.5, "inference_id": "i1"},
        {"role": "assistant", "content": "It costs 49.", "timestamp": "2026-11-01T10:00:00Z", "inference_id": "i2"},
        {"role": "tool", "content": "{}"},
    ]

    notice = read_notice(body("application.transcription_ready", {"transcript": transcript}))

    assert notice is not None
    visitor, assistant = notice.said
    assert visitor == Said("visitor", "What does it cost?", 1794000000.5, None)
    assert (assistant.role, assistant.text, assistant.said_at) == ("assistant", "It costs 49.", 1793527200.0)


def test_the_face_has_the_same_key_in_the_room_and_in_the_transcript() -> None:
    spoken = {"role": "replica", "speech": "It costs 49."}
    in_the_room = {
        "event_type": "conversation.utterance",
        "conversation_id": "c1",
        "inference_id": "i2",
        "properties": spoken,
    }
    entry = {"role": "assistant", "content": "It costs 49.", "inference_id": "i2"}

    notice = read_notice(body("application.transcription_ready", {"transcript": [entry]}))

    assert notice is not None
    assert [each.key for each in notice.said] == [event.key for event in read_event(in_the_room)]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("properties", "recording"),
    [
        ({"storage_uri": "s3://acme/a.mp4", "duration": 61}, Recording("s3://acme/a.mp4", 61.0)),
        ({"bucket_name": "acme", "s3_key": "a.mp4"}, Recording("s3://acme/a.mp4", None)),
        ({"storage_uri": "s3://acme/a.mp4", "duration": "long"}, Recording("s3://acme/a.mp4", None)),
        ({"storage_uri": "s3://acme/a.mp4", "duration": True}, Recording("s3://acme/a.mp4", None)),
        ({"storage_uri": ["s3"]}, None),
        (None, None),
    ],
)
def test_a_recording_is_read_from_either_set_of_fields(properties: Any, recording: Recording | None) -> None:
    notice = read_notice(body("application.recording_ready", properties))

    assert notice is not None
    assert notice.recording == recording
    assert notice.kind == ("recording" if recording else "other")


@pytest.mark.parametrize("transcript", [None, 7, "text", {}, [None, 7, [], {"role": ["user"]}, {"role": "user"}]])
def test_a_transcript_of_another_form_is_empty(transcript: Any) -> None:
    notice = read_notice(body("application.transcription_ready", {"transcript": transcript}))

    assert notice is not None
    assert (notice.kind, notice.said) == ("transcript", ())


def test_sizes_are_bounded_and_halves_of_characters_are_mended() -> None:
    entries = [{"role": "user", "content": "\ud800" + "x" * 100_000}] * (MOST_TURNS + 50)

    notice = read_notice(body("application.transcription_ready", {"transcript": entries}))
    seen = read_notice(body("application.perception_analysis", {"analysis": "y" * 100_000}))

    assert notice is not None
    assert seen is not None
    assert len(notice.said) == MOST_TURNS
    assert len(notice.said[0].text) <= 8000
    notice.said[0].text.encode()
    assert (seen.kind, len(seen.perceived)) == ("perception", 8000)


@pytest.mark.parametrize("value", [None, True, -1, math.nan, math.inf, 1e300, "yesterday", [], {}])
def test_a_moment_that_is_none_is_not_known(value: Any) -> None:
    assert moment(value) is None


@pytest.mark.parametrize(
    "raw", [{}, {"conversation_id": ["c1"], "event_type": "system.shutdown"}, {"conversation_id": ""}]
)
def test_what_is_about_no_conversation_is_nothing(raw: dict[str, Any]) -> None:
    assert read_notice(raw) is None


@pytest.mark.parametrize(
    "name", [None, 7, "", "tomorrow.something_new", "application.recording_copy_failed", "x" * 500]
)
def test_other_events_are_about_the_conversation_and_nothing_else(name: Any) -> None:
    notice = read_notice(body(name))

    assert notice is not None
    assert notice.kind == "other"
    assert len(notice.name) <= 80

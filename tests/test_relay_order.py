"""A call's transcript stands in the order in which it was said, whoever wrote which part of it first."""

import random
from itertools import permutations
from typing import Any

import pytest

from aisdr.services import Services
from tests.postbox import Postbox
from tests.sockets import Visitor, visitor_of_acme

pytestmark = pytest.mark.slow

MODES = ("text", "voice", "video")


@pytest.fixture
def environment(environment: pytest.MonkeyPatch, postbox: Postbox) -> pytest.MonkeyPatch:
    environment.setenv("WS_ENDPOINT", postbox.url)
    return environment


@pytest.fixture
def voice(services: Services, postbox: Postbox) -> Visitor:
    return visitor_of_acme(services, postbox, "voice", modes=MODES)


@pytest.fixture
def video(services: Services, postbox: Postbox) -> Visitor:
    return visitor_of_acme(services, postbox, "video", modes=MODES)


def began(item: str) -> dict[str, Any]:
    return {"type": "input_audio_buffer.speech_started", "item_id": item, "audio_start_ms": 7}


def committed(item: str) -> dict[str, Any]:
    return {"type": "input_audio_buffer.committed", "item_id": item}


def added(item: str) -> dict[str, Any]:
    return {"type": "conversation.item.added", "item": {"id": item, "type": "message"}}


def heard(item: str, text: str) -> dict[str, Any]:
    return {"type": "conversation.item.input_audio_transcription.completed", "item_id": item, "transcript": text}


def answered(item: str, text: str) -> dict[str, Any]:
    return {"type": "response.output_audio_transcript.done", "item_id": item, "transcript": text}


def searched(call_id: str) -> dict[str, Any]:
    wish = {"type": "function_call", "call_id": call_id, "name": "search_knowledge", "arguments": '{"query": "Growth"}'}
    return {"type": "response.done", "response": {"status": "completed", "output": [wish]}}


def texts(visitor: Visitor) -> list[str]:
    turns = visitor.services.transcripts.all(visitor.session)
    assert [turn.said_at for turn in turns] == sorted(turn.said_at for turn in turns)
    exported = [turn for _, turn in visitor.services.transcripts.each(visitor.session.scope)]
    assert turns == exported == visitor.services.transcripts.recent(visitor.session, 50)
    return [turn.text or "(a card)" for turn in turns]


@pytest.mark.parametrize(
    "beginning", [began, committed, added, lambda item: added(item) | {"type": "conversation.item.created"}]
)
def test_words_that_are_written_down_after_the_reply_stand_before_it(voice: Visitor, beginning: Any) -> None:
    for event in (beginning("i1"), answered("i2", "It costs $149."), heard("i1", "What does it cost?")):
        voice.forward(event)

    assert texts(voice) == ["What does it cost?", "It costs $149."]
    told = voice.services.memory.told(voice.services.companies.get("acme"), voice.session)
    assert told.index("What does it cost?") < told.index("It costs $149.")


def test_who_speaks_into_a_reply_has_spoken_after_its_beginning(voice: Visitor) -> None:
    events = (added("i1"), began("i2"), answered("i1", "It costs $149 and"), committed("i2"), added("i2"))
    for event in (*events, heard("i2", "Wait!")):
        voice.forward(event)

    assert texts(voice) == ["It costs $149 and", "Wait!"]


@pytest.mark.cell("F-WS-08")
def test_frames_that_are_served_in_any_order_make_one_transcript(voice: Visitor) -> None:
    events = [
        committed("i1"),
        added("i1"),
        searched("c1"),
        added("i2"),
        answered("i2", "Two"),
        heard("i1", "One"),
    ]
    numbered = list(enumerate(events, 1))
    random.Random(3).shuffle(numbered)  # noqa: S311 - the same order in every run

    for seq, event in numbered:
        voice.forward(event, seq)

    assert texts(voice) == ["One", "(a card)", "Two"]


@pytest.mark.parametrize("order", [*permutations((1, 2, 3))])
def test_the_vendors_own_number_counts_more_than_the_moment_it_came(video: Visitor, order: tuple[int, ...]) -> None:
    for number in order:
        video.forward(video.utterance("user" if number % 2 else "replica", f"Part {number}", number) | {"seq": number})

    assert texts(video) == ["Part 1", "Part 2", "Part 3"]


def test_instances_that_serve_one_socket_side_by_side_keep_the_order(
    voice: Visitor, services: Services, postbox: Postbox
) -> None:
    another = Visitor(Services(services.settings), postbox, voice.session, Services(services.settings).relay)

    another.forward(answered("i4", "Four"), 4)
    voice.forward(answered("i2", "Two"), 2)
    another.forward(heard("i3", "Three"), 3)
    voice.forward(heard("i1", "One"), 1)

    assert texts(voice) == ["One", "Two", "Three", "Four"]


def test_a_page_that_was_loaded_anew_begins_to_count_anew_and_stands_behind(voice: Visitor) -> None:
    for seq, text in ((30, "One"), (31, "Two")):
        voice.forward(answered(f"i{seq}", text), seq)
    voice.connect("c2", "voice", "another call")

    voice.forward(answered("j5", "Four"), 5, "c2")
    voice.forward(answered("j4", "Three"), 4, "c2")

    assert texts(voice) == ["One", "Two", "Three", "Four"]


def test_what_is_typed_keeps_its_place_between_what_is_spoken(voice: Visitor) -> None:
    for event in (committed("i1"), answered("i2", "Two")):
        voice.forward(event)
    voice.send({"action": "say", "id": "s1", "text": "Three"})
    voice.forward(heard("i1", "One"))
    voice.forward(answered("i3", "Four"))

    assert texts(voice) == ["One", "Two", "Three", "Four"]


def test_a_beginning_that_is_served_last_still_counts(voice: Visitor) -> None:
    voice.forward(heard("i1", "One"), 9)
    voice.forward(answered("i2", "Two"), 5)

    voice.forward(committed("i1"), 3)

    assert texts(voice) == ["One", "Two"]


def test_an_utterance_is_written_once_in_whatever_order_its_parts_come(voice: Visitor) -> None:
    for events in permutations((committed("i1"), heard("i1", "One"), heard("i1", "One"))):
        for event in events:
            voice.forward(event)

    assert texts(voice) == ["One"]


WHOLE = {"role": "replica", "speech": "It costs $149. And I promise a free year."}
STREAMED = {"role": "replica", "speech": "It costs $149.", "final": True, "is_interrupted": True}


@pytest.mark.parametrize("told", [{}, {"interrupted": True}], ids=["before it was cut off", "after it"])
@pytest.mark.parametrize("first", ["whole", "streamed"])
def test_the_avatar_has_said_no_more_than_was_heard(video: Visitor, first: str, told: dict[str, Any]) -> None:
    whole = video.in_room("conversation.utterance", WHOLE | told, inference_id="i9")
    streamed = video.in_room("conversation.utterance.streaming", STREAMED, inference_id="i9")
    for event in (whole, streamed, whole, streamed) if first == "whole" else (streamed, whole, streamed, whole):
        video.forward(event)

    (turn,) = video.services.transcripts.all(video.session)
    assert (turn.role, turn.text, turn.cut) == ("assistant", "It costs $149.", True)


def test_of_two_corrections_the_later_one_counts_whichever_comes_first(video: Visitor) -> None:
    for number, speech in ((12, "It costs $149. And"), (11, "It costs")):
        properties = STREAMED | {"speech": speech}
        video.forward(video.in_room("conversation.utterance.streaming", properties, inference_id="i9", seq=number))

    assert texts(video) == ["It costs $149. And"]


def test_a_greeting_that_has_no_streamed_twin_is_written_down(video: Visitor) -> None:
    video.forward(video.in_room("conversation.utterance", {"role": "replica", "speech": "Hello!"}, inference_id="i1"))

    assert texts(video) == ["Hello!"]


def test_the_language_that_was_heard_stays_with_the_words(video: Visitor) -> None:
    spoken = {"role": "user", "speech": "Was kostet das?", "language": "german"}
    video.forward(video.in_room("conversation.utterance", spoken, turn_idx=1))

    (turn,) = video.services.transcripts.all(video.session)
    assert turn.language == "de"

"""The realtime look-alike notices speech by its energy, and understands it without a network."""

import re
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dev.openai.ears import RATE, Ears, Started, Stopped
from dev.openai.hearing import recognise
from dev.voice import MICROPHONE_RATE, Samples, speak, write_question

TURNS: dict[str, Any] = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 500,
    "create_response": True,
    "interrupt_response": True,
}
FRAME = RATE // 50


def silence(seconds: float) -> Samples:
    return np.zeros(int(seconds * RATE), np.int16)


def tone(seconds: float) -> Samples:
    return (8000 * np.sin(np.arange(int(seconds * RATE)) / 20)).astype(np.int16)


def heard(ears: Ears, *sound: Samples) -> list[Started | Stopped]:
    samples = np.concatenate(sound)
    frames = [samples[at : at + FRAME] for at in range(0, len(samples), FRAME)]
    return [event for event in map(ears.hear, frames) if event is not None]


def test_speech_begins_with_some_of_the_silence_before_it_and_ends_with_a_pause() -> None:
    [started, stopped] = heard(Ears(TURNS), silence(2), tone(1), silence(1))

    assert isinstance(started, Started)
    assert isinstance(stopped, Stopped)
    assert 1400 <= started.at_ms <= 1800
    assert 2900 <= stopped.at_ms <= 3100
    assert 1.5 <= len(stopped.speech) / RATE <= 2.2


def test_a_short_pause_does_not_end_a_turn_and_a_longer_setting_waits_longer() -> None:
    usual = heard(Ears(TURNS), tone(1), silence(0.3), tone(1), silence(1))
    patient = heard(Ears(TURNS | {"silence_duration_ms": 1500}), tone(1), silence(1), tone(1), silence(1))

    assert len(usual) == 2
    assert len(patient) == 1


def test_eagerness_decides_how_long_a_pause_may_be() -> None:
    def turns(eagerness: str) -> int:
        ears = Ears({"type": "semantic_vad", "eagerness": eagerness})
        return len(heard(ears, tone(1), silence(0.7), tone(1), silence(0.7)))

    assert turns("high") == 4
    assert turns("low") == 1


def test_a_beep_is_not_speech_and_a_high_threshold_hears_only_what_is_loud() -> None:
    beeps = [part for _ in range(3) for part in (tone(0.02), silence(0.5))]
    quiet = (tone(1) // 20).astype(np.int16)

    assert heard(Ears(TURNS), *beeps) == []
    assert heard(Ears(TURNS | {"threshold": 0.9}), quiet, silence(1)) == []
    assert len(heard(Ears(TURNS | {"threshold": 0.1}), quiet, silence(1))) == 2


def test_without_turn_detection_everything_is_kept_until_it_is_taken() -> None:
    ears = Ears(None)

    assert heard(ears, tone(1), silence(1)) == []
    assert len(ears.take()) == 2 * RATE
    assert len(ears.take()) == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("What does it cost for two hundred stores?", "cost for (two hundred|200)"),
        ("I would like to book a meeting with your team.", "book a meeting"),
        ("Can I talk to a human being, please?", "talk to (a|the) human"),
        ("What did I ask you before?", "(did|bit) i ask you before"),
    ],
)
def test_a_written_question_is_understood(tmp_path: Path, question: str, words: str) -> None:
    file = tmp_path / "question.wav"

    write_question(question, file)

    with wave.open(str(file)) as written:
        shape = written.getnchannels(), written.getsampwidth(), written.getframerate()
        samples = np.frombuffer(written.readframes(written.getnframes()), np.int16)
    assert shape == (1, 2, 48_000)
    assert re.search(words, recognise(samples, MICROPHONE_RATE).lower())


def test_silence_has_no_words() -> None:
    assert recognise(silence(1), RATE) == ""


def test_a_clear_voice_is_slower() -> None:
    assert speak("What does it cost?", clear=True).seconds > speak("What does it cost?").seconds

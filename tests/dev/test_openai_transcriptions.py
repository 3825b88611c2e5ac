"""The OpenAI look-alike writes recordings down for the vendor's own client, and refuses what the vendor refuses."""

from collections.abc import Iterator
from typing import Any

import openai
import pytest

from dev.openai import KEY, create_app
from dev.serve import serving
from dev.sound_file import encode
from dev.voice import speak

pytestmark = pytest.mark.slow

SENTENCE = "Every change can be taken back within thirty days."


@pytest.fixture(scope="module")
def client() -> Iterator[openai.OpenAI]:
    with serving(create_app()) as url:
        yield openai.OpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0)


@pytest.fixture(scope="module")
def sound() -> bytes:
    return encode(speak(SENTENCE, clear=True), "mp3")


def written(client: openai.OpenAI, file: bytes, name: str = "a.mp3", **wish: Any) -> Any:
    return client.audio.transcriptions.create(**{"model": "whisper-1", "file": (name, file)} | wish)


@pytest.mark.parametrize("model", ["whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe"])
def test_a_sentence_is_written_down(client: openai.OpenAI, sound: bytes, model: str) -> None:
    transcript = written(client, sound, model=model)

    assert "taken back" in transcript.text
    assert transcript.usage


def test_whisper_says_when_each_sentence_begins(client: openai.OpenAI, sound: bytes) -> None:
    transcript = written(client, sound, response_format="verbose_json", timestamp_granularities=["segment"])

    assert transcript.segments[0].start == pytest.approx(0, abs=0.5)
    assert transcript.segments[-1].end == pytest.approx(transcript.duration, abs=1)
    assert "taken back" in " ".join(segment.text for segment in transcript.segments)
    assert transcript.language == "english"


def test_the_model_that_tells_speakers_apart_says_it_too(client: openai.OpenAI, sound: bytes) -> None:
    wish = {"model": "gpt-4o-transcribe-diarize", "response_format": "diarized_json", "chunking_strategy": "auto"}

    assert {segment.speaker for segment in written(client, sound, **wish).segments} == {"A"}


@pytest.mark.parametrize(("form", "begins"), [("srt", "1\n00:00:0"), ("vtt", "WEBVTT\n\n00:00:0"), ("text", "")])
def test_captions_and_plain_text_are_given_as_such(client: openai.OpenAI, sound: bytes, form: str, begins: str) -> None:
    text = written(client, sound, response_format=form)

    assert text.startswith(begins)
    assert "taken back" in text


@pytest.mark.parametrize(
    ("wish", "file", "param"),
    [
        ({"model": "whisper-9"}, None, None),
        ({"model": "gpt-4o-transcribe", "response_format": "verbose_json"}, None, "response_format"),
        ({"language": "english"}, None, "language"),
        ({}, b"this is no sound", "file"),
        ({"extra_body": {"colour": "blue"}}, None, "colour"),
    ],
)
def test_what_the_vendor_refuses_is_refused(
    client: openai.OpenAI, sound: bytes, wish: dict[str, Any], file: bytes | None, param: str | None
) -> None:
    with pytest.raises(openai.APIStatusError) as refused:
        written(client, file or sound, **wish)

    assert refused.value.status_code in (400, 404)
    assert refused.value.param == param


def test_a_file_above_25_megabytes_is_too_large(client: openai.OpenAI) -> None:
    with pytest.raises(openai.APIStatusError) as refused:
        written(client, bytes(26 * 1024 * 1024))

    assert refused.value.status_code == 413

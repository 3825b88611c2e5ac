"""The OpenAI look-alike reads text aloud for the vendor's own client, and refuses what the vendor refuses."""

import io
from collections.abc import Iterator
from typing import Any

import av
import numpy as np
import openai
import pytest

from dev.openai import KEY, create_app
from dev.serve import serving

SENTENCE = "The growth plan costs forty nine dollars."


@pytest.fixture(scope="module")
def client() -> Iterator[openai.OpenAI]:
    with serving(create_app()) as url:
        yield openai.OpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0)


def spoken(client: openai.OpenAI, **wish: Any) -> tuple[bytes, str]:
    answer = client.audio.speech.create(
        **{"model": "gpt-4o-mini-tts", "voice": "marin", "input": SENTENCE, "response_format": "pcm"} | wish
    )
    return answer.content, answer.response.headers["content-type"]


@pytest.mark.parametrize(
    ("response_format", "content_type"),
    [("mp3", "audio/mpeg"), ("opus", "audio/ogg"), ("aac", "audio/aac"), ("flac", "audio/flac"), ("wav", "audio/wav")],
)
def test_a_sentence_is_spoken_in_every_format(client: openai.OpenAI, response_format: str, content_type: str) -> None:
    audio, told = spoken(client, response_format=response_format)

    with av.open(io.BytesIO(audio), "r") as container:
        sound = [frame.to_ndarray().astype(np.float64) for frame in container.decode(audio=0)]
        rate = container.streams.audio[0].rate
    assert told == content_type
    assert 1 < sum(frame.shape[-1] for frame in sound) / rate < 6
    assert max(np.abs(frame).max() for frame in sound) > 0.1


def test_raw_samples_are_16_bit_at_24_kilohertz_and_as_fast_as_asked(client: openai.OpenAI) -> None:
    usual, fast = spoken(client)[0], spoken(client, speed=2)[0]

    assert 1.5 < len(usual) / 2 / 24_000 < 5
    assert len(fast) < 0.7 * len(usual)


def test_voices_differ(client: openai.OpenAI) -> None:
    assert spoken(client, voice="marin")[0] != spoken(client, voice="onyx")[0]


def test_sound_arrives_in_pieces_also_as_events(client: openai.OpenAI) -> None:
    with client.audio.speech.with_streaming_response.create(
        model="gpt-4o-mini-tts", voice="marin", input=SENTENCE, stream_format="sse"
    ) as answer:
        lines = [line for line in answer.iter_lines() if line]

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert len([line for line in lines if "speech.audio.delta" in line]) > 1
    assert '"usage"' in lines[-1]


@pytest.mark.parametrize(
    ("wish", "param"),
    [
        ({"voice": "joanna"}, "voice"),
        ({"input": ""}, "input"),
        ({"input": "a" * 4097}, "input"),
        ({"response_format": "ogg"}, "response_format"),
        ({"speed": 4.5}, "speed"),
        ({"extra_body": {"language": "de"}}, "language"),
        ({"model": "tts-1", "instructions": "Whisper."}, "instructions"),
        ({"model": "tts-1", "stream_format": "sse"}, "stream_format"),
    ],
)
def test_a_wrong_wish_is_refused_with_the_name_of_its_parameter(
    client: openai.OpenAI, wish: dict[str, Any], param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        spoken(client, **wish)

    assert refused.value.param == param


def test_an_unknown_model_and_a_wrong_key_are_refused(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as missing:
        spoken(client, model="gpt-9-tts")
    with pytest.raises(openai.AuthenticationError):
        spoken(client.with_options(api_key="sk-wrong"))

    assert missing.value.code == "model_not_found"

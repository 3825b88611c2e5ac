"""The speech look-alike serves an unmodified AWS client: audible sound in every format, and AWS's own exceptions."""

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import av
import boto3
import httpx
import numpy as np
import pytest
from botocore.exceptions import ClientError

from dev.serve import serving
from dev.speech import create_app
from dev.voice import speak

if TYPE_CHECKING:
    from mypy_boto3_polly import PollyClient

SENTENCE = "The growth plan costs forty nine dollars."


@pytest.fixture(scope="module")
def polly() -> Iterator["PollyClient"]:
    with serving(create_app()) as url:
        yield boto3.client(
            "polly",
            endpoint_url=url,
            region_name="eu-west-1",
            aws_access_key_id="any",
            aws_secret_access_key="any",
        )


def decoded(audio: bytes) -> tuple[float, int]:
    """How long it lasts, and how loud it gets."""
    with av.open(io.BytesIO(audio), "r") as container:
        frames = [frame.to_ndarray().astype(np.float64) for frame in container.decode(audio=0)]
        rate = container.streams.audio[0].rate
    return sum(frame.shape[-1] for frame in frames) / rate, int(max(np.abs(frame).max() for frame in frames) * 1000)


@pytest.mark.parametrize(
    ("output_format", "content_type", "beginning"),
    [("mp3", "audio/mpeg", b"ID3"), ("ogg_vorbis", "audio/ogg", b"OggS"), ("ogg_opus", "audio/ogg", b"OggS")],
)
def test_a_sentence_is_spoken(polly: "PollyClient", output_format: Any, content_type: str, beginning: bytes) -> None:
    answer = polly.synthesize_speech(Text=SENTENCE, VoiceId="Joanna", OutputFormat=output_format, Engine="neural")

    audio = answer["AudioStream"].read()
    seconds, loudness = decoded(audio)
    assert (answer["ContentType"], answer["RequestCharacters"]) == (content_type, len(SENTENCE))
    assert audio.startswith(beginning)
    assert 1 < seconds < 6
    assert loudness > 100


def test_raw_samples_have_the_rate_that_was_asked_for(polly: "PollyClient") -> None:
    def samples(rate: str) -> int:
        answer = polly.synthesize_speech(Text=SENTENCE, VoiceId="Joanna", OutputFormat="pcm", SampleRate=rate)
        return len(answer["AudioStream"].read()) // 2

    assert samples("16000") == pytest.approx(2 * samples("8000"), abs=2)


def test_markup_is_not_read_out_and_not_billed(polly: "PollyClient") -> None:
    answer = polly.synthesize_speech(
        Text="<speak>Hello <break time='1s'/> there</speak>", VoiceId="Joanna", OutputFormat="mp3", TextType="ssml"
    )

    assert answer["RequestCharacters"] == len("Hello  there")


@pytest.mark.parametrize(
    ("wish", "exception"),
    [
        ({"Text": "a" * 3001}, "TextLengthExceededException"),
        ({"VoiceId": "Hans", "Engine": "neural"}, "EngineNotSupportedException"),
        ({"LanguageCode": "de-DE"}, "LanguageNotSupportedException"),
        ({"Text": "<speak>never closed", "TextType": "ssml"}, "InvalidSsmlException"),
        ({"OutputFormat": "pcm", "SampleRate": "44100"}, "InvalidSampleRateException"),
        ({"LexiconNames": ["acme"]}, "LexiconNotFoundException"),
        ({"VoiceId": "Nobody"}, "ValidationException"),
        ({"OutputFormat": "wav"}, "ValidationException"),
    ],
)
def test_a_wish_that_cannot_be_met_raises_the_exception_of_the_sdk(
    polly: "PollyClient", wish: dict[str, Any], exception: str
) -> None:
    with pytest.raises(ClientError) as refused:
        polly.synthesize_speech(**{"Text": "Hello", "VoiceId": "Joanna", "OutputFormat": "mp3"} | wish)

    assert refused.value.response["Error"]["Code"] == exception
    if hasattr(polly.exceptions, exception):
        assert isinstance(refused.value, getattr(polly.exceptions, exception))


def test_voices_are_described_by_language_and_engine(polly: "PollyClient") -> None:
    german = polly.describe_voices(LanguageCode="de-DE", Engine="neural")["Voices"]
    indian = polly.describe_voices(LanguageCode="hi-IN", IncludeAdditionalLanguageCodes=True)["Voices"]

    assert [voice["Id"] for voice in german] == ["Vicki"]
    assert [voice["Id"] for voice in indian] == ["Aditi"]


def test_a_client_that_forgot_to_sign_is_told(polly: "PollyClient") -> None:
    answer = httpx.get(f"{polly.meta.endpoint_url}/v1/voices")

    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (403, "MissingAuthenticationTokenException")


def test_languages_and_voices_sound_different() -> None:
    english, german = speak("Donaudampfschiff", "en-US"), speak("Donaudampfschiff", "de-DE")
    woman, man = speak("Hello", gender="Female"), speak("Hello", gender="Male")

    assert english.samples.tobytes() != german.samples.tobytes()
    assert woman.samples.tobytes() != man.samples.tobytes()

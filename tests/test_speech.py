"""Speech: Polly's audio as it came, and its refusals in words that help."""

from collections.abc import Iterator

import boto3
import pytest
from botocore.config import Config

from aisdr.errors import InvalidInput, VendorError
from aisdr.speech import MAX_CHARACTERS, Speech
from dev.serve import serving
from dev.speech import create_app
from tests.conftest import ACCOUNT


def speech_at(address: str, voice: str = "Joanna") -> Speech:
    impatient = Config(connect_timeout=1, read_timeout=20, retries={"total_max_attempts": 1})
    session = boto3.Session(ACCOUNT["AWS_ACCESS_KEY_ID"], ACCOUNT["AWS_SECRET_ACCESS_KEY"], region_name="us-east-1")
    return Speech(session.client("polly", endpoint_url=address, config=impatient), voice)


@pytest.fixture(scope="module")
def polly() -> Iterator[str]:
    with serving(create_app()) as address:
        yield address


def test_a_text_becomes_mp3(polly: str) -> None:
    audio = speech_at(polly).speak("The Growth plan costs $149.", "en-US")

    assert audio[:3] == b"ID3" or audio[0] == 0xFF
    assert len(audio) > 2000


def test_a_text_that_is_too_long_names_the_limit(polly: str) -> None:
    with pytest.raises(InvalidInput, match=f"at most {MAX_CHARACTERS} characters"):
        speech_at(polly).speak("word " * MAX_CHARACTERS, "en-US")


@pytest.mark.parametrize("language", ["ja-JP", "xx-XX"])
def test_a_language_that_the_voice_does_not_speak_is_named(polly: str, language: str) -> None:
    with pytest.raises(InvalidInput, match=f"'language' {language} is not spoken by the voice Joanna"):
        speech_at(polly).speak("Hello", language)


def test_a_voice_without_a_neural_engine_is_our_trouble_and_not_the_visitors(polly: str) -> None:
    with pytest.raises(VendorError, match="the text stays readable") as caught:
        speech_at(polly, voice="Hans").speak("Hallo", "de-DE")

    assert caught.value.vendor == "polly"


def test_nobody_at_the_address_is_a_vendor_that_failed() -> None:
    with pytest.raises(VendorError, match="the text stays readable"):
        speech_at("http://127.0.0.1:9").speak("Hello", "en-US")

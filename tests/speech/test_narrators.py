"""Narrators: each reads a sentence aloud as the company wants it, and says so when it cannot."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.session import Session as AwsSession
from openai.types.audio.speech_create_params import SpeechCreateParams
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from aisdr.configuration import Speech
from aisdr.errors import NotConfigured, VendorError
from aisdr.secret import Secret
from aisdr.speech.base import Narrator
from aisdr.speech.openai import OpenAiNarrator
from aisdr.speech.polly import PollyNarrator
from aisdr.speech.polly_voices import USUAL, usual_voice
from dev.openai.published import check
from dev.serve import serving
from dev.speech import VOICES, create_app
from tests.conftest import ACCOUNT
from tests.voice import KEY, OpenAi

if TYPE_CHECKING:
    from mypy_boto3_polly import PollyClient

SENTENCE = "The Growth plan costs $149."


def polly_at(address: str) -> "PollyClient":
    impatient = Config(connect_timeout=1, read_timeout=20, retries={"total_max_attempts": 1})
    session = boto3.Session(ACCOUNT["AWS_ACCESS_KEY_ID"], ACCOUNT["AWS_SECRET_ACCESS_KEY"], region_name="us-east-1")
    client: PollyClient = session.client("polly", endpoint_url=address, config=impatient)
    return client


@pytest.fixture(scope="module")
def polly_address() -> Iterator[str]:
    with serving(create_app()) as address:
        yield address


@pytest.fixture(scope="module")
def polly_client(polly_address: str) -> "PollyClient":
    return polly_at(polly_address)


@pytest.fixture
def polly(polly_client: "PollyClient") -> PollyNarrator:
    return PollyNarrator(polly_client)


@pytest.fixture(params=["polly", "openai"])
def narrator(request: pytest.FixtureRequest, polly: PollyNarrator, openai: OpenAi) -> Narrator:
    return polly if request.param == "polly" else OpenAiNarrator(openai.url, Secret(KEY))


def wanted(narrator: Narrator, **changes: Any) -> Speech:
    return Speech.model_validate({"provider": narrator.name} | changes)


def is_mp3(audio: bytes) -> bool:
    return len(audio) > 2000 and (audio[:3] == b"ID3" or audio[0] == 0xFF)


@pytest.mark.parametrize("language", ["en-US", "de-DE", "fr"])
def test_a_sentence_becomes_sound(narrator: Narrator, language: str) -> None:
    audio = narrator.speak(wanted(narrator), SENTENCE, language)

    assert audio.media_type == "audio/mpeg"
    assert is_mp3(audio.data)


def test_another_voice_sounds_otherwise_and_is_known_by_another_name(narrator: Narrator) -> None:
    usual = wanted(narrator)
    chosen = wanted(narrator, voices={"en": "Brian" if narrator.name == "polly" else "onyx"})

    assert narrator.sound(usual, "en-US") != narrator.sound(chosen, "en-US")
    assert narrator.speak(usual, SENTENCE, "en-US") != narrator.speak(chosen, SENTENCE, "en-US")


def test_a_voice_that_the_vendor_does_not_know_is_a_vendor_that_failed(narrator: Narrator) -> None:
    with pytest.raises(VendorError, match="the text stays readable") as caught:
        narrator.speak(wanted(narrator, voices={"en-US": "Nobody"}), SENTENCE, "en-US")

    assert (caught.value.code, caught.value.vendor) == ("speech_unavailable", narrator.name)


@pytest.mark.parametrize(
    "narrator_at", [lambda url: PollyNarrator(polly_at(url)), lambda url: OpenAiNarrator(url, Secret(KEY))]
)
def test_nobody_at_the_address_is_a_vendor_that_failed(narrator_at: Any) -> None:
    narrator = narrator_at("http://127.0.0.1:9")

    with pytest.raises(VendorError, match="the text stays readable"):
        narrator.speak(Speech(), SENTENCE, "en-US")


def test_a_voice_named_for_a_region_wins_over_one_named_for_the_language(narrator: Narrator) -> None:
    chosen = wanted(narrator, voices={"en": "Amy", "en-US": "Joey"})

    assert "Joey" in (narrator.sound(chosen, "en-US") or "")
    assert "Amy" in (narrator.sound(chosen, "en-IN") or "")


@pytest.mark.parametrize(
    ("tag", "voice"),
    [
        ("de-AT", "Hannah"),
        ("de", "Vicki"),
        ("de-LU", "Vicki"),
        ("en-XX", "Joanna"),
        ("zh-CN", "Zhiyu"),
        ("zh", "Zhiyu"),
        ("no-NO", "Ida"),
        ("pt-BR", "Camila"),
        ("hi-IN", "Kajal"),
        ("th-TH", None),
    ],
)
def test_polly_has_a_usual_voice_for_a_language(tag: str, voice: str | None) -> None:
    usual = usual_voice(tag)

    assert (usual.id if usual else None) == voice


def test_polly_is_silent_in_a_language_that_it_does_not_know(polly: PollyNarrator) -> None:
    assert polly.sound(Speech(), "th-TH") is None


def test_every_usual_voice_stands_in_awss_own_lists() -> None:
    model: Any = AwsSession().get_service_model("polly")
    fields = model.operation_model("SynthesizeSpeech").input_shape.members
    voices, engines, codes = (set(fields[name].enum) for name in ("VoiceId", "Engine", "LanguageCode"))

    for voice in USUAL.values():
        assert voice.id in voices
        assert voice.language in codes
        assert voice.engines is not None
        assert set(voice.engines) <= engines


def test_the_usual_voices_that_the_look_alike_knows_have_the_same_engines() -> None:
    both = [(voice, VOICES[voice.id]) for voice in USUAL.values() if voice.id in VOICES]

    assert len(both) >= 8
    for ours, theirs in both:
        assert set(ours.engines or ()) == set(theirs.engines), ours.id


@pytest.mark.parametrize("engine", ["generative", "long-form"])
def test_a_voice_without_the_wanted_engine_speaks_with_the_next_best(
    polly: PollyNarrator, engine: str, polly_address: str
) -> None:
    audio = polly.speak(Speech.model_validate({"engine": engine}), "Guten Tag, wie geht es Ihnen?", "nl-NL")

    assert is_mp3(audio.data)


def test_polly_is_asked_only_once_what_a_voice_that_was_named_cannot() -> None:
    asked: list[str] = []

    async def synthesize(request: Request) -> Response:
        engine = json.loads(await request.body())["Engine"]
        asked.append(engine)
        if engine == "standard":
            return Response(b"ID3 sound", media_type="audio/mpeg")
        headers = {"x-amzn-ErrorType": "EngineNotSupportedException"}
        return Response(json.dumps({"message": "no"}), 400, headers, media_type="application/json")

    chosen = Speech(voices={"de": "Hans"})
    with serving(Starlette(routes=[Route("/v1/speech", synthesize, methods=["POST"])])) as url:
        polly = PollyNarrator(polly_at(url))

        assert polly.speak(chosen, "Guten Tag", "de-DE").data == b"ID3 sound"
        assert polly.speak(chosen, "Guten Abend", "de-DE").data == b"ID3 sound"

    assert asked == ["neural", "standard", "standard"]


def test_openai_is_asked_in_its_published_words(openai: OpenAi) -> None:
    chosen = Speech(provider="openai", model="gpt-4o-mini-tts", voices={"de": "cedar"})

    OpenAiNarrator(openai.url, Secret(KEY)).speak(chosen, "Guten Tag.", "de-DE")

    (asked,) = openai.asked("/v1/audio/speech")
    check(asked["body"], SpeechCreateParams, "")
    assert asked["body"] == {
        "model": "gpt-4o-mini-tts",
        "voice": "cedar",
        "input": "Guten Tag.",
        "response_format": "mp3",
    }


def test_openai_stands_in_with_its_own_voice_and_not_with_pollys(openai: OpenAi) -> None:
    chosen = Speech(provider="polly", voices={"en": "Joanna"})

    OpenAiNarrator(openai.url, Secret(KEY)).speak(chosen, SENTENCE, "en-US")

    assert openai.asked("/v1/audio/speech")[0]["body"]["voice"] == "marin"


def test_openai_without_a_key_is_not_configured_where_it_is_wanted_and_silent_elsewhere(openai: OpenAi) -> None:
    narrator, wanted_here = OpenAiNarrator(openai.url, None), Speech(provider="openai")

    assert narrator.sound(Speech(), "en-US") is None
    assert narrator.sound(wanted_here, "en-US")
    with pytest.raises(NotConfigured):
        narrator.speak(wanted_here, SENTENCE, "en-US")


def test_an_answer_that_is_no_sound_is_a_vendor_that_failed() -> None:
    async def answer(_: Request) -> Response:
        return Response("<html>", media_type="text/html")

    with (
        serving(Starlette(routes=[Route("/audio/speech", answer, methods=["POST"])])) as url,
        pytest.raises(VendorError),
    ):
        OpenAiNarrator(url, Secret(KEY)).speak(Speech(provider="openai"), SENTENCE, "en-US")

"""The narrator `polly`: Amazon Polly."""

from typing import TYPE_CHECKING, cast

from botocore.exceptions import BotoCoreError, ClientError

from aisdr.configuration import Speech
from aisdr.speech.base import Audio, unavailable, voice_by_language
from aisdr.speech.polly_voices import Engine, PollyVoice, usual_voice

if TYPE_CHECKING:
    from mypy_boto3_polly import PollyClient
    from mypy_boto3_polly.literals import LanguageCodeType, VoiceIdType
    from mypy_boto3_polly.type_defs import SynthesizeSpeechInputTypeDef

_NEXT_BEST: tuple[Engine, ...] = ("neural", "standard", "generative", "long-form")
"""What is tried when a voice has not the engine that a company wants."""


class PollyNarrator:
    """Speaks MP3 with the usual voice of a language, or the one that an operator named for it."""

    name = "polly"

    def __init__(self, polly: "PollyClient") -> None:
        self._polly = polly
        self._missing: set[tuple[str, str]] = set()
        """Voices and engines that Polly said do not go together; each is asked once in a process."""

    def sound(self, chosen: Speech, language: str) -> str | None:
        voice = _voice(chosen, language)
        return f"polly|{chosen.engine}|{voice.id}|{voice.language}" if voice else None

    def speak(self, chosen: Speech, text: str, language: str) -> Audio:
        voice = _voice(chosen, language)
        if voice is None:
            raise unavailable(self.name)
        try:
            for engine in self._engines(chosen, voice):
                audio = self._with_engine(voice, engine, text)
                if audio is not None:
                    return audio
        except (ClientError, BotoCoreError) as error:
            raise unavailable(self.name) from error
        raise unavailable(self.name)

    def _engines(self, chosen: Speech, voice: PollyVoice) -> list[Engine]:
        wanted = dict.fromkeys((chosen.engine, *_NEXT_BEST))
        if voice.engines is not None:
            return [engine for engine in wanted if engine in voice.engines]
        return [engine for engine in wanted if (voice.id, engine) not in self._missing]

    def _with_engine(self, voice: PollyVoice, engine: Engine, text: str) -> Audio | None:
        """None when the voice has not this engine."""
        request: SynthesizeSpeechInputTypeDef = {
            "Text": text,
            "VoiceId": cast("VoiceIdType", voice.id),
            "Engine": engine,
            "OutputFormat": "mp3",
        }
        if voice.language is not None:
            request["LanguageCode"] = cast("LanguageCodeType", voice.language)
        try:
            answer = self._polly.synthesize_speech(**request)
            return Audio(answer["AudioStream"].read())
        except ClientError as error:
            if error.response["Error"]["Code"] != "EngineNotSupportedException":
                raise
            self._missing.add((voice.id, engine))
            return None


def _voice(chosen: Speech, language: str) -> PollyVoice | None:
    """An operator's voice speaks its own language, which only Polly knows."""
    named = voice_by_language(chosen.voices, language) if chosen.provider == "polly" else None
    return PollyVoice(named, None) if named else usual_voice(language)

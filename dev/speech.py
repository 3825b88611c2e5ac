"""Amazon Polly look-alike: its REST interface for voices and speech, with eSpeak NG behind it.

Run `python -m dev.speech --port 4703` and give an unmodified AWS SDK AWS_ENDPOINT_URL_POLLY=http://127.0.0.1:4703.
"""

import argparse
import re
import uuid
from dataclasses import dataclass
from typing import Any, Literal
from xml.etree import ElementTree  # the only reader of it is this local program  # nosec B405  # see below: expat refuses entity bombs

import uvicorn
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_pascal
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dev.sound_file import encode
from dev.voice import Gender, speak

Engine = Literal["standard", "neural", "long-form", "generative"]
Format = Literal["mp3", "ogg_vorbis", "ogg_opus", "pcm"]

MAX_CHARACTERS = 6000
MAX_BILLED_CHARACTERS = 3000
_RATES: dict[Format, tuple[str, ...]] = {
    "mp3": ("8000", "16000", "22050", "24000", "44100", "48000"),
    "ogg_vorbis": ("8000", "16000", "22050", "24000", "44100", "48000"),
    "ogg_opus": ("8000", "12000", "16000", "24000", "48000"),
    "pcm": ("8000", "16000"),
}
_DEFAULT_RATE: dict[Format, str] = {"mp3": "22050", "ogg_vorbis": "22050", "ogg_opus": "48000", "pcm": "16000"}
_CONTENT_TYPE: dict[Format, str] = {
    "mp3": "audio/mpeg",
    "ogg_vorbis": "audio/ogg",
    "ogg_opus": "audio/ogg",
    "pcm": "audio/pcm",
}


class PollyError(Exception):
    """A refusal in AWS's words: the class of the exception, its message and its status."""

    def __init__(self, kind: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.kind, self.message, self.status = kind, message, status


@dataclass(frozen=True)
class Voice:
    """One of the vendor's voices, under the vendor's name; it sounds like espeak's nearest one."""

    id: str
    gender: Gender
    language: str
    language_name: str
    engines: tuple[Engine, ...]
    more_languages: tuple[str, ...] = ()

    def described(self) -> dict[str, Any]:
        record: dict[str, Any] = {
            "Id": self.id,
            "Name": self.id,
            "Gender": self.gender,
            "LanguageCode": self.language,
            "LanguageName": self.language_name,
            "SupportedEngines": list(self.engines),
        }
        return record | ({"AdditionalLanguageCodes": list(self.more_languages)} if self.more_languages else {})


VOICES = {
    voice.id: voice
    for voice in (
        Voice("Joanna", "Female", "en-US", "US English", ("generative", "neural", "standard")),
        Voice("Matthew", "Male", "en-US", "US English", ("generative", "neural", "standard")),
        Voice("Ruth", "Female", "en-US", "US English", ("generative", "long-form", "neural")),
        Voice("Danielle", "Female", "en-US", "US English", ("generative", "long-form", "neural")),
        Voice("Joey", "Male", "en-US", "US English", ("neural", "standard")),
        Voice("Amy", "Female", "en-GB", "British English", ("generative", "neural", "standard")),
        Voice("Brian", "Male", "en-GB", "British English", ("neural", "standard")),
        Voice("Aditi", "Female", "en-IN", "Indian English", ("standard",), ("hi-IN",)),
        Voice("Vicki", "Female", "de-DE", "German", ("generative", "neural", "standard")),
        Voice("Hans", "Male", "de-DE", "German", ("standard",)),
        Voice("Lea", "Female", "fr-FR", "French", ("generative", "neural", "standard")),
        Voice("Mathieu", "Male", "fr-FR", "French", ("standard",)),
        Voice("Lucia", "Female", "es-ES", "Castilian Spanish", ("generative", "neural", "standard")),
        Voice("Bianca", "Female", "it-IT", "Italian", ("generative", "neural", "standard")),
        Voice("Camila", "Female", "pt-BR", "Brazilian Portuguese", ("generative", "neural", "standard")),
        Voice("Laura", "Female", "nl-NL", "Dutch", ("neural",)),
        Voice("Takumi", "Male", "ja-JP", "Japanese", ("neural", "standard")),
    )
}


class SpeechRequest(BaseModel):
    """The body of SynthesizeSpeech; on the wire its fields begin with a capital."""

    model_config = ConfigDict(extra="ignore", alias_generator=to_pascal)

    text: str
    voice_id: str
    output_format: Format
    engine: Engine = "standard"
    language_code: str | None = None
    sample_rate: str | None = None
    text_type: Literal["text", "ssml"] = "text"
    speech_mark_types: list[str] = []
    lexicon_names: list[str] = []

    def voice(self) -> Voice:
        voice = VOICES.get(self.voice_id)
        if voice is None:
            raise PollyError(
                "ValidationException", f"Value '{self.voice_id}' at 'voiceId' failed to satisfy constraint"
            )
        if self.engine not in voice.engines:
            raise PollyError(
                "EngineNotSupportedException", f"This voice does not support the selected engine: {self.engine}"
            )
        if self.language_code and self.language_code not in (voice.language, *voice.more_languages):
            raise PollyError(
                "LanguageNotSupportedException", f"This voice does not support the language code: {self.language_code}"
            )
        return voice

    def rate(self) -> int:
        rate = self.sample_rate or _DEFAULT_RATE[self.output_format]
        if rate not in _RATES[self.output_format]:
            raise PollyError("InvalidSampleRateException", "Invalid sample rate requested for this output format")
        return int(rate)

    def billed_characters(self) -> int:
        """Checks the text and answers how much of it costs money: mark-up is free."""
        words = self.text
        if self.text_type == "ssml":
            try:
                root = ElementTree.fromstring(self.text)  # noqa: S314  (expat refuses entity bombs since 2.4.1)  # nosec B314
            except ElementTree.ParseError as broken:
                raise PollyError("InvalidSsmlException", "Invalid SSML request") from broken
            if root.tag != "speak":
                raise PollyError("InvalidSsmlException", "Invalid SSML request")
            words = "".join(root.itertext())
        if len(self.text) > MAX_CHARACTERS or len(words) > MAX_BILLED_CHARACTERS:
            raise PollyError("TextLengthExceededException", "Maximum text length has been exceeded")
        return len(words)


def create_app() -> Starlette:
    return Starlette(
        routes=[
            Route("/v1/speech", _synthesize, methods=["POST"]),
            Route("/v1/voices", _describe_voices, methods=["GET"]),
        ],
        exception_handlers={PollyError: _refuse},
    )


async def _synthesize(request: Request) -> Response:
    _require_signature(request)
    try:
        wanted = SpeechRequest.model_validate_json(await request.body())
    except ValidationError as wrong:
        fields = ", ".join(".".join(map(str, error["loc"])) for error in wrong.errors())
        raise PollyError("ValidationException", f"1 validation error detected at: {fields or 'body'}") from wrong
    voice, rate, characters = wanted.voice(), wanted.rate(), wanted.billed_characters()
    if wanted.lexicon_names:
        raise PollyError("LexiconNotFoundException", f"Lexicon not found: {wanted.lexicon_names[0]}", 404)
    if wanted.speech_mark_types:
        raise PollyError("MarksNotSupportedForFormatException", "Speech marks are only supported for JSON output")
    sound = await run_in_threadpool(
        speak, wanted.text, wanted.language_code or voice.language, voice.gender, ssml=wanted.text_type == "ssml"
    )
    audio = await run_in_threadpool(encode, sound.at_rate(rate), wanted.output_format)
    headers = _request_id() | {"x-amzn-RequestCharacters": str(characters)}
    return Response(audio, media_type=_CONTENT_TYPE[wanted.output_format], headers=headers)


async def _describe_voices(request: Request) -> Response:
    _require_signature(request)
    query = request.query_params
    language, engine = query.get("LanguageCode"), query.get("Engine")
    also = query.get("IncludeAdditionalLanguageCodes") == "true"
    voices = [
        voice.described()
        for voice in VOICES.values()
        if (engine is None or engine in voice.engines)
        and (language is None or language == voice.language or (also and language in voice.more_languages))
    ]
    return JSONResponse({"Voices": voices}, headers=_request_id())


async def _refuse(_request: Request, error: Exception) -> Response:
    assert isinstance(error, PollyError)
    headers = _request_id() | {"x-amzn-ErrorType": error.kind}
    return JSONResponse({"message": error.message}, status_code=error.status, headers=headers)


def _require_signature(request: Request) -> None:
    # Only its presence: what a signature proves is AWS's affair, but a client that forgot to sign must notice here.
    if not re.match(r"AWS4-HMAC-SHA256 Credential=", request.headers.get("authorization", "")):
        raise PollyError("MissingAuthenticationTokenException", "Missing Authentication Token", 403)


def _request_id() -> dict[str, str]:
    return {"x-amzn-RequestId": str(uuid.uuid4())}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m dev.speech", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=4703)
    options = parser.parse_args()
    uvicorn.run(create_app(), host=options.host, port=options.port, log_level="warning")


if __name__ == "__main__":
    main()

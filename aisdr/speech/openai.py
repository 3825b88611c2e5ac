"""The narrator `openai`: OpenAI's speech models, or any server that offers `POST /audio/speech`."""

import httpx

from aisdr.configuration import Speech
from aisdr.errors import NotConfigured
from aisdr.observability import TRACED
from aisdr.secret import Secret
from aisdr.speech.base import Audio, unavailable, voice_by_language

TIMEOUT = httpx.Timeout(10.0, connect=2.0)
USUAL_VOICE = "marin"
_USUAL_MODEL = Speech().model


class OpenAiNarrator:
    """Speaks MP3 in the language of the text: its voices know them all."""

    name = "openai"

    def __init__(self, base_url: str, api_key: Secret | None) -> None:
        self._url = f"{base_url.rstrip('/')}/audio/speech"
        self._key = api_key
        self._http = httpx.Client(timeout=TIMEOUT, event_hooks=TRACED)

    def sound(self, chosen: Speech, language: str) -> str | None:
        if not self._key and chosen.provider != self.name:
            return None  # nobody asked for it: without a key it does not stand in either
        model, voice = _model_and_voice(chosen, language)
        return f"openai|{model}|{voice}"

    def speak(self, chosen: Speech, text: str, language: str) -> Audio:
        if not self._key:
            raise NotConfigured("OpenAI API key not configured: set OPENAI_API_KEY", code="speech_not_configured")
        model, voice = _model_and_voice(chosen, language)
        try:
            answer = self._http.post(
                self._url,
                json={"model": model, "voice": voice, "input": text, "response_format": "mp3"},
                headers={"Authorization": f"Bearer {self._key.get_secret_value()}"},
            ).raise_for_status()
        except httpx.HTTPError as error:
            raise unavailable(self.name) from error
        if not answer.headers.get("content-type", "").startswith("audio/") or not answer.content:
            raise unavailable(self.name)
        return Audio(answer.content)


def _model_and_voice(chosen: Speech, language: str) -> tuple[str, str]:
    """A company that chose another provider named that provider's voices."""
    if chosen.provider != "openai":
        return _USUAL_MODEL, USUAL_VOICE
    return chosen.model, voice_by_language(chosen.voices, language) or USUAL_VOICE

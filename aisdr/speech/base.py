"""What a narrator must do for us: read a sentence aloud in a language."""

from dataclasses import dataclass
from typing import Protocol

from aisdr.configuration import Speech
from aisdr.errors import VendorError

MAX_CHARACTERS = 3000
"""What every vendor takes in one request; a widget sends a sentence at a time."""


@dataclass(frozen=True)
class Audio:
    """Something to play."""

    data: bytes
    media_type: str = "audio/mpeg"


class Narrator(Protocol):
    """Reads aloud as a company's `Speech` wants it.

    Raises (`speak`):
        VendorError: the vendor failed.
        NotConfigured: there is no key.
    """

    name: str

    def sound(self, chosen: Speech, language: str) -> str | None:
        """All that decides how a text sounds, in one line; None for a language that it does not speak."""
        ...

    def speak(self, chosen: Speech, text: str, language: str) -> Audio: ...


def voice_by_language(voices: dict[str, str], language: str) -> str | None:
    """What an operator names for `en-US`, else for `en`."""
    return voices.get(language) or voices.get(language.partition("-")[0])


def unavailable(vendor: str) -> VendorError:
    """Nobody could speak: a browser may still have a voice of its own."""
    return VendorError("Speech is not available; the text stays readable", vendor=vendor, code="speech_unavailable")

"""Polly's usual voice for each language, and the engines that speak with it.

Source: https://docs.aws.amazon.com/polly/latest/dg/available-voices.html
"""

from dataclasses import dataclass
from typing import Literal

Engine = Literal["standard", "neural", "long-form", "generative"]
_NEURAL: tuple[Engine, ...] = ("neural",)
_ALL: tuple[Engine, ...] = ("generative", "neural", "standard")
_NEW: tuple[Engine, ...] = ("generative", "neural")
_OLD: tuple[Engine, ...] = ("neural", "standard")
_OLDEST: tuple[Engine, ...] = ("standard",)


@dataclass(frozen=True)
class PollyVoice:
    """`language` is Polly's own code for it; `engines` is None when an operator named the voice."""

    id: str
    language: str | None
    engines: tuple[Engine, ...] | None = None


USUAL = {
    voice.language: voice
    for voice in (
        PollyVoice("Joanna", "en-US", _ALL),
        PollyVoice("Amy", "en-GB", _ALL),
        PollyVoice("Olivia", "en-AU", _NEW),
        PollyVoice("Niamh", "en-IE", _NEW),
        PollyVoice("Kajal", "en-IN", _NEW),
        PollyVoice("Aria", "en-NZ", _NEW),
        PollyVoice("Vicki", "de-DE", _ALL),
        PollyVoice("Hannah", "de-AT", _NEURAL),
        PollyVoice("Sabrina", "de-CH", _NEURAL),
        PollyVoice("Lea", "fr-FR", _ALL),
        PollyVoice("Isabelle", "fr-BE", _NEURAL),
        PollyVoice("Gabrielle", "fr-CA", _NEURAL),
        PollyVoice("Lucia", "es-ES", _ALL),
        PollyVoice("Mia", "es-MX", _ALL),
        PollyVoice("Lupe", "es-US", _ALL),
        PollyVoice("Bianca", "it-IT", _ALL),
        PollyVoice("Ines", "pt-PT", _OLD),
        PollyVoice("Camila", "pt-BR", _ALL),
        PollyVoice("Laura", "nl-NL", _NEURAL),
        PollyVoice("Lisa", "nl-BE", _NEURAL),
        PollyVoice("Ola", "pl-PL", _NEURAL),
        PollyVoice("Elin", "sv-SE", _NEURAL),
        PollyVoice("Sofie", "da-DK", _NEURAL),
        PollyVoice("Ida", "nb-NO", _NEURAL),
        PollyVoice("Suvi", "fi-FI", _NEURAL),
        PollyVoice("Jitka", "cs-CZ", _NEURAL),
        PollyVoice("Burcu", "tr-TR", _NEURAL),
        PollyVoice("Arlet", "ca-ES", _NEURAL),
        PollyVoice("Takumi", "ja-JP", _OLD),
        PollyVoice("Seoyeon", "ko-KR", _OLD),
        PollyVoice("Zhiyu", "cmn-CN", _OLD),
        PollyVoice("Hiujin", "yue-CN", _NEURAL),
        PollyVoice("Kajal", "hi-IN", _NEURAL),
        PollyVoice("Hala", "ar-AE", _NEURAL),
        PollyVoice("Tatyana", "ru-RU", _OLDEST),
        PollyVoice("Carmen", "ro-RO", _OLDEST),
        PollyVoice("Dora", "is-IS", _OLDEST),
        PollyVoice("Gwyneth", "cy-GB", _OLDEST),
    )
}
_OTHER_NAMES = {"zh": "cmn", "no": "nb"}
"""Browsers' codes of languages that Polly calls otherwise."""


def usual_voice(language: str) -> PollyVoice | None:
    """For `de-AT` its own voice, for `de` or `de-LU` the first German one."""
    code, _, region = language.partition("-")
    code = _OTHER_NAMES.get(code, code)
    exact = USUAL.get(f"{code}-{region}")
    return exact or next((voice for tag, voice in USUAL.items() if tag and tag.partition("-")[0] == code), None)

"""The languages an avatar speaks: Tavus writes some as names, some as codes.

Source: https://docs.tavus.io/sections/conversational-video-interface/language-support
"""

from typing import Any

_SPOKEN = """
en english, fr french, de german, es spanish, pt portuguese, zh chinese, ja japanese, hi hindi, it italian, ko korean,
nl dutch, pl polish, ru russian, sv swedish, tr turkish, tl tagalog, bg bulgarian, ro romanian, ar arabic, cs czech,
el greek, fi finnish, hr croatian, ms malay, sk slovak, da danish, ta tamil, uk ukrainian, hu hungarian, no norwegian,
vi vietnamese, bn bengali, th thai, he hebrew, ka georgian, id indonesian, te telugu, gu gujarati, kn kannada,
ml malayalam, mr marathi, pa punjabi
"""
_NAMES: dict[str, str] = dict(line.split() for line in _SPOKEN.replace("\n", " ").split(", "))
_CODES = {name: code for code, name in _NAMES.items()}
_ALSO = {"nb": "no", "nn": "no", "fil": "tl", "iw": "he"}


def spoken_codes(languages: tuple[str, ...]) -> list[str]:
    """A company's languages as Tavus's codes, in the company's order; those it does not speak are left out."""
    bases = (tag.lower().replace("_", "-").split("-")[0] for tag in languages)
    return list(dict.fromkeys(code for code in (_ALSO.get(base, base) for base in bases) if code in _NAMES))


def call_language(languages: tuple[str, ...]) -> str | None:
    """What a call is told: a full name (a code is wrong there), or that the visitor decides."""
    codes = spoken_codes(languages)
    if not codes:
        return None
    return _NAMES[codes[0]] if len(codes) == 1 else "multilingual"


def code_of(said: Any) -> str | None:
    """The code of a language that Tavus names in either way."""
    if not isinstance(said, str):
        return None
    known = _CODES.get(said.strip().lower())
    return known or next(iter(spoken_codes((said.strip(),))), None)

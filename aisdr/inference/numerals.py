"""Numbers that were spoken come as words; material has digits. English only, as the embedded models are."""

import re

_UP_TO_NINETEEN = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen
"""
_BY_TEN = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL = {word: value for value, word in enumerate(_UP_TO_NINETEEN.split())}
_TENS = {word: value for value, word in zip(range(20, 100, 10), _BY_TEN.split(), strict=True)}
_LARGE = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_WORD = "|".join((*_SMALL, *_TENS, *_LARGE))
_RUN = re.compile(rf"\b(?:{_WORD})(?:(?:[ -]+and)?[ -]+(?:{_WORD}))*\b", re.IGNORECASE)


def in_digits(text: str) -> str:
    """`two hundred stores` becomes `200 stores`; a lone small word such as `one` stays, for it is seldom a number."""
    return _RUN.sub(_digits, text)


def _digits(run: re.Match[str]) -> str:
    words = [word for word in re.split(r"[ -]+", run[0].lower()) if word != "and"]
    if len(words) == 1 and words[0] not in _TENS:
        return run[0]
    whole = part = 0
    for word in words:
        if word in ("thousand", "million"):
            whole, part = whole + max(part, 1) * _LARGE[word], 0
        elif word == "hundred":
            part = max(part, 1) * 100
        else:
            part += _SMALL.get(word, _TENS.get(word, 0))
    return str(whole + part)

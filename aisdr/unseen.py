"""Characters that nobody sees, and that a model reads: they are how a text says one thing to people and another to it.

They are taken out wherever a text comes in: by readers of documents, and at each door of a conversation.
"""

import re
import unicodedata
from typing import Any

_JOINERS = "\u200c\u200d"
_SUSPECTS = re.compile(
    "["
    "\u00ad"  # soft hyphen: it also cuts words in two for the index
    "\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u3164\uffa0"  # fillers without a width
    "\u200b-\u200f"  # zero width space, joiners, marks of direction
    "\u202a-\u202e\u2066-\u2069"  # they show letters in another order than they are read in
    "\u2060-\u2065\u206a-\u206f"  # word joiner, invisible operators
    "\ufe00-\ufe0f\ufeff\ufff0-\ufffb\ufffe\uffff"  # variants of the character before, marks of notes
    "\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"  # tags, and the selectors that can carry any byte
    "]"
)
_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{4,6}\U000e007f")
"""England, Scotland and Wales are a black flag and some tags: the only tags that people see."""

_BREAKS = re.compile(r"[\x0b\x0c\x85\u2028\u2029]")
"""Line and page breaks of other programs: they mean something, and are seen."""

_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")

_JOINING_SCRIPTS = (
    "ARABIC", "BENGALI", "DEVANAGARI", "GUJARATI", "GURMUKHI", "KANNADA", "KHMER", "MALAYALAM", "MANDAIC", "MONGOLIAN",
    "MYANMAR", "NKO", "ORIYA", "SINHALA", "SYRIAC", "TAMIL", "TELUGU", "THAANA", "TIBETAN",
)  # fmt: skip
"""Letters of these change their form with a joiner between them: Persian cannot be written without."""

_EMOJI = re.compile("[\u2194-\u21aa\u231a-\u27bf\u2934\u2935\u2b05-\u2b55\ufe0f\u20e3\U0001f000-\U0001faff]")


def strip_hidden(text: str) -> tuple[str, int]:
    """The text without characters that no reader sees, and how many they were.

    Joiners and variants stay where a script or an emoji needs them, and the tags of three flags. Control characters
    become spaces, because they separate; line breaks of any kind become plain ones.
    """
    text = _BREAKS.sub("\n", text)
    removed = 0
    if not text.isascii():
        flags = {place for flag in _FLAG.finditer(text) for place in range(*flag.span())}

        def judge(found: re.Match[str]) -> str:
            nonlocal removed
            if found.start() in flags or _is_needed(text, found.start()):
                return found[0]
            removed += 1
            return ""

        text = _SUSPECTS.sub(judge, text)
    text, controls = _CONTROLS.subn(" ", text)
    return text, removed + controls


def seen(text: str) -> str:
    """The text as people see it."""
    return text if text.isascii() and text.isprintable() else strip_hidden(text)[0]


def seen_through(value: Any) -> Any:
    """The same for each text in a value of JSON, names of members included."""
    match value:
        case str():
            return seen(value)
        case dict():
            return {seen(name): seen_through(inner) for name, inner in value.items()}
        case list():
            return [seen_through(inner) for inner in value]
        case _:
            return value


def _is_needed(text: str, place: int) -> bool:
    """Whether the character at this place changes how one stands that is seen."""
    this, before, after = text[place], text[place - 1 : place], text[place + 1 : place + 2]
    if not before:
        return False
    if "\ufe00" <= this <= "\ufe0f":
        return not ("\ufe00" <= before <= "\ufe0f" or before.isspace())
    if "\U000e0100" <= this <= "\U000e01ef":
        return _script(before) == "CJK"
    if this not in _JOINERS:
        return False
    if this == "\u200d" and after and _EMOJI.match(before) and _EMOJI.match(after):
        return True
    if _script(before) not in _JOINING_SCRIPTS:
        return False
    # After a virama a joiner may end a word: so the last letters of Malayalam and Sinhala words were written for long.
    return unicodedata.combining(before) == 9 or (after != "" and _script(after) in _JOINING_SCRIPTS)


def _script(character: str) -> str:
    return unicodedata.name(character, "").split(" ")[0]

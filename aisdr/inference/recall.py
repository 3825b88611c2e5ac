"""Questions about the conversation itself: what the visitor asked or said before."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from aisdr.inference.small_talk import small_talk
from aisdr.visitor import EMAIL

MOST_CHARACTERS = 200


@dataclass(frozen=True)
class Recall:
    """Which of the visitor's own messages is meant: any, or only one that asks; the newest, or the first of all."""

    kind: Literal["asked", "said"]
    which: Literal["last", "first"]


def recall(text: str) -> Recall | None:
    """None for whatever is no question about the visitor's own words."""
    bare = " ".join(re.sub(r"[^\w\s'-]", " ", text.lower().replace("’", "'")).split())
    if not _RECALL.fullmatch(bare):
        return None
    return Recall("asked" if _ASKED.search(bare) else "said", "first" if _FIRST.search(bare) else "last")


def recalled(wanted: Recall, earlier: Sequence[str]) -> str:
    """The message that is meant, in one line; empty when there is none. `earlier` is what the visitor said before."""
    said = [text for text in earlier if text.strip() and recall(text) is None]
    if wanted.kind == "asked":
        said = [text for text in said if small_talk(text) is None and ("?" in text or not EMAIL.search(text))]
    if not said:
        return ""
    line = " ".join(said[-1 if wanted.which == "last" else 0].split())
    return line if len(line) <= MOST_CHARACTERS else f"{line[: MOST_CHARACTERS - 1].rstrip()}…"


_WHEN = (
    r"(?: (?:just(?: now)?|right|you|to you|before(?: that| this)?|earlier|last|first(?: of all)?|at first|previously"
    r"|initially|at the (?:start|beginning)|in the beginning|to begin with|a (?:moment|minute|second) ago|so far|now"
    r"|again|about|then|there|here))*"
)
_EN = (
    r"(?:(?:and|so|ok|okay|sorry|wait|um|hm) )*(?:"
    r"what (?:did|have|had) i (?:(?:just|last|already|first|originally) )?"
    r"(?:ask|asked|say|said|tell|told|write|written|wrote|type|typed|want to know)(?: you)?"
    r"|what (?:was|were|is|are) (?:it )?(?:i|the (?:last |first )?(?:thing|question) i) (?:just )?"
    r"(?:asked|asking|said|saying)"
    r"|(?:what|which) (?:was|were|is) my (?:very )?(?:(?:last|previous|prior|first|earlier|original|initial) )?"
    r"(?:questions?|messages?)"
    r"|(?:(?:do|can|could) you )?(?:please )?(?:remember|repeat|remind me(?: of)?|recall) "
    r"(?:what i (?:just |last |first )?(?:asked|said|wrote|told)(?: you)?"
    r"|my (?:last|previous|first|earlier) (?:question|message))"
    rf"){_WHEN}"
)
_DE = (
    r"(?:(?:und|also|moment) )*(?:"
    r"was (?:habe?|hatte) ich (?:(?:sie|dich|ihnen|dir|denn|gerade|eben|soeben|zuletzt|vorhin|davor|vorher|zuvor|zuerst"
    r"|anfangs|am anfang|als (?:letztes|erstes)|jetzt) )*(?:gefragt|gesagt|geschrieben|wissen wollen)"
    r"|was (?:fragte|sagte|schrieb|wollte) ich(?: (?:gerade|eben|zuletzt|vorhin|davor|vorher|zuvor|zuerst|wissen))*"
    r"|(?:was|wie) (?:war|lautete|ist) (?:noch (?:mal )?|nochmal )?meine (?:letzte|vorige|vorherige|frühere|erste) "
    r"(?:frage|nachricht)"
    r")"
)
_FR = (
    r"(?:(?:et|alors) )*(?:"
    r"(?:(?:qu'est-ce que|qu'est ce que) (?:je viens(?: juste)? de|je (?:vous |t')ai|j'ai|j'avais)"
    r"|qu'ai-je|que vous ai-je|que viens-je de) (?:dire|demander|écrire|demandé|dit|écrit)"
    r"(?: (?:avant|juste|tout|à|l'heure|plus|tôt|en|premier|dernier|d'abord))*"
    r"|quelle (?:était|est|fut) ma (?:(?:dernière|première|précédente) )?question(?: (?:précédente|d'avant))?"
    r")"
)
_ES = (
    r"(?:(?:y|pero) )*(?:"
    r"qu[ée] (?:(?:le|te|les) )?(?:pregunté|dije|escribí|(?:acabo de|he|había) "
    r"(?:decir|preguntar|escribir|preguntado|dicho|escrito)(?:le|te)?)"
    r"(?: (?:antes|justo|ahora|hace|un|momento|primero|al|principio))*"
    r"|cuál (?:era|fue|es) mi (?:(?:última|primera|anterior) )?pregunta(?: anterior)?"
    r")"
)
_RECALL = re.compile(rf"{_EN}|{_DE}|{_FR}|{_ES}")
_ASKED = re.compile(r"\b(?:ask\w*|questions?|want to know|gefragt|fragte|frage|wissen|demand\w+|question|pregunt\w+)\b")
_FIRST = re.compile(
    r"\b(?:first|original\w*|initial\w*|start|beginning|begin|zuerst|erste?s?|anfangs?|premi[eè]re?|d'abord"
    r"|primer[oa]|principio)\b"
)

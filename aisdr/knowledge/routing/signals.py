"""What a question says openly about what it wants: to see something, or terms and figures about a product feature.

A question rarely says that its answer is in a picture, so these signals are a help to the router and never all of it.
"""

import re
from dataclasses import dataclass

_SHOWING = r"(?:show|see|view|display|watch|play|open|find|demonstrate|(?:bring|pull) up|look at|let me see|read me)"
_PICTURE = (
    r"(?:pictures?|photos?|images?|screen ?shots?|diagrams?|drawings?|schematics?|sketch(?:es)?|mock-?ups?"
    r"|illustrations?|logos?|icons?|floor plans?|maps?|infographics?|renderings?)"
)
_CLIP = (
    r"(?:videos?|clips?|recordings?|webinars?|screen ?casts?|trailers?|footage|animations?|testimonials?"
    r"|walk-?throughs?|demos?|product tours?|talks?|tutorials?)"
)
_SHEET = (
    r"(?:slides?|decks?|charts?|graphs?|plots?|figures?|tables?|data ?sheets?|spec sheets?|one-?pagers?|brochures?"
    r"|page \d+|(?:the|a|an|in|this|that) (?:page|report|pdf|whitepaper|presentation|appendix))"
)
_MEDIUM = rf"(?:{_PICTURE}|{_CLIP}|{_SHEET})"

_ASKS_TO_SEE = [
    rf"\b{_SHOWING}\b.*\b{_MEDIUM}\b",
    rf"\b(?:in|on|of|from|at|during) (?:the|this|that|your) (?:\w+ ){{0,3}}{_MEDIUM}\b",
    rf"\b(?:which|what) (?:{_PICTURE}|{_CLIP}|{_SHEET}) (?:talk|show|cover|explain|contain|ha|mention|is|are)",
    rf"\b(?:is|are) there (?:a|an|any) (?:{_PICTURE}|{_CLIP}|{_SHEET}) (?:of|about|on|that|where)",
    rf"\b(?:link|go|jump) to the {_MEDIUM}",
    r"\bwhat (?:do|does|did|is|are|will|would)\b.* look(?:s|ing)? like\b",
    r"\b(?:on|at the \w+ of the) (?:the )?screen\b",
    r"\b(?:at (?:what|which) (?:minute|second|time)|the (?:part|moment|scene|segment) (?:where|when|in which|on))\b",
    r"\b(?:the|a) (?:speaker|presenter|narrator)\b",
    r"^(?:please )?(?:play|watch|display)\b",
    r"\b(?:what|which) colou?rs?\b",
    r"\b(?:bars?|axis|axes|curve|legend)\b.*\b(?:chart|graph|plot|report|figure)\b",
    rf"\b(?:before and after|side by side) {_PICTURE}",
]
_HINTS = [
    rf"\b{_MEDIUM}\b",
    r"\b(?:show|see|watch|view|display|looks?|visual|visually|demonstrate|colou?r|layout|screen|page|panel|menu|tab)\b",
    r"\b(?:button|toolbar|dashboard|axis|legend|arrow|scene|frame|minute|speaker|presenter|says|said)\b",
]
_ASKS_ABOUT_TERMS = [
    # A medium that is bought, counted, uploaded or supported is a product feature, not something to look at.
    r"\bhow (?:many|much|long|often|fast|big|large)\b",
    r"\b(?:price|cost|costs|discount|fee|bill|billing|invoice|spend|refunds?|trial|plan|tier|sla|policy|agreement)\b",
    r"\b(?:formats?|resolution|quality|length|size|limits?|minutes|editing|recognition|generation|support|supported)\b",
    r"\b(?:upload|import|export|enable|delete|configure|retain|store|integrate|embed|add|record)\b",
    r"\b(?:gdpr|privacy|api|webhooks?|compliance|encryption)\b",
    r"\bsummari[sz]e\b",
]


def _any(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


_SEE, _HINT, _TERMS = _any(_ASKS_TO_SEE), _any(_HINTS), _any(_ASKS_ABOUT_TERMS)


@dataclass(frozen=True)
class Signals:
    """What was found in the words of a question."""

    asks_to_see: bool
    hints_at_media: bool
    asks_about_terms: bool


def signals(question: str) -> Signals:
    """Reads English words alone, in microseconds."""
    words = " ".join(question.lower().replace("’", "'").split())
    return Signals(
        asks_to_see=_SEE.search(words) is not None,
        hints_at_media=_HINT.search(words) is not None,
        asks_about_terms=_TERMS.search(words) is not None,
    )

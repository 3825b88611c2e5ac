"""The rules that judge one answer. Each gives a verdict of its own, so that a table can say what went wrong."""

import re
from dataclasses import dataclass, field

from aisdr.answer import Answer, ConfirmCard
from aisdr.inference.base import NOTHING_FITS
from benchmarks.conversations.script import ScriptTurn

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_MARK = re.compile(r"\[\d+\]")
_LISTED = re.compile(r"^\s*\d+[.)]\s", re.MULTILINE)
_HONEST = re.compile(r"\b(ai|ki|ia|artificial|künstliche|assistant ia|not (a )?human|kein mensch)\b", re.IGNORECASE)
_OFFERS = re.compile(r"\b(help|colleague|person|team|sorry|contact|tell me|what would you like)\b", re.IGNORECASE)
_DONT_HAVE = re.compile(
    r"(don't|do not|not something|can't|cannot|could not|couldn't|only|not in|nicht|keine?n?|pas|"
    r"no (lo )?(tengo|encuentro)|no está|no figura)\b",
    re.IGNORECASE,
)
_SMALL_WORDS = {
    "de": "der die das und ist ein eine nicht ich sie im in von mit kann bis auf",
    "fr": "le la les des est et une pour avec je il en de du dans pas par sur",
    "es": "el la los las una es de en que por con se no su",
}


@dataclass(frozen=True)
class Verdict:
    """`rules` that were asked of a turn, each with whether it held."""

    rules: dict[str, bool] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        return all(self.rules.values())


@dataclass(frozen=True)
class Observed:
    """What one turn brought: the answer, the passages that it cites, and what else the visitor had said or seen."""

    answer: Answer
    cited: tuple[str, ...]
    known: str
    """The visitor's own words, the company's profile and the results of tools: numbers in them are no invention."""
    lead: dict[str, str] | None = None
    """The one lead in the store; empty for none."""


def judge(turn: ScriptTurn, seen: Observed) -> Verdict:
    """Every rule that the turn asks for; that no number comes from nowhere is asked of each turn."""
    answer, rules = seen.answer, dict[str, bool]()
    said, material = _plain(answer.text), _plain(" ".join(seen.cited))
    rules["no foreign number"] = _numbers(_LISTED.sub("", answer.text)) <= _numbers(" ".join(seen.cited) + seen.known)
    rules["says something"] = bool(answer.text.strip())
    if turn.facts:
        rules["right fact"] = all(any(_plain(one) in said for one in fact.split("|")) for fact in turn.facts)
        rules["fact is cited"] = all(any(_plain(one) in material for one in fact.split("|")) for fact in turn.facts)
    if turn.source:
        titles = [citation.title for citation in answer.citations]
        rules["right source"] = any(one.lower() in title.lower() for one in turn.source.split("|") for title in titles)
    if turn.avoid:
        rules["avoids"] = not any(_plain(words) in said for words in turn.avoid)
    if turn.refuses:
        rules["refuses"] = not answer.grounded and _declines(answer.text)
    if turn.honest:
        rules["says it is an AI"] = bool(_HONEST.search(answer.text))
    if turn.offers:
        rules["offers help"] = bool(_OFFERS.search(answer.text))
    if turn.language:
        rules["right language"] = _speaks(answer.text, turn.language)
    if turn.action:
        rules["right card"] = any(card.kind in turn.action.split("|") for card in answer.actions)
    if turn.shows:
        rules["right picture"] = any(card.kind in turn.shows.split("|") for card in answer.shown)
    if turn.fields:
        rules["card values"] = _card_values(answer).items() >= turn.fields.items()
    if turn.lead is not None:
        rules["lead fields"] = _holds(seen.lead or {}, turn.lead)
    return Verdict(rules)


def _holds(stored: dict[str, str], wanted: dict[str, str]) -> bool:
    return stored.items() >= wanted.items() if wanted else not stored


def _card_values(answer: Answer) -> dict[str, str]:
    cards = [card for card in answer.actions if isinstance(card, ConfirmCard)]
    return {each.name: each.value for each in cards[0].fields} if cards else {}


def _declines(text: str) -> bool:
    return text.startswith(NOTHING_FITS) or bool(_DONT_HAVE.search(text))


def _speaks(text: str, language: str) -> bool:
    words = re.findall(r"[^\W\d_]+", text.lower())
    return sum(word in _SMALL_WORDS[language].split() for word in words) >= 2


def _numbers(text: str) -> set[str]:
    """Numbers as they are meant: `6,000` is `6000`, and the marks of citations are none."""
    return {number.replace(",", "").rstrip(".") for number in _NUMBER.findall(_MARK.sub(" ", text))}


def _plain(text: str) -> str:
    return re.sub(r"[\s\u00a0*_`]+", " ", _MARK.sub("", text).replace("’", "'").replace(" %", "%")).strip().lower()

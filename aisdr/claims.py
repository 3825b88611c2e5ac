"""No invented prices: what an answer says about money, percentages and rates is held against what it rests on.

The rule. A sentence makes a claim when it holds a number with a currency, a percentage, or a number for each of
something (`49 per store`, `9 a month`), when it speaks of a price or a plan and holds any number (`the price is 999`),
when it gives something away (`free trial`), or when it names a certificate (`SOC 2`). Each such number and name must
stand in a passage that the answer cites, in a tool's result, or in the operator's own words. If it stands in a passage
that was offered and is not cited, the passage is cited. If only the visitor said it, the sentence may name it to deny
it or to ask (`I can't confirm $5`), and not to agree. Any other sentence is left out. When nothing cited is left, the
whole answer is the honest sentence; that one the agent writes.

While an answer streams, a sentence with a number waits for its end and is shown if any passage may bear it out; what
the finished answer says is the truth.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from aisdr.inference.base import Passage

_WORDS = {
    word: Decimal(number)
    for number, words in {
        1: "one ein eine un une una uno",
        2: "two zwei deux dos",
        3: "three drei trois tres",
        4: "four vier quatre cuatro",
        5: "five fünf cinq cinco",
        6: "six sechs seis",
        7: "seven sieben sept siete",
        8: "eight acht huit ocho",
        9: "nine neun neuf nueve",
        10: "ten zehn dix diez",
        12: "twelve zwölf douze doce",
        15: "fifteen fünfzehn quinze quince",
        20: "twenty zwanzig vingt veinte",
        25: "twenty-five",
        30: "thirty dreißig trente treinta",
        40: "forty vierzig quarante cuarenta",
        50: "fifty fünfzig cinquante cincuenta",
        100: "hundred hundert cent cien",
        1000: "thousand tausend mille mil",
    }.items()
    for word in words.split()
}
_DIGITS = r"(?:\d{1,3}(?:[ .,'\u202f\u00a0]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)?)"
_SCALE = r"(?:\s?(?P<scale>k|m|hundred|thousand|million|tausend|mille|mil)\b)?"
_SPELLED = rf"\b(?:{'|'.join(sorted(_WORDS, key=len, reverse=True))})\b"
_NUMBER = re.compile(rf"(?:(?P<digits>{_DIGITS})|(?P<spelled>{_SPELLED})){_SCALE}", re.IGNORECASE)
_CODE = r"\b(?:usd|eur|gbp|chf|sek|nok|dkk|pln|czk|huf|ron|jpy|cny|inr|brl|cad|aud|nzd|sgd|aed|sar|ils|try|zar|mxn)\b"
_CURRENCY = (
    rf"(?:[$€£¥₹₪₺₩]|,\s?[-–—]{{1,2}}(?!\d)|{_CODE}"
    r"|\b(?:dollars?|euros?|pounds?|francs?|franken|kron(?:er|or|en)|kr|zł|złotych|reais|yen|rupees?|dólares|cents?|bucks?)"
    r"(?!\w))"
)
_RATE = (
    r"(?:/|\b(?:per|pro|je|par|por|each|every)\b|\ban?\b)\s?"
    r"(?:store|shop|location|seat|user|month|year|week|filiale|monat|jahr|magasin|mois|tienda|mes|año)"
)
_CLAIM = re.compile(
    rf"(?:(?:us|r|c|a)?[$€£¥₹₪₺₩]|{_CODE}|\bkr\.?)\s?(?P<after>{_DIGITS}{_SCALE})"
    rf"|(?P<before>(?:{_DIGITS}|{_SPELLED})(?:\s?(?:k|hundred|thousand|million|tausend|mille|mil)\b)?)"
    rf"\s?(?:%|\bper ?cent\b|\bprozent\b|\bpour cent\b|\bpor ciento\b|{_CURRENCY}|{_RATE})",
    re.IGNORECASE,
)
_PRICED = re.compile(
    r"\b(?:pric(?:e[sd]?|ing)|costs?|costing|fees?|charges?|plans?|tiers?|licen[cs]es?|subscriptions?|discounts?|budget"
    r"|preise?|kostet|kosten|gebühr(?:en)?|tarife?|lizenz(?:en)?|abo|rabatte?"
    r"|prix|coûten?t?|abonnements?|remises?|precios?|cuestan?|tarifas?|descuentos?|preços?|custam?|planos?)\b",
    re.IGNORECASE,
)
_SEAL = re.compile(
    r"\b(?:soc ?[123]|iso[ /-]?\d{4,5}|hipaa|pci|fedramp|hitrust|tisax|c5|csa star|gdpr[- ]certified)\b", re.IGNORECASE
)
_GIFT = re.compile(
    r"\b(?:free (?:of charge|trial|plan|tier|month)|for free|(?:is|are|completely) free|kostenlos|gratis)\b",
    re.IGNORECASE,
)
_GIVEN = re.compile(
    r"\b(?:free|no (?:\w+ ){0,2}(?:cost|charge|fee)s?|included|kostenlos|gratis|gratuit)\b", re.IGNORECASE
)
_DENIES = re.compile(
    r"\?|n't\b|\b(?:not|no|never|cannot|unable|instead|rather|nicht|kein\w*|pas|aucun\w*|ningun[ao]|ningún)\b",
    re.IGNORECASE,
)
# `Yes, that's right` agrees with whatever number the visitor offered.
_AGREES = re.compile(
    r"\W*(?:yes|yeah|correct|exactly|indeed|right|absolutely|that(?:'s| is) (?:right|correct|true)|ja|genau"
    r"|richtig|stimmt|oui|exact\w*|sí|correcto|así es)\b",
    re.IGNORECASE,
)
_SUSPECT = re.compile(rf"\d|{_CURRENCY}|{_SPELLED}|{_GIFT.pattern}|{_AGREES.pattern}|{_SEAL.pattern}", re.IGNORECASE)
_MARK = re.compile(r"\[(\d{1,2})\]")
# A point inside of a number or a name ends nothing; marks belong to the sentence before them.
_SENTENCE = re.compile(r"(?:[^.!?\n]|[.!?](?=[^\s\[]))*[.!?]*(?:\s*\[\d{1,2}\][.!?]?)*\s*")


@dataclass(frozen=True)
class Evidence:
    """What an answer may rest on beside passages: `other` holds tool results and the operator's own words."""

    question: str
    other: tuple[str, ...] = ()

    def bear_out(self, sentence: str, passages: Iterable[Passage]) -> bool:
        """Whether every number that the sentence claims stands in these passages or in the rest of the evidence."""
        texts = [*(f"{each.title}\n{each.text}" for each in passages), *self.other]
        # Both readings of `49 100`: one number with a space in it, or two cells of a table.
        known = {value for text in texts for each in (text, text.replace(" ", "  ")) for value in numbers(each)}
        if _DENIES.search(sentence):
            return all(value in known | set(numbers(self.question)) for value in claimed(sentence))
        if _GIFT.search(sentence) and not any(map(_GIVEN.search, texts)):
            return False
        if not all(any(_names(seal, text) for text in texts) for seal in _SEAL.findall(sentence)):
            return False
        agreed = claimed(self.question) if _AGREES.match(sentence) else []
        if not all(value in known for value in (*claimed(sentence), *agreed)):
            return False
        # The visitor's own numbers may stand beside a price: "for your 200 stores the plan costs …".
        return all(value in known | set(numbers(self.question)) for value in beside_prices(sentence))


def borne_out(text: str, offered: Sequence[Passage], evidence: Evidence) -> str | None:
    """The text without what nothing bears out, and with the marks that were forgotten; marks are passage numbers.

    None when something was left out and nothing cited remains.
    """
    cited = _cited(text, offered)
    kept: list[str] = []
    for sentence in sentences(text):
        if not _claims(sentence) or evidence.bear_out(sentence, cited):
            kept.append(sentence)
        elif bearer := _bearer(sentence, offered, evidence):
            words = sentence.rstrip()
            kept.append(f"{words} [{bearer.number}]{sentence[len(words) :]}")
    rest = "".join(kept)
    invented = len(kept) < len(sentences(text))
    return None if invented and not _cited(rest, offered) else rest


class Gate:
    """Lets an answer through while it is written, but no sentence with a number before its end is known."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._sentence = ""
        self._shown = 0

    def feed(self, text: str, offered: Sequence[Passage]) -> str:
        """Takes the next piece, returns what can be shown."""
        *complete, self._sentence = sentences(self._sentence + text) or [""]
        ready = "".join(self._ended(sentence, offered) for sentence in complete)
        if not _SUSPECT.search(self._sentence):
            ready += self._sentence[self._shown :]
            self._shown = len(self._sentence)
        return ready

    def finish(self, offered: Sequence[Passage]) -> str:
        rest, self._sentence = self._sentence, ""
        return self._ended(rest, offered)

    def _ended(self, sentence: str, offered: Sequence[Passage]) -> str:
        shown, self._shown = self._shown, 0
        fine = not _claims(sentence) or self._evidence.bear_out(sentence, offered)
        return sentence[shown:] if fine else ""


def _claims(sentence: str) -> bool:
    return any(pattern.search(sentence) for pattern in (_CLAIM, _GIFT, _AGREES, _SEAL)) or bool(beside_prices(sentence))


def beside_prices(sentence: str) -> list[Decimal]:
    """The numbers in digits of a sentence that speaks of prices or plans, whatever they count."""
    if not _PRICED.search(sentence):
        return []
    return [_worth(match) for match in _NUMBER.finditer(_MARK.sub("", sentence)) if match["digits"]]


def _names(seal: str, text: str) -> bool:
    """Whether the text names the certificate, however it is spaced."""
    return _close(seal) in _close(text)


def _close(text: str) -> str:
    return re.sub(r"[ /-]", "", text).lower()


def claimed(sentence: str) -> list[Decimal]:
    """The numbers of a sentence that speak of money, a percentage or a rate."""
    found = (match["after"] or match["before"] for match in _CLAIM.finditer(_MARK.sub("", sentence)))
    return [value for text in found for value in numbers(text)]


def numbers(text: str) -> list[Decimal]:
    """Every number in a text: `1,200`, `1.200,50`, `2k` and `five` as what they are worth."""
    return [_worth(match) for match in _NUMBER.finditer(text)]


def sentences(text: str) -> list[str]:
    """The text in pieces that end with their marks and their space: joined they are the text again."""
    return [piece for piece in _SENTENCE.findall(text) if piece]


def _cited(text: str, offered: Sequence[Passage]) -> list[Passage]:
    marks = {int(mark) for mark in _MARK.findall(text)}
    return [passage for passage in offered if passage.number in marks]


def _bearer(sentence: str, offered: Sequence[Passage], evidence: Evidence) -> Passage | None:
    """The offered passage that bears out what nothing cited does; it must speak of the same thing as well."""
    said = _content(sentence)
    common = {each.number: len(said & _content(f"{each.title} {each.text}")) for each in offered}
    fitting = [each for each in offered if common[each.number] and evidence.bear_out(sentence, [each])]
    return max(fitting, key=lambda each: common[each.number], default=None)


def _content(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]{4,}", text.lower())) - {"free"}


def _worth(match: re.Match[str]) -> Decimal:
    worth = _WORDS[match["spelled"].lower()] if match["spelled"] else _value(match["digits"])
    match (match["scale"] or "").lower():
        case "hundred":
            return worth * 100
        case "k" | "thousand" | "tausend" | "mille" | "mil":
            return worth * 1000
        case "m" | "million":
            return worth * 1_000_000
        case _:
            return worth


def _value(digits: str) -> Decimal:
    digits = re.sub(r"[ '\u202f\u00a0]", "", digits)
    # Three digits behind a point or comma are thousands, unless nothing but a zero stands before them.
    grouped = re.fullmatch(r"([1-9]\d{0,2}(?:[.,]\d{3})+)([.,]\d{1,2})?", digits)
    if grouped:
        digits = re.sub(r"[.,]", "", grouped[1]) + (grouped[2] or "").replace(",", ".")
    return Decimal(digits.replace(",", "."))

"""What a question is about and what kind of answer it wants."""

import re
from dataclasses import dataclass
from typing import Literal

from aisdr.inference.words import STOP_WORDS, WEAK_STEMS, stems, words

Wanted = Literal["price", "number", "time", "person", "place", "reason", "definition", "anything"]

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|march|april|may|june|july|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?)"
)
_COUNT = (
    r"(?:\d[\d.,½]*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred|thousand|million"
    r"|billion|unlimited|half|twice|once)\b)"
)
_UNIT_OF_TIME = r"(?:seconds?|secs?|minutes?|mins?|hours?|days?|weeks?|months?|years?|decades?|centur(?:y|ies)|ms)"

_WANTS: tuple[tuple[Wanted, re.Pattern[str]], ...] = (
    ("number", re.compile(r"\bhow many\b|\bnumber of\b")),
    (
        "price",
        re.compile(
            r"\bhow (?:much|expensive|cheap)\b(?:(?=.*\b(?:cost|prices?|charge|pay|fees?|back)\b)|(?=\W*(?:is|are|for|would)\b))"
            r"|^(?!(?:do|does|did|is|are|can|could|will|would|may|should) ).*(?:\b(?:price|cost|fee|charge)s?(?: of| for| per|\W*$)"
            r"|\bwhat\b.*\b(?:price|costs?|fees?|charges?|pay)\b|\bpricing\W*$|\b(?:expensive|salary|revenue|turnover)\b)"
        ),
    ),
    (
        "time",
        re.compile(
            r"\bwhen\b|\b(?:what|which|in what) (?:year|day|date|month|time|century|decade|hours?)\b"
            r"|\bhow (?:long|soon|fast|quick(?:ly)?|often|old)\b|\bturnaround\b|\bdeadline\b"
        ),
    ),
    (
        "number",
        re.compile(
            r"\bhow (?:much|big|large|high|tall|far|deep|wide|heavy|close)\b|\b(?:what|which) (?:percent(?:age)?|share|number|size|amount|score)\b"
            r"|\b(?:maximum|minimum|limits?|average|percent(?:age)?)\b"
        ),
    ),
    ("person", re.compile(r"\bwho(?:m|se)?\b|\b(?:what|which) (?:person|man|woman|player|founder|ceo|author)\b")),
    ("place", re.compile(r"\bwhere\b|\b(?:what|which) (?:city|country|region|place|state|location|continent|town)\b")),
    ("reason", re.compile(r"\bwhy\b|\bwhat (?:caused|made|is the reason)\b|\bhow come\b")),
    (
        "definition",
        re.compile(
            r"^(?:so |and )?what(?:'s| is| are) (?:a |an |the )?[\w-]+(?: [\w-]+){0,2}\??$|\bwhat does .{2,30} (?:mean|stand for|do)\b"
        ),
    ),
)

_GIVES: dict[Wanted, re.Pattern[str]] = {
    "price": re.compile(
        r"[$€£¥]\s?\d|\d\s?(?:usd|eur|gbp|dollars?|euros?|pounds?|cents?)\b|\bfree\b|\bno (?:\w+ )?(?:cost|charge|fees?)\b"
        r"|\bcustom\b|\bincluded\b",
        re.IGNORECASE,
    ),
    "number": re.compile(_COUNT, re.IGNORECASE),
    "time": re.compile(
        rf"{_COUNT}(?:\s?[–-]\s?\d+| to \w+)?[\s-]?(?:(?:business|working|calendar) )?{_UNIT_OF_TIME}\b"
        rf"|\b(?:1\d|20)\d\d\b|\b{_MONTH}\b|\b(?:today|tomorrow|immediately|instantly|overnight|daily|weekly|monthly)\b"
        r"|\b(?:quarterly|annually)\b|\bcentury\b|\d\s?(?:am|pm|a\.m|p\.m)\b"
        r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b",
        re.IGNORECASE,
    ),
    "person": re.compile(r"(?<=[a-z,;] )[A-Z][\w'’-]+(?: [A-Z][\w'’.-]+)*|^[A-Z][\w'’-]+ (?:[A-Z]\. )?[A-Z][a-z]+"),
    "place": re.compile(r"\b(?:in|at|from|near|of|to) (?:the )?[A-Z][\w-]+"),
    "reason": re.compile(
        r"\b(?:because|since|due to|so that|in order|as a result|caused?|reason|therefore|to avoid|means)\b"
    ),
}

_LIST = re.compile(
    r"^(?:please )?(?:list|name|enumerate)\b|\b(?:which|what) (?:(?!is\b|was\b|does\b)\w+ ){0,2}?(?!does\b|is\b|was\b|this\b|has\b)\w+[^s\W]s\b"
    r"|\bwhat (?:are|were)\b|\bwhat (?:kinds?|types?|sorts?)\b|\ball (?:the|your|of)\b|\b(?:difference|compare|comparison|versus|vs)\b"
    r"|\bwhat (?:do(?:es)?|can) .*\b(?:include|offer|support|do|get)\b|\bwhat(?:'s| is) (?:included|in the)\b|\bsteps\b|\bhow (?:do|can|to)\b.*\b(?:install|set ?up|start|add|embed)\b"
)
_COMPARES = re.compile(r"\b(?:differences?|differ|compared?|comparison|versus|vs)\b")
_FOLLOW_UP = re.compile(
    r"^(?:and|or|but|so|also|then|what about|how about|what if)\b|\b(?:it|its|that|they|them|their|those|these|this|one|ones|there|he|she|him|his|her)\b(?! (?:is|are) (?:a|any)\b)"
)


@dataclass(frozen=True)
class Question:
    """A visitor's question, reduced to the stems it is about, each with how much it matters (0 to 1)."""

    text: str
    terms: dict[str, float]
    order: tuple[str, ...]
    written: dict[str, str]
    """Each stem as the visitor spelled it."""
    wanted: Wanted
    wants_list: bool
    compares: bool
    names: frozenset[str]
    """Terms written like a name: an answer that does not speak of them is not an answer."""

    def is_given_by(self, text: str) -> bool:
        """Whether `text` holds the kind of thing that was asked for."""
        pattern = _GIVES.get(self.wanted)
        if pattern is None:
            return True
        if self.wanted == "person":
            text = text.replace(". The ", ". the ")
        return any(not set(stems(match[0])) & self.names for match in pattern.finditer(text))


def read_question(text: str, earlier: str = "", company: frozenset[str] = frozenset()) -> Question:
    """`earlier` is the visitor's question before this one; `company` the stems of the company's own name."""
    lower = text.lower().replace("’", "'")
    order = tuple(stem for stem in stems(text) if stem not in company)
    terms = {stem: 0.3 if stem in WEAK_STEMS else 1.0 for stem in order}
    wanted: Wanted = next((wanted for wanted, pattern in _WANTS if pattern.search(lower)), "anything")
    wants_list = bool(_LIST.search(lower))
    strong = sum(weight >= 1 for weight in terms.values())
    if earlier and (strong == 0 or (strong <= 3 and _FOLLOW_UP.search(lower))):
        before = read_question(earlier, company=company)
        for stem, weight in before.terms.items():
            terms.setdefault(stem, weight * 0.5)
        if wanted == "anything" and strong <= 2:
            wanted = before.wanted
    written = {stem: word for word in words(text) for stem in stems(word)}
    return Question(
        text, terms, order, written, wanted, wants_list, bool(_COMPARES.search(lower)), _names(text) - company
    )


def _names(text: str) -> frozenset[str]:
    """Words with a capital letter that no sentence's beginning explains; none when everything has one."""
    tokens = re.findall(r"[^\W\d_][\w'’-]*|[.!?]", text)
    capital = [
        word
        for before, word in zip([".", *tokens], tokens, strict=False)
        if word[0].isupper() and before not in (".", "!", "?") and word.lower() not in STOP_WORDS
    ]
    plain = [word for word in tokens if word[0].islower()]
    return frozenset(stem for word in capital for stem in stems(word)) if len(plain) >= 2 else frozenset()


def is_foreign(text: str) -> bool:
    """Whether a message is plainly not in English."""
    letters = [character for character in text if character.isalpha()]
    if letters and sum(ord(character) > 0x24F for character in letters) > len(letters) / 2:
        return True
    found = words(text)
    foreign, english = sum(word in _FOREIGN for word in found), sum(word in _ENGLISH for word in found)
    return foreign >= 2 and foreign > english


_ENGLISH = frozenset("the is are what how do does can you your i we my and of to in for with it a an on have".split())
_FOREIGN = frozenset(
    """der die das und ist ein eine wie was kostet viel ich sie wir für mit nicht haben kann können welche wo gibt es auf
    le la les des une est et pour avec vous nous je quel quelle quels combien comment que qui dans sur votre pas coûte
    el los las una es y para con cómo cuánto cuál qué dónde cuesta tiene puede usted su por
    il gli che per quanto come è sono avete costa di del della
    het een van wat hoeveel jullie voor niet o os as um uma quanto custa você para com não""".split()
) - frozenset(["as", "die", "was", "a", "me", "come", "per", "come", "no", "es", "die"])

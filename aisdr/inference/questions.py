"""What a question is about and what kind of answer it wants."""

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from aisdr.inference.intervals import amounts
from aisdr.inference.spelling import with_small_words_corrected
from aisdr.inference.words import STOP_WORDS, WEAK_STEMS, stems, words

Wanted = Literal["price", "number", "time", "frequency", "person", "place", "reason", "anything"]


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
    yes_or_no: bool = False
    amounts: dict[str, tuple[float, str]] = field(default_factory=dict)
    """What the question counts, such as 80 stores, by the number's term."""
    without: frozenset[str] = frozenset()
    """What the visitor would rather do without: `without an account`."""
    addressed: frozenset[str] = frozenset()
    """The words of the company's name, when the question says `you`: a column of that name is meant."""
    repeats: bool = False
    """One word over and over is no question."""

    def is_given_by(self, text: str) -> bool:
        """Whether `text` holds the kind of thing that was asked for, other than what the question itself names."""
        pattern = _GIVES.get(self.wanted)
        return pattern is None or any(not set(stems(match[0])) & self.names for match in pattern.finditer(text))


def read_question(
    text: str, earlier: str = "", company: frozenset[str] = frozenset(), *, leans: bool = False
) -> Question:
    """`earlier` is what was asked before this one; `company` the stems of the company's own name.

    A follow-up such as `And on Enterprise?` takes over, at half weight, what it leaves out; with `leans` it is known
    to be one.
    """
    text = with_small_words_corrected(text)
    lower = text.lower().replace("’", "'").strip()
    asked_for = _ASKS_FOR_TIME.sub("how", text)  # how long something takes is no word of what it is about
    order = tuple(stem for stem in stems(asked_for) if stem not in company)
    terms = {stem: _WEAK if stem in WEAK_STEMS else 1.0 for stem in order}
    wanted = _wanted(lower)
    strong = sum(weight == 1 for weight in terms.values())
    if earlier and (leans or strong == 0 or (strong <= 3 and _FOLLOW_UP.search(lower))):
        before = read_question(earlier, company=company)
        terms = {stem: weight * 0.5 for stem, weight in before.terms.items()} | terms
        wanted = before.wanted if wanted == "anything" and strong <= 2 else wanted
    return Question(
        text=text,
        terms=terms,
        order=order,
        written={stem: word for word in words(text) for stem in stems(word)},
        wanted=wanted,
        wants_list=any(pattern.search(lower) for pattern in _LISTS),
        compares=_COMPARES.search(lower) is not None,
        names=_names(text) - company,
        yes_or_no=_YES_OR_NO.match(lower) is not None,
        amounts=amounts(text),
        without=frozenset(stem for match in WITHOUT.finditer(text) for stem in stems(match[1])),
        addressed=company if re.search(r"\byou(?:rs?)?\b", lower) else frozenset(),
        repeats=_repeats(text),
    )


def _repeats(text: str) -> bool:
    said = words(text)
    return len(said) >= 6 and max(Counter(said).values()) > len(said) / 2


def _wanted(lower: str) -> Wanted:
    if (_YES_OR_NO.match(lower) and "expensive" not in lower) or _BY_WHICH_MEANS.match(lower):
        return "anything"
    return next((wanted for wanted, pattern in _WANTS if pattern.search(lower)), "anything")


def _names(text: str) -> frozenset[str]:
    """Words with a capital letter that no sentence's beginning explains; none when everything is capitalised."""
    tokens = re.findall(r"[^\W\d_][\w'’-]*|[.!?]", text)
    named = [
        word
        for before, word in zip([".", *tokens], tokens, strict=False)
        if word[0].isupper() and before not in ".!?" and word.lower() not in STOP_WORDS
    ]
    plain = sum(word[0].islower() for word in tokens)
    return frozenset(stem for word in named for stem in stems(word)) if plain >= 2 else frozenset()


_WEAK = 0.3
_ASKS_FOR_TIME = re.compile(r"\bhow (?:long|often|soon)\b", re.IGNORECASE)

WITHOUT = re.compile(r"\b(?:without|no)\b(?: an?\b| any\b| your\b| my\b)? (\w+)", re.IGNORECASE)
_BY_WHICH_MEANS = re.compile(r"how (?:do|can|could|should|would) (?:you|we|i|they)\b(?! (?:pay|charge|cost|bill))")

_YES_OR_NO = re.compile(
    r"(?:and |so |but )?(?:do|does|did|is|are|was|were|can|could|will|would|may|should|has|have)\b(?!.*\bhow\b)"
)
_WANTS: tuple[tuple[Wanted, re.Pattern[str]], ...] = (
    ("frequency", re.compile(r"\bhow (?:often|frequent(?:ly)?|regular(?:ly)?)\b")),
    ("number", re.compile(r"\bhow many\b|\bnumber of\b")),
    (
        "price",
        re.compile(
            r"\bhow (?:much|expensive|cheap)\b(?=.*\b(?:cost|charge|pay|fees?|back)\b|\W*(?:is|are|for|would)\b)"
            r"|\b(?:costs?|fees?|charges?|salary|revenue|turnover|expensive)\b"
            r"|\b(?:cheap(?:est|er)?|do (?:i|we|you) (?:pay|cost))\b"
            r"|\bpricing\W*$"
            r"|\bprices?\b(?= (?:of|for|per|does|do|is|are|in|on|with|and)\b|\W*$)"
        ),
    ),
    (
        "time",
        re.compile(
            r"\bwhen\b|\b(?:what|which) (?:year|day|date|month|time|century|decade|hours?)\b"
            r"|\bhow (?:long|soon|fast|quick(?:ly)?|often|old)\b|\bturnaround\b|\bdeadline\b"
        ),
    ),
    (
        "number",
        re.compile(
            r"\bhow (?:much|big|large|high|tall|far|deep|wide|heavy|close|accurate|precise|reliable)\b"
            r"|\b(?:what|which) (?:percent(?:age)?|share|number|size|amount|score)\b"
            r"|\b(?:maximum|minimum|limits?|average|percent(?:age)?)\b"
            r"|\bwhat(?:'s| is| are) (?:\w+ ){0,2}(?:uptime|availability|sla)\b"
        ),
    ),
    ("person", re.compile(r"\bwho(?:m|se)?\b|\b(?:what|which) (?:person|man|woman|player|founder|ceo|author)\b")),
    ("place", re.compile(r"\bwhere\b|\b(?:what|which) (?:city|country|region|place|state|location|continent)\b")),
    ("reason", re.compile(r"\bwhy\b|\bwhat (?:caused|made|is the reason)\b|\bhow come\b")),
)

_COUNT = (
    r"(?:\d[\d.,½]*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred|thousand|million"
    r"|billion|unlimited|half|twice|once)\b)"
)
_UNIT_OF_TIME = r"(?:seconds?|secs?|minutes?|mins?|hours?|days?|weeks?|months?|years?|decades?|centur(?:y|ies)|ms)"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|march|april|may|june|july|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    r"|dec(?:ember)?)"
)
_GIVES: dict[Wanted, re.Pattern[str]] = {
    "price": re.compile(
        r"[$€£¥]\s?\d|\d\s?(?:usd|eur|gbp|dollars?|euros?|pounds?|cents?)\b"
        r"|\b(?:free|custom|included|no (?:\w+ )?(?:cost|charge|fees?))\b",
        re.IGNORECASE,
    ),
    "number": re.compile(_COUNT, re.IGNORECASE),
    "time": re.compile(
        rf"{_COUNT}(?:\s?[–-]\s?\d+| to \w+)?[\s-]?(?:(?:business|working|calendar) )?{_UNIT_OF_TIME}\b"
        rf"|\b(?:1\d|20)\d\d\b|\b{_MONTH}\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\d\s?(?:am|pm|a\.m|p\.m)\b"
        r"|\b(?:today|tomorrow|immediately|instantly|overnight|daily|weekly|monthly|quarterly|annually|century)\b",
        re.IGNORECASE,
    ),
    "frequency": re.compile(
        rf"\b(?:once|twice|{_COUNT} times|every|each|per)\b[^.;]{{0,15}}?\b{_UNIT_OF_TIME}\b"
        r"|\bevery (?:mon|tues|wednes|thurs|fri|satur|sun)day\b"
        r"|\b(?:hourly|daily|nightly|weekly|monthly|quarterly|yearly)\b"
        r"|\bevery night\b|\bcontinuously\b|\breal.time\b",
        re.IGNORECASE,
    ),
    "person": re.compile(r"(?<=[a-z,;] )[A-Z][\w'’-]+(?: [A-Z][\w'’.-]+)*|^[A-Z][\w'’-]+ (?:[A-Z]\. )?[A-Z][a-z]+"),
    "place": re.compile(r"\b(?:in|at|from|near|of|to) (?:the )?[A-Z][\w-]+"),
    "reason": re.compile(r"\b(?:because|since|due to|so that|in order|as a result|caused?|reason|to avoid|means)\b"),
}

_LISTS = tuple(
    re.compile(pattern)
    for pattern in (
        r"^(?:please )?(?:list|name|enumerate)\b",
        # `which integrations`, `what payment methods`: a noun in the plural.
        r"\b(?:which|what) (?:(?!is\b|was\b|does\b)\w+ ){0,2}?(?!does\b|is\b|was\b|this\b|has\b)\w+[^s\W]s\b",
        r"\bwhat (?:are|were|kinds?|types?|sorts?)\b|\ball (?:the|your|of)\b|\bsteps\b",
        r"\bwhat (?:do(?:es)?|can) .*\b(?:include|offer|support|do|get)\b|\bwhat(?:'s| is) (?:included|in the)\b",
        r"\bhow (?:do|can|to)\b.*\b(?:install|set ?up|start|add|embed)\b",
    )
)
_COMPARES = re.compile(r"\b(?:differences?|differ|compared?|comparison|versus|vs)\b")
_FOLLOW_UP = re.compile(
    r"^(?:and|or|but|so|also|then|what about|how about|what if)\b"
    r"|\b(?:it|its|that|they|them|their|those|these|this|ones?|he|she|him|his|her)\b"
)

"""A question that leans on the conversation, completed by rules: `and for 500?` becomes a question that stands alone.

The visitor's questions are read from the first to the last. Each either stands alone or takes over what it leaves out:

- *another value in the same question* (`and for 500?`, `what about Enterprise?`): the value is put in its place;
- *the same thing, another question* (`what about its price?`, `how long does that take?`): what the question before was
  about is taken over, and nothing else of it;
- *only a piece of a question* (`why?`, `and yearly?`): the whole question before is taken over.

A question with a subject of its own (`What about security?`) takes over nothing, so that a change of topic is one.
One about the conversation itself (`what did I ask before?`) takes over nothing and leaves nothing to the next.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aisdr.inference.glossary import in_english
from aisdr.inference.language import foreign_language
from aisdr.inference.recall import recall
from aisdr.inference.words import STOP_WORDS

REMEMBERED = 8


@dataclass(frozen=True)
class Standalone:
    """A visitor's question, and what it takes over from the conversation: nothing when it stands alone."""

    question: str
    about: str = ""
    recalls: bool = False
    """It asks for what the visitor said before."""

    @property
    def search(self) -> str:
        return f"{self.about} {self.question}".strip()


def leans(question: str, earlier: Sequence[str]) -> bool:
    """Whether the question may take something over: generous, for a model that then decides what."""
    if recall(question):
        return False
    text = _english(question)
    plain = _plain(text)
    hints = bool(_POINTS.search(plain) or _OPENER.match(text)) or not _subject(text)
    return bool(earlier) and _asks(text) and hints


def standalone(question: str, earlier: Sequence[str]) -> Standalone:
    """Completes the question by what the visitor asked before, oldest first; foreign words are read in English."""
    if recall(question):
        return Standalone(question, recalls=True)
    frame, subject = "", ""
    for said in earlier[-REMEMBERED:]:
        text = _english(said)
        if _asks(text) and not recall(said):
            completed = _completed(text, frame, subject)
            subject = _subject(completed.question) or completed.about or subject
            frame = completed.search
    return _completed(_english(question), frame, subject)


def _english(text: str) -> str:
    return in_english(text.replace("’", "'").strip(), foreign_language(text))


def _completed(text: str, frame: str, subject: str) -> Standalone:
    plain = _plain(text)
    if not frame or not _asks(text):
        return Standalone(text)
    if _points_outside(plain):
        return Standalone(text, subject)
    own, opener = _subject(text), _OPENER.match(text)
    if opener and not _CLAUSE.match(text, opener.end()):
        if replaced := _replaced(text[opener.end() :], frame):
            return Standalone(replaced)
        if own:
            return Standalone(text, frame if _continues(own, frame) else "")
    elif own:
        return Standalone(text)
    return Standalone(text, subject if _ASPECT.search(plain) else frame)


def _replaced(rest: str, frame: str) -> str:
    """The question before with another value in it; empty when it has no place for one."""
    rest = rest.strip(" ?!.,")
    number = _AMOUNT.fullmatch(rest)
    places = list(_NUMBER.finditer(frame))
    if number and len(places) == 1 and _same_unit(number["unit"] or "", frame[places[0].end() :]):
        return f"{frame[: places[0].start()]}{number['number']}{frame[places[0].end() :]}"
    name = _NAME.fullmatch(rest)
    names = [match for match in _NAMES.finditer(frame) if match.start() > 0]
    if name and len(names) == 1:
        return f"{frame[: names[0].start()]}{name['name']}{frame[names[0].end() :]}"
    return ""


def _same_unit(unit: str, after: str) -> bool:
    following = re.match(r"\s*([^\W\d_]+)", after)
    return not unit or (following is not None and following[1].lower().rstrip("s") == unit.lower().rstrip("s"))


def _continues(own: str, frame: str) -> bool:
    """`and in Norway?` goes on; `what about security?` begins something else."""
    words = own.split()
    known = {word.lower() for word in re.findall(r"\w+", frame)}
    return any(word[0].isupper() or word[0].isdigit() or word.lower() in known for word in words)


def _points_outside(plain: str) -> bool:
    """Whether a pronoun stands for something that this message does not name itself."""
    pointer = _POINTS.search(plain)
    if pointer is None:
        return False
    clauses = _CLAUSE_END.split(plain[: pointer.start()])
    return len(clauses) == 1 or not any(_subject(clause) for clause in clauses[:-1])


def _asks(text: str) -> bool:
    plain = _plain(text)
    return bool(_subject(text) or "?" in text or _ASPECT.search(plain) or _MORE.search(plain))


def _subject(text: str) -> str:
    """What a question is about: its words without those that any question could hold."""
    said = list(_WORD.finditer(text))
    named = [match.start() > 0 and match[0][0].isupper() for match in said]
    return " ".join(
        match[0]
        for match, name in zip(said, named, strict=True)
        if not match[0][0].isdigit()
        and match[0].lower() not in _SAYS_LITTLE
        and (name or match[0].lower() not in _ASPECTS)
    )


def _plain(text: str) -> str:
    return " ".join(_EXPLETIVE.sub(" ", text.lower()).split())


_ASPECT_WORDS = """
    price prices pricing cost costs costing charge charged fee fees expensive cheap pay take takes taking long time
    duration soon fast quickly work works include includes included contain contains example examples detail details
    further yearly monthly annually annual many difference part sorry understand sure possible need needed required
    enough only really right correct true there second first last next else thing things way quite bit another
"""
_UNIT_WORDS = """
    store stores shop shops location locations employee employees people user users seat seats month months year years
    week weeks day days hour hours minute minutes
"""
_ASPECTS = frozenset(_ASPECT_WORDS.split())
_UNITS = frozenset(_UNIT_WORDS.split())
_SAYS_LITTLE = STOP_WORDS | _UNITS
_WORD = re.compile(r"[^\W_]+(?:[.,'-][^\W_]+)*")
_MORE = re.compile(
    r"^(?:(?:can you |please )?(?:tell|show|give) me more|more(?: please)?\W*$|go on|elaborate|continue)\b"
)
_ASPECT = re.compile(
    r"\b(?:pric\w+|costs?|charges?|fees?|expensive|cheap|how (?:long|soon|fast|much)|included?s?|details?|examples?)\b"
)
_OPENER = re.compile(
    r"(?:(?:ok(?:ay)?|yes|no|thanks|hm+)\W+)?(?:(?:and|or|but|so|also|then)\b,?\s*)*"
    r"(?:(?:what about|how about|what if)\b\s*|(?<=\s))",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"(?:what|which|who|when|where|why|how|is|are|do|does|did|can|could|will|would|should|has|have)\b(?= .*\w+ )",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[.;,!?]| and | or | if | when | while | because | but | that ")
# A pronoun that stands for nothing: `is it possible to`, `how long does it take to`, `I think that`.
_EXPLETIVE = re.compile(
    r"\b(?:is|was|would|will) it (?:be )?(?:possible|true|ok|okay|fine|safe|hard|easy|difficult|right)\b"
    r"|\bit(?:'s| is) (?:possible|true|ok|okay|fine)\b"
    r"|\b(?:does|will|would) it take to\b|\bit takes to\b"
    r"|\b(?:this|that) (?:is|'s) (?:all|it|great|good|nice|fine)\b|\bthat's\b"
    r"|\bthis (?:month|year|week|site|page|website|company|chat)\b"
)
_POINTS = re.compile(
    r"\b(?:its?|they|them|their|theirs|those|these|this|he|him|she|her)\b"
    r"|\b(?:does|do|did|is|are|was|can|could|will|would|about|for|with|of|in|on|to|like|than|from|need|mean) that\b"
    r"|^that\b|\bthat\W*$|\b(?:the same|that one|this one|the other one|both)\b"
)
_NUMBER = re.compile(r"\b\d[\d.,]*\d\b|\b\d\b")
_AMOUNT = re.compile(r"(?:(?:for|with|at|in|on|if we have)\s+)?(?P<number>\d[\d.,]*\d|\d)(?:\s+(?P<unit>[^\W\d_]+))?")
_NAME = re.compile(
    r"(?:(?:for|with|at|in|on|to)\s+)?(?:the\s+)?(?P<name>[A-ZÀ-Þ][\w-]*(?:\s+[A-ZÀ-Þ][\w-]*)*)"
    r"(?:\s+(?:plan|edition|tier))?"
)
_NAMES = re.compile(r"(?<=[a-z,] )[A-ZÀ-Þ][\w-]*(?:\s+[A-ZÀ-Þ][\w-]*)*")

"""Finds the statements that answer a question, and decides when none does."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from aisdr.inference.base import Passage
from aisdr.inference.intervals import amounts, intervals
from aisdr.inference.questions import WITHOUT, Question
from aisdr.inference.spelling import corrected
from aisdr.inference.statements import Statement, statements
from aisdr.inference.words import kin, stems, words

# How much a word of the question counts, by where it is found: in the statement, in the headings, lead or question
# above it, in the document's title, in the statement next to it, elsewhere in the passage.
OWN, CONTEXT, TITLE, NEIGHBOUR, PASSAGE = 1.0, 0.8, 0.6, 0.3, 0.2
# How surely another word means the same.
KIN, MISSPELLED = 0.85, 0.8

# The coverage that makes an answer: with the kind of thing that was asked for, without it, and when the search is sure.
# Chosen on the questions in tests/inference and on XQuAD: lower ones answer questions about the weather, higher ones
# refuse questions that merely use other words than the material.
ENOUGH_GIVEN, ENOUGH, ENOUGH_FOUND = 0.48, 0.55, 0.34
FOUND_SCORE = 0.62
# Below this score the search itself found nothing near.
FAR_SCORE, ENOUGH_FAR = 0.22, 0.95
# Where an amount was asked for, a statement without one is no answer, unless it speaks of nearly everything.
AMOUNTS = ("price", "number")
ENOUGH_WITHOUT_AMOUNT = 0.85
# A heading that asks nearly the same is an answer's best sign.
SAME_QUESTION, HEADED_SCORE = 0.7, 0.3
SAME_QUESTION_WORD = 0.2
# A line of a slide or a picture without verb and end is quoted only when it speaks of all this, and never when it is
# mostly numbers, like the labels of an axis.
ENOUGH_FOR_FRAGMENT, MOST_NUMBERS = 0.5, 0.45

_ENDED = re.compile(r"[.!?…][\"'”’)\]]*$")
# A column that was asked for by its header still has to hold these in its cells.
_IN_CELLS = ("number", "time", "frequency", "place", "person")
_QUESTION_WORD = re.compile(r"(where|who|when|why)\b", re.IGNORECASE)
_CONDITION = re.compile(r"(?:If|When|Unless)\b")
_ASKS_FOR_CONDITION = re.compile(r"\b(?:if|when|happens?|unless)\b", re.IGNORECASE)
_VERB = re.compile(
    r"\b(?:is|are|was|were|be|has|have|had|can|will|may|must|should|does|do|costs?|falls?|adds?|includes?|needs?|takes?"
    r"|covers?|applies|apply|starts?|begins?|runs?|ends?|stays?|gets?|shows?|works?|lasts?|holds?|lowers?|pays?|helps?"
    r"|draws?|feeds?|passes|leaves?|reach(?:es)?|exceeds?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Place:
    """A statement where it stands: with its passage, its neighbours, and the stems found in and around it."""

    passage: Passage
    position: int
    statement: Statement
    siblings: tuple[Statement, ...]
    own: tuple[str, ...]
    around: tuple[tuple[float, frozenset[str]], ...]
    """The stems of each surrounding with its weight, the nearest first."""

    @property
    def topic(self) -> frozenset[str]:
        (_, context), (_, title), *_ = self.around
        return context | title

    @property
    def spoken_here(self) -> frozenset[str]:
        """In the statement and what stands above it."""
        return frozenset(self.own) | self.topic

    @property
    def spoken_of(self) -> frozenset[str]:
        return frozenset(self.own).union(*(found for _, found in self.around))


@dataclass(frozen=True)
class Candidate:
    """A statement with how well it answers. `coverage` is the part of the question that it speaks of."""

    place: Place
    coverage: float
    gives: bool
    """It holds the kind of thing that was asked for, such as an amount."""
    score: float
    own: float = 0.0
    """The part of the question that its own words speak of."""
    asked_above: float = 0.0
    """How much the heading or the FAQ's question above it asks the same."""

    @property
    def passage(self) -> Passage:
        return self.place.passage

    @property
    def statement(self) -> Statement:
        return self.place.statement

    @property
    def position(self) -> int:
        return self.place.position

    @property
    def is_fragment(self) -> bool:
        """A label or a line of a slide rather than a sentence."""
        text = self.statement.text
        is_label = self.statement.kind == "sentence" and not _ENDED.search(text) and not _VERB.search(text)
        return is_label and self.passage.modality != "text"

    @property
    def is_mostly_numbers(self) -> bool:
        said = self.statement.text.split()
        return sum(any(map(str.isdigit, word)) for word in said) > MOST_NUMBERS * len(said)


def rank(passages: Sequence[Passage], question: Question) -> list[Candidate]:
    """Every statement that may be quoted, best first. The order is the same for the same input."""
    return _Ranking(passages, question).ranked()


def fits(candidate: Candidate, question: Question) -> bool:
    """Whether quoting this statement answers the question, rather than merely sharing a word with it."""
    if question.repeats or not any(weight == 1 and not term.isdigit() for term, weight in question.terms.items()):
        return False
    if unmentioned(candidate, question):
        return _answers_beside(candidate, question)
    if candidate.is_fragment and (candidate.own < ENOUGH_FOR_FRAGMENT or candidate.is_mostly_numbers):
        return False
    if 0 < candidate.passage.score < FAR_SCORE and candidate.coverage < ENOUGH_FAR:
        return False
    if question.wanted in AMOUNTS and not candidate.gives:
        return candidate.coverage >= ENOUGH_WITHOUT_AMOUNT and (
            len(question.terms) >= 3 or (question.wanted == "price" and len(question.terms) == 1 and candidate.own == 1)
        )
    if candidate.asked_above >= SAME_QUESTION and candidate.passage.score >= HEADED_SCORE:
        return True
    enough = ENOUGH_GIVEN if candidate.gives and question.wanted != "anything" else ENOUGH
    found = candidate.passage.score >= FOUND_SCORE and candidate.coverage >= ENOUGH_FOUND
    return found or candidate.coverage >= enough


def unmentioned(candidate: Candidate, question: Question) -> frozenset[str]:
    """The names in the question that nothing around the statement speaks of."""
    return frozenset(name for name in question.names if not ({name} | kin(name)) & candidate.place.spoken_of)


def _answers_beside(candidate: Candidate, question: Question) -> bool:
    """`Do you support SSO with Okta?` is worth telling about SSO, when Okta is unknown and that is said."""
    missing = unmentioned(candidate, question)
    told = question.names - missing
    own = frozenset(candidate.place.own)
    rest = {term for term, weight in question.terms.items() if weight == 1} - missing
    return (
        question.yes_or_no
        and len(missing) == 1
        and any(({name} | kin(name)) & own for name in told)
        and all(({term} | kin(term)) & own for term in rest)
    )


def _places(passage: Passage) -> list[Place]:
    found = statements(passage.text)
    own = [stems(statement.text) for statement in found]
    title, everything = frozenset(stems(passage.title)), frozenset(stem for one in own for stem in one)
    return [
        Place(
            passage,
            at,
            statement,
            found,
            own[at],
            (
                (CONTEXT, frozenset(stems(f"{statement.context} {statement.lead}"))),
                (TITLE, title),
                (NEIGHBOUR, frozenset(stem for near in own[max(0, at - 1) : at + 2] for stem in near)),
                (PASSAGE, everything),
            ),
        )
        for at, statement in enumerate(found)
    ]


def _asks_with(text: str) -> str:
    """The word that a question or such a heading begins with; `what` is said of everything."""
    match = _QUESTION_WORD.match(text)
    return match[1].lower() if match else ""


def _without(text: str) -> frozenset[str]:
    return frozenset(stem for match in WITHOUT.finditer(text) for stem in stems(match[1]))


class _Ranking:
    """One question compared with all statements of the offered passages."""

    def __init__(self, passages: Sequence[Passage], question: Question) -> None:
        self.question = question
        self.places = [place for passage in passages for place in _places(passage)]
        self.top_score = max((passage.score for passage in passages), default=0.0) or 1.0
        spelled = frozenset(word for passage in passages for word in words(f"{passage.title} {passage.text}"))
        vocabulary = frozenset[str]().union(*(place.spoken_of for place in self.places))
        self.same = {term: self._same(term, vocabulary, spelled) for term in question.terms}
        self.weight = self._weights()

    def ranked(self) -> list[Candidate]:
        judged = [self._judge(place) for place in self.places if place.statement.kind != "question"]
        return sorted(judged, key=lambda one: (-one.score, one.passage.number, one.position))

    def _same(self, term: str, vocabulary: frozenset[str], spelled: frozenset[str]) -> dict[str, float]:
        """Stems that stand for `term`, each with how surely: itself, a word of its family, what it misspells."""
        found = {term: 1.0} | dict.fromkeys(kin(term), KIN)
        if not vocabulary & found.keys():
            meant = corrected(self.question.written.get(term, term), spelled)
            found |= {stem: MISSPELLED * KIN for right in meant for stem in kin(right)} | dict.fromkeys(
                meant, MISSPELLED
            )
        return found

    def _weights(self) -> dict[str, float]:
        """How much each term tells statements apart; a term that nobody mentions weighs the most."""
        seen = Counter(stem for place in self.places for stem in set(place.own))
        return {
            term: importance * math.log((len(self.places) + 2) / (sum(seen[stem] for stem in same) + 0.5) + 0.5)
            for (term, importance), same in zip(self.question.terms.items(), self.same.values(), strict=True)
        }

    def _judge(self, place: Place) -> Candidate:
        total = sum(self.weight.values()) or 1.0
        mine = (OWN, frozenset(place.own) - self._counts_else(place.statement) | self._counted(place.statement))
        around = (mine, *place.around)
        coverage = sum(weight * self._strength(term, around) for term, weight in self.weight.items()) / total
        own = sum(weight * self._strength(term, (mine,)) for term, weight in self.weight.items()) / total
        about = sum(weight for term, weight in self.weight.items() if self.same[term].keys() & place.topic) / total
        gives = self.question.is_given_by(place.statement.text)
        found = place.passage.score / self.top_score
        opens = not place.statement.heading and (place.position < 2 or place.statement.kind == "column")
        above = self._asked_above(place.passage.title if opens else place.statement.heading)
        without = bool(self.question.without & _without(place.statement.text))
        score = coverage + 0.2 * gives + 0.15 * about + 0.8 * found + 0.1 * self._closeness(place.own) + 0.25 * above
        score += 0.2 * without
        one = Candidate(place, coverage, gives, score + self._shape(place.statement), own, above)
        return replace(one, score=one.score - 0.3) if one.is_fragment else one

    def _counted(self, statement: Statement) -> frozenset[str]:
        """The question's numbers that lie within a range of the statement."""
        asked = self.question.amounts
        within = intervals(statement.text) if asked else ()
        return frozenset(term for term in asked if any(one.holds(*asked[term]) for one in within))

    def _counts_else(self, statement: Statement) -> frozenset[str]:
        """The question's numbers that count something else here: 12 clusters are not 12 stores."""
        counted = amounts(statement.text)
        asked = self.question.amounts
        return frozenset(term for term in asked.keys() & counted.keys() if counted[term] != asked[term])

    def _asked_above(self, heading: str) -> float:
        """How nearly a heading asks what the question asks: 1 when each speaks of all that the other does."""
        asked = frozenset(stems(heading))
        if not asked or {stem for stem in asked if stem.isdigit()} - self.question.terms.keys():
            return 0.0
        total = sum(self.weight.values()) or 1.0
        here = sum(weight for term, weight in self.weight.items() if self.same[term].keys() & asked) / total
        there = sum(any(stem in same for same in self.same.values()) for stem in asked) / len(asked)
        alike = _asks_with(heading) and _asks_with(heading) == _asks_with(self.question.text)
        return min(1.0, math.sqrt(here * there) + (SAME_QUESTION_WORD if alike and here else 0.0))

    def _strength(self, term: str, around: tuple[tuple[float, frozenset[str]], ...]) -> float:
        same = self.same[term]
        return max(weight * max((same[stem] for stem in same.keys() & found), default=0.0) for weight, found in around)

    def _closeness(self, own: tuple[str, ...]) -> float:
        """The share of neighbouring words of the question that stand close together in the statement."""
        pairs = list(pairwise(self.question.order))
        where: dict[str, list[int]] = {}
        for at, stem in enumerate(own):
            where.setdefault(stem, []).append(at)
        close = sum(
            any(abs(a - b) <= 2 for a in where.get(left, ()) for b in where.get(right, ())) for left, right in pairs
        )
        return close / len(pairs) if pairs else 0.0

    def _shape(self, statement: Statement) -> float:
        """What speaks for or against quoting a statement, whatever it says."""
        length = len(statement.text.split())
        preference = -0.008 * max(0, length - 45)
        if length > 60:  # the running text of a slide or a table that lost its lines
            preference -= 0.3
        if length < 4:
            preference -= 0.1
        if not statement.whole:
            preference -= 0.3
        if _CONDITION.match(statement.text) and not _ASKS_FOR_CONDITION.search(self.question.text):
            preference -= 0.06
        match statement.kind:
            case "row":
                return preference - (0.0 if self._is_about(statement) else 0.3)
            case "column":
                return preference + self._column(statement)
            case kind:
                enumerates = kind in ("item", "lead") or statement.text.count(",") >= 2
                return preference + (0.1 if self.question.wants_list and enumerates else 0.0)

    def _is_about(self, row: Statement) -> bool:
        """Its subject is named in the question, or one of its cells says nothing that the question does not."""
        if self._is_named(row.cells[0][1]):
            return True
        asked = frozenset(stem for same in self.same.values() for stem in same)
        return any(told and told <= asked for _, value in row.cells[1:] if (told := frozenset(stems(value))))

    def _column(self, column: Statement) -> float:
        """A column is asked for by its header; a table's subjects by a question for a list."""
        headed = self._is_named(column.lead) or bool(self._counted(replace(column, text=column.lead)))
        headed = headed or bool(self.question.addressed & set(words(column.lead)))
        if not any(value for _, value in column.cells):
            return 0.4 if headed and self.question.wants_list else -0.5
        if any(self._is_named(subject) for subject, _ in column.cells):
            return -0.2
        gives = self.question.wanted != "anything" and all(
            self.question.is_given_by(value) for _, value in column.cells
        )
        if headed and (gives or self.question.wanted not in _IN_CELLS):
            return 0.15
        return 0.05 if gives else -0.35

    def _is_named(self, subject: str) -> bool:
        """By this question, not by the one that it follows up."""
        told = set(stems(subject))
        return any(self.same[term].keys() & told for term in self.question.order)

"""Finds the statements that answer a question, and decides when none does."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from aisdr.inference.base import Passage
from aisdr.inference.questions import Question
from aisdr.inference.statements import Statement, statements
from aisdr.inference.words import corrected, kin, stems, words

# Where an amount was asked for, a sentence without one is no answer.
STRICT = ("price", "number")
# The coverage that makes an answer: with the kind of thing that was asked for, without, and when the search is sure.
NEED_GIVEN, NEED, LOW, HIGH = 0.48, 0.55, 0.34, 0.62
# A sentence that speaks of nearly everything in a longer question answers it in a way of its own.
SURE = 0.85
# Below this score the search itself found nothing near.
FAR = 0.22

# How much a word of the question counts, by where it is found: in the statement, in the headings, lead or question
# above it, in the document's title, in the statement next to it, elsewhere in the passage.
OWN, CONTEXT, TITLE, NEIGHBOUR, PASSAGE = 1.0, 0.8, 0.6, 0.3, 0.2


@dataclass(frozen=True)
class Candidate:
    """A statement of one passage. `coverage` is the part of the question it speaks of, `score` how well it answers."""

    passage: Passage
    position: int
    statement: Statement
    siblings: tuple[Statement, ...]
    own: tuple[str, ...]
    coverage: float = 0.0
    score: float = 0.0
    gives: bool = False
    """It holds the kind of thing that was asked for, such as an amount."""


def rank(passages: Sequence[Passage], question: Question) -> list[Candidate]:
    """Every statement that may be quoted, best first. The order is the same for the same input."""
    return _Ranking(passages, question).ranked


def fits(candidate: Candidate, question: Question) -> bool:
    """Whether quoting this statement answers the question, rather than merely sharing a word with it.

    The numbers were chosen on the questions in tests/inference: lower ones answer questions about the weather, higher
    ones refuse questions that only use other words than the material.
    """
    if not any(weight >= 1 and not term.isdigit() for term, weight in question.terms.items()):
        return False
    passage = candidate.passage
    spoken = _known(candidate).union(*(stems(sibling.text) for sibling in candidate.siblings))
    if any(not ({name} | kin(name)) & spoken for name in question.names):
        return False
    if 0 < passage.score < FAR and candidate.coverage < 0.95:
        return False
    if question.wanted in STRICT and not candidate.gives and (candidate.coverage < SURE or len(question.terms) < 3):
        return False
    needed = NEED_GIVEN if candidate.gives and question.wanted != "anything" else NEED
    return candidate.coverage >= needed or (candidate.coverage >= LOW and passage.score >= HIGH)


def _known(candidate: Candidate) -> frozenset[str]:
    return frozenset(candidate.own) | frozenset(
        stems(f"{candidate.passage.title} {candidate.statement.context} {candidate.statement.lead}")
    )


class _Ranking:
    """One question compared with all statements of the offered passages."""

    def __init__(self, passages: Sequence[Passage], question: Question) -> None:
        self.question = question
        self.candidates = [
            Candidate(passage, at, statement, found, tuple(stems(statement.text)))
            for passage in passages
            for found in [statements(passage.text)]
            for at, statement in enumerate(found)
        ]
        self.stems_of = {
            passage.number: [frozenset(stems(statement.text)) for statement in statements(passage.text)]
            for passage in passages
        }
        self.top_score = max((passage.score for passage in passages), default=0.0) or 1.0
        self.vocabulary = frozenset(stem for one in self.candidates for stem in _known(one))
        self.words = frozenset(word for passage in passages for word in words(f"{passage.title} {passage.text}"))
        self.same = {term: self._same(term) for term in question.terms}
        self.weight = self._weights()
        judged = [self._judge(one) for one in self._quotable()]
        self.ranked = sorted(judged, key=lambda one: (-one.score, one.passage.number, one.position))

    def _quotable(self) -> Iterator[Candidate]:
        return (one for one in self.candidates if one.statement.kind not in ("question",))

    def _same(self, term: str) -> dict[str, float]:
        """Stems that stand for `term`, each with how surely: itself, a word of its family, a misspelling of it."""
        found = {term: 1.0} | dict.fromkeys(kin(term), 0.85)
        if not self.vocabulary & found.keys():
            meant = corrected(self.question.written.get(term, term), self.words)
            found |= {stem: 0.8 for right in meant for stem in {right} | kin(right)}
        return found

    def _weights(self) -> dict[str, float]:
        """How much each term tells statements apart; a term that nobody mentions weighs the most."""
        count = len(self.candidates)
        seen = Counter(stem for one in self.candidates for stem in set(one.own))
        return {
            term: importance * math.log((count + 2) / (sum(seen[stem] for stem in self.same[term]) + 0.5) + 0.5)
            for term, importance in self.question.terms.items()
        }

    def _judge(self, one: Candidate) -> Candidate:
        statement, places = one.statement, self._places(one)
        total = sum(self.weight.values()) or 1.0
        found = {term: self._strength(term, places) for term in self.weight}
        coverage = sum(self.weight[term] * found[term] for term in found) / total
        gives = self.question.is_given_by(statement.text)
        topic = places[1][1] | places[2][1]
        about = sum(self.weight[term] for term in found if self.same[term].keys() & topic) / total
        score = (
            coverage
            + 0.2 * gives
            + 0.15 * about
            + 0.25 * one.passage.score / self.top_score
            + 0.3 * self._proximity(one.own)
        )
        length = len(statement.text.split())
        score += self._shape(statement)
        score -= (
            0.008 * max(0, length - 45)
            + (0.3 if length > 60 else 0.0)
            + (0.3 if not statement.whole else 0.0)
            + (0.1 if length < 4 else 0.0)
        )
        return replace(one, coverage=coverage, gives=gives, score=score)

    def _shape(self, statement: Statement) -> float:
        """Prefers an enumeration where one is asked for, a table's row where its subject is named, else a column."""
        if statement.kind == "row":
            return 0.0 if self._names(statement.cells[0][1]) else -0.2
        if statement.kind == "column":
            return -0.2 if any(self._names(subject) for subject, _ in statement.cells) else 0.05
        enumerates = statement.kind in ("item", "lead") or statement.text.count(",") >= 2
        return 0.1 if self.question.wants_list and enumerates else 0.0

    def _names(self, subject: str) -> bool:
        told = set(stems(subject))
        return any(same.keys() & told for same in self.same.values())

    def _places(self, one: Candidate) -> tuple[tuple[float, frozenset[str]], ...]:
        here = self.stems_of[one.passage.number]
        near = frozenset[str]().union(*here[max(0, one.position - 1) : one.position + 2])
        return (
            (OWN, frozenset(one.own)),
            (CONTEXT, frozenset(stems(f"{one.statement.context} {one.statement.lead}"))),
            (TITLE, frozenset(stems(one.passage.title))),
            (NEIGHBOUR, near),
            (PASSAGE, frozenset[str]().union(*here)),
        )

    def _strength(self, term: str, places: tuple[tuple[float, frozenset[str]], ...]) -> float:
        same = self.same[term]
        return max(
            (place * max((same[stem] for stem in same.keys() & found), default=0.0) for place, found in places),
            default=0.0,
        )

    def _proximity(self, own: tuple[str, ...]) -> float:
        """The share of neighbouring words of the question that stand close together in the statement."""
        order = self.question.order
        pairs = list(pairwise(order))
        where: dict[str, list[int]] = {}
        for at, stem in enumerate(own):
            where.setdefault(stem, []).append(at)
        close = sum(
            any(abs(a - b) <= 2 for a in where.get(left, ()) for b in where.get(right, ())) for left, right in pairs
        )
        return close / len(pairs) if pairs else 0.0

"""Asks our own search about the content, as `/api/search` does, and judges what it finds."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from aisdr.company import Company
from aisdr.index.base import Place, SearchHit
from aisdr.inference.english import english_words
from aisdr.knowledge.hybrid import Knowledge
from aisdr.knowledge.own import OwnLeg
from aisdr.knowledge.rerank.learned import Learned
from aisdr.knowledge.tavus import TavusLegs
from aisdr.knowledge.understanding import Reading
from benchmarks.ingest.content import ON_SITE, TOP, Found, Question

COMPANY = Company(
    company_id="brinefell",
    slug="brinefell",
    display_name="Brinefell",
    website_url="https://brinefell.example",
    search_strategy="own",
)


@dataclass(frozen=True)
class Judged:
    """A question and the best that were found for it."""

    question: Question
    found: Sequence[Found]

    @property
    def right(self) -> bool:
        """The very place is among them."""
        return any(self.question.is_at(each) for each in self.found)

    @property
    def right_source(self) -> bool:
        return any(self.question.comes_from(each) for each in self.found)


def answered(place: Place, asked: Sequence[Question], website: str = "") -> list[Judged]:
    """Puts every question to the index. `website` is where the site stood when it was read."""
    # What is found counts here, not how fast a busy machine finds it.
    knowledge = Knowledge(
        lambda _: place,
        OwnLeg(),
        TavusLegs(httpx.Client()),
        understand=Reading(english_words),
        rerank=lambda _: Learned(),
        deadline=60,
    )
    judged = []
    for each in asked:
        result = knowledge.search(COMPANY.operator_scope, COMPANY, each.question, limit=TOP)
        if result.degraded:
            raise RuntimeError(f"'{each.question}' was not searched to the end: {result.legs}")
        judged.append(Judged(each, [_found(hit, website) for hit in result.hits]))
    return judged


def by_kind(judged: Sequence[Judged]) -> dict[str, list[Judged]]:
    kinds: dict[str, list[Judged]] = defaultdict(list)
    for each in judged:
        kinds[each.question.kind].append(each)
    return dict(kinds)


def share(judged: Sequence[Judged]) -> float:
    """Of the questions, those whose very place was found."""
    return sum(each.right for each in judged) / len(judged)


def _found(hit: SearchHit, website: str) -> Found:
    chunk, at = hit.chunk, hit.chunk.locator
    source = chunk.source_id
    if website and source.startswith(website):
        source = ON_SITE + source.removeprefix(website)
    return Found(source, chunk.text, at.heading, at.page, at.row, at.box, at.start, at.end)

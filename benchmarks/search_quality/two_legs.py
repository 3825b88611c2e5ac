"""Two legs: pictures, clips and text of our own index merged with a second leg that knows text alone.

Two shapes of the material, as `search-findings` has them. `same`: the second leg holds every text that ours holds.
`halves`: each leg holds one half of the texts, so only both together answer everything. The second leg comes in three
kinds: ranked by us (the mirror), with cosines of its own, and with nothing but its order. The mirror is also asked with
the second stage behind the merge, by the questions that this has not learnt from.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from aisdr.company import Company
from aisdr.configuration import Search, SearchStrategy
from aisdr.index.base import Origin, Place, SearchHit, SourceRecord
from aisdr.index.embedded import EmbeddedIndex
from aisdr.knowledge.base import Asked
from aisdr.knowledge.hybrid import Knowledge
from aisdr.knowledge.own import OwnLeg
from aisdr.knowledge.rerank.learned import Learned
from benchmarks.collections import Collection, Passage
from benchmarks.search_quality.measures import mean
from benchmarks.search_quality.ready import COMPANY, MINILM, ReadyVectors
from scripts.train_rerank import is_learnt

STAGED = "mirror, second stage"
LEGS = {"mirror": 1, "cosine": 3, "order": 3, STAGED: 1}
"""Kind of the second leg → of the questions for pictures and clips every so many-th: enough to see whether it harms."""
WEIGHTS = (0.3, 0.5, 0.7)
KINDS = ("text", "image", "video")
PATIENT = Search(deadline_ms=5000, live_deadline_ms=5000)
"""Quality, not speed: nothing is late here."""

Figures = dict[str, float]
"""Kind of question → nDCG@10."""


@dataclass(frozen=True)
class Shape:
    name: str
    own: Callable[[int], bool]
    """Whether our leg holds the text with this number."""
    other: Callable[[int], bool]


SHAPES = (
    Shape("same", lambda number: True, lambda number: True),
    Shape("halves", lambda number: number % 2 == 0, lambda number: number % 2 == 1),
)


class TextLeg:
    """A knowledge base that knows text alone, in an index of its own."""

    name: Origin = "tavus"

    def __init__(self, index: EmbeddedIndex, kind: str) -> None:
        self._index = index
        self._kind = kind

    def search(self, asked: Asked, timeout: float) -> list[SearchHit]:
        query = asked.query if self._kind in ("mirror", STAGED) else replace(asked.query, words_weight=0.0)
        hits = self._index.search(asked.scope, query, timeout)
        if self._kind == "order" and hits:
            first = hits[0].meaning  # what `TavusEndpoint` finds by embedding the first passage
            hits = [hit.model_copy(update={"score": first / (1 + rank / 10)}) for rank, hit in enumerate(hits)]
        return [hit.model_copy(update={"origins": ("tavus",)}) for hit in hits]


class TwoLegs:
    """One shape, ready to be asked with any weight."""

    def __init__(self, folder: Path, collection: Collection, shape: Shape, kind: str = "mirror") -> None:
        self._collection = collection
        asked = [each for each in collection.questions if kind != STAGED or not is_learnt(each.text)]
        self._questions = [
            each for number, each in enumerate(asked) if each.modality == "text" or number % LEGS[kind] == 0
        ]
        self._vectors = ReadyVectors(MINILM, collection)
        texts = [passage for passage in collection.passages if passage.modality == "text"]
        shown = [passage for passage in collection.passages if passage.modality != "text"]
        own = [text for number, text in enumerate(texts) if shape.own(number)]
        other = [text for number, text in enumerate(texts) if shape.other(number)]
        self._place = Place(self._filled(folder / "own", [*shown, *own]), self._vectors)
        leg = TextLeg(self._filled(folder / "other", other), kind)
        stage = Learned() if kind == STAGED else None
        self._knowledge = Knowledge(
            lambda scope: self._place, OwnLeg(), lambda company: leg, rerank=lambda company: stage
        )

    def alone(self) -> Figures:
        """Our leg by itself."""
        return self._figures("own", 0.0)

    def merged(self, weight: float) -> Figures:
        return self._figures("parallel", weight)

    def _figures(self, strategy: SearchStrategy, weight: float) -> Figures:
        company = Company(
            company_id="benchmark",
            slug="benchmark",
            display_name="Benchmark",
            website_url="https://benchmark.example",
            use_tavus_kb=True,
            search_strategy=strategy,
            tavus_kb_weight=weight,
            search=PATIENT,
        )
        figures = {}
        for kind in KINDS:
            asked = [question for question in self._questions if question.modality == kind]
            rankings = {
                question.question_id: [
                    hit.chunk.chunk_id
                    for hit in self._knowledge.search(company.operator_scope, company, question.text, limit=10).hits
                ]
                for question in asked
            }
            if rankings:
                figures[kind] = mean(rankings, self._collection.relevant)
        return figures

    def _filled(self, folder: Path, passages: Sequence[Passage]) -> EmbeddedIndex:
        index = EmbeddedIndex(folder, MINILM)
        chunks = [passage.chunk("all") for passage in passages]
        vectors = self._vectors.of(passages)
        index.replace_source(COMPANY, SourceRecord("all", "1", len(chunks)), chunks, vectors)
        return index

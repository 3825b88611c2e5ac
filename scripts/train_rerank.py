"""`python -m scripts.train_rerank [FOLDER]`: trains the learned second stage from collections with judged questions.

Each collection is a folder with `corpus.jsonl.gz`, `queries.jsonl.gz`, `qrels.tsv` and ready vectors. Half of the
questions, chosen by a hash of their text, are learnt from; the other half is only measured, as it is in the tests.
Writes the weights with their figures, and prints what happens to a collection that was not learnt from at all.
"""

import argparse
import gzip
import hashlib
import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from aisdr.index.base import Chunk, IndexQuery, SearchHit, SourceRecord
from aisdr.index.embedded import EmbeddedIndex
from aisdr.inference.base import VectorSpace
from aisdr.knowledge.rerank.features import NAMES, Numbers, features
from aisdr.knowledge.rerank.learned import WEIGHTS, Weights
from aisdr.knowledge.rerank.order import WINDOW
from aisdr.tenant import TenantScope

COLLECTIONS = ("scifact", "xquad-en", "mm-mix")
SPACE = VectorSpace("all-MiniLM-L6-v2", 384)
COMPANY = TenantScope.for_operator("training")

SHARPNESS = 10.0
"""Relevance that differs by a tenth makes the better hit e times likelier: how far scores are trusted."""
REGULARIZATION = 0.01
TOP = 20
"""Wrong hits below this place change nothing that counts, so they are not learnt from."""
ROUNDS, STEPS = 3, 25


@dataclass(frozen=True)
class Judged:
    """A question with its hits as the index merged them."""

    text: str
    hits: list[SearchHit]
    scores: Numbers
    features: Numbers
    grades: Numbers
    """Of each hit."""
    ideal: float
    """The discounted gain of the best possible order."""

    def ndcg(self, fit: Numbers) -> float:
        best = self.grades[np.argsort(-fit, kind="stable")][:10]
        return float((best / np.log2(np.arange(len(best)) + 2)).sum() / self.ideal)


def read(folder: Path) -> list[Judged]:
    chunks = [
        Chunk(
            chunk_id=row["_id"],
            source_id=folder.name,
            title=row.get("title", ""),
            text=row["text"],
            modality=row.get("modality", "text"),
            url="/",
            content_hash=row["_id"],
        )
        for row in rows(folder / "corpus.jsonl.gz")
    ]
    grades: dict[str, dict[str, int]] = {}
    for line in (folder / "qrels.tsv").read_text().splitlines()[1:]:
        question_id, chunk_id, grade = line.split("\t")
        grades.setdefault(question_id, {})[chunk_id] = int(grade)
    with tempfile.TemporaryDirectory() as place:
        index = EmbeddedIndex(place, SPACE)
        index.replace_source(
            COMPANY, SourceRecord(folder.name, "1", len(chunks)), chunks, unit(folder / "minilm-corpus.f16.npy")
        )
        vectors = unit(folder / "minilm-queries.f16.npy")
        return [
            judged(row["text"], index.search(COMPANY, IndexQuery(row["text"], vector, WINDOW)), grades[row["_id"]])
            for row, vector in zip(rows(folder / "queries.jsonl.gz"), vectors, strict=True)
        ]


def judged(text: str, hits: list[SearchHit], grades: Mapping[str, int]) -> Judged:
    best = sorted(grades.values(), reverse=True)[:10]
    return Judged(
        text,
        hits,
        scores=np.array([hit.score for hit in hits]),
        features=features(text, hits),
        grades=np.array([float(grades.get(hit.chunk.chunk_id, 0)) for hit in hits]),
        ideal=float(sum(grade / np.log2(place + 2) for place, grade in enumerate(best))),
    )


def fit(collections: Iterable[Sequence[Judged]]) -> Numbers:
    """Pairwise logistic regression; a pair counts by what exchanging the two would do to nDCG (LambdaRank).

    The merge's score is not a feature but the ground that the others correct, so a weight of 0 is the merge's order.
    """
    weighed = [(each, 1 / len(questions)) for questions in collections for each in questions if each.grades.any()]
    spread = np.vstack([each.features for each, _ in weighed]).std(axis=0) + 1e-6
    weights = np.zeros(len(spread))
    for _ in range(ROUNDS):
        pairs = [_pairs(each, weights, spread, share) for each, share in weighed]
        rows, ground, counts = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
        weights = _newton(rows, ground, counts / counts.sum(), weights)
    found: Numbers = weights / spread / SHARPNESS
    return found


def _pairs(each: Judged, weights: Numbers, spread: Numbers, share: float) -> tuple[Numbers, Numbers, Numbers]:
    """Right before wrong: the difference of their features, of their scores, and how much the pair counts."""
    seen = each.features / spread
    order = np.argsort(-(SHARPNESS * each.scores + seen @ weights), kind="stable")
    discounts = np.empty(len(order))
    discounts[order] = 1 / np.log2(np.arange(len(order)) + 2)
    wrong = np.array([at for at in order[:TOP] if each.grades[at] == 0], dtype=np.intp)
    right = np.flatnonzero(each.grades)
    return (
        np.concatenate([seen[one] - seen[wrong] for one in right]),
        np.concatenate([SHARPNESS * (each.scores[one] - each.scores[wrong]) for one in right]),
        np.concatenate([np.abs(discounts[one] - discounts[wrong]) / each.ideal * share for one in right]),
    )


def _newton(rows: Numbers, ground: Numbers, counts: Numbers, weights: Numbers) -> Numbers:
    for _ in range(STEPS):
        wrong = 1 / (1 + np.exp(np.clip(ground + rows @ weights, -50, 50)))
        slope = 2 * REGULARIZATION * weights - rows.T @ (counts * wrong)
        curve = (rows * (counts * wrong * (1 - wrong))[:, None]).T @ rows + 2 * REGULARIZATION * np.eye(len(weights))
        weights = weights - np.linalg.solve(curve, slope)
    return weights


def measured(questions: Sequence[Judged], weights: Numbers | None) -> float:
    """Mean nDCG@10, in the merge's order without weights."""
    model = Weights("", weights) if weights is not None else None
    return float(
        np.mean(
            [
                each.ndcg(each.scores + model.corrections(each.text, each.hits) if model else each.scores)
                for each in questions
            ]
        )
    )


def halves(collection: Sequence[Judged]) -> tuple[list[Judged], list[Judged]]:
    learnt = [each for each in collection if is_learnt(each.text)]
    return learnt, [each for each in collection if not is_learnt(each.text)]


def is_learnt(question: str) -> bool:
    """By the words alone: a question that stands in two collections is learnt from in both or in neither."""
    return hashlib.sha256(question.lower().encode()).digest()[0] % 2 == 0


def rows(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def unit(path: Path) -> Any:
    vectors = np.load(path).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("benchmarks/data"), help="of the collections")
    folder = parser.parse_args().folder
    collections = {name: read(folder / name) for name in COLLECTIONS}
    learnt = {name: halves(each)[0] for name, each in collections.items()}
    weights = fit(learnt.values())
    figures: dict[str, dict[str, float]] = {}
    print(f"{'nDCG@10':10} {'questions':>9} {'merge':>7} {'learned':>8} {'not learnt from':>16} {'all':>7} {'→':>7}")
    for name, each in collections.items():
        tested = halves(each)[1]
        others = fit(questions for other, questions in learnt.items() if other != name)
        figures[name] = {"before": round(measured(tested, None), 4), "after": round(measured(tested, weights), 4)}
        print(
            f"{name:10} {len(tested):9} {figures[name]['before']:7.4f} {figures[name]['after']:8.4f}"
            f" {measured(tested, others):16.4f} {measured(each, None):7.4f} {measured(each, weights):7.4f}"
        )
    for at in ("before", "after"):
        print(f"mean {at:6} {np.mean([figure[at] for figure in figures.values()]):.4f}")
    values = [round(float(weight), 5) for weight in weights]
    told = {
        "version": hashlib.sha256(json.dumps([NAMES, values]).encode()).hexdigest()[:12],
        "trained_by": "python -m scripts.train_rerank",
        "learnt_from": {name: len(questions) for name, questions in learnt.items()},
        "ndcg_at_10_of_the_others": figures,
        "features": list(NAMES),
        "weights": values,
    }
    WEIGHTS.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    print(f"written: {WEIGHTS.name}, version {told['version']}")


if __name__ == "__main__":
    main()

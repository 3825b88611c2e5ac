"""Near-duplicates: how many pairs of each kind are joined, and whether the first five hits differ from each other."""

from collections import Counter
from dataclasses import dataclass

from aisdr.index.base import SearchHit
from aisdr.knowledge.duplicates import say_the_same
from aisdr.knowledge.hybrid import CANDIDATES
from aisdr.knowledge.merge import merge
from benchmarks.collections import DATA, Collection, rows
from benchmarks.search_quality.own_leg import OwnLeg

FIRST = 5
WEIGHTS = (0.3, 0.5, 0.7)


@dataclass(frozen=True)
class Joined:
    kind: str
    label: str
    """`duplicate`, `distinct` or `half-overlap`, where either answer is fine."""
    share: float


def joined() -> list[Joined]:
    """The share of joined pairs of each kind, both ways round: a pair counts when either order joins it."""
    pairs, counted = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for row in rows(DATA / "near-duplicates" / "pairs.jsonl.gz"):
        kind = row["label"], row["type"]
        pairs[kind] += 1
        counted[kind] += say_the_same(row["a"], row["b"]) or say_the_same(row["b"], row["a"])
    return [Joined(kind, label, counted[label, kind] / number) for (label, kind), number in sorted(pairs.items())]


def recall(found: list[Joined]) -> float:
    """The mean over the kinds of true duplicates, so that no kind hides behind a frequent one."""
    shares = [each.share for each in found if each.label == "duplicate"]
    return sum(shares) / len(shares)


def false_merges(found: list[Joined]) -> float:
    return sum(each.share for each in found if each.label == "distinct")


def distinct(leg: OwnLeg, collection: Collection) -> float:
    """The share of questions whose first five hits are five passages, where the second leg knows every one of ours.

    It has them under ids of its own, in other lines, and with a sentence before each.
    """
    told = []
    for question, vector in zip(collection.questions, collection.question_vectors, strict=True):
        ours = leg.hits(question.text, vector, CANDIDATES)
        theirs = [_copied(hit) for hit in ours]
        for weight in WEIGHTS:
            merged = merge({"own": ours, "tavus": theirs}, {"own": 1 - weight, "tavus": weight}, FIRST)
            told.append(len({hit.chunk.chunk_id.removeprefix("copy-") for hit in merged}) == FIRST)
    return sum(told) / len(told)


def _copied(hit: SearchHit) -> SearchHit:
    text = "From our help centre, as of today. " + "\n".join(hit.chunk.text.split(" "))
    changed = {"chunk_id": f"copy-{hit.chunk.chunk_id}", "source_id": "copy", "text": text}
    return hit.model_copy(update={"chunk": hit.chunk.model_copy(update=changed), "origins": ("tavus",)})

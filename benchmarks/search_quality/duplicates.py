"""Near-duplicates: how many pairs of each kind are joined, and whether the first five hits differ from each other."""

from collections import Counter
from dataclasses import dataclass

from aisdr.knowledge.duplicates import say_the_same
from benchmarks.collections import DATA, rows


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

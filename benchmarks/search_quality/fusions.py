"""What libraries do by default with two ranked lists, over our own two lists: their formulas without their code.

Sources: reciprocal rank fusion, Cormack, Clarke and Büttcher, SIGIR 2009 (k = 60 in LangChain, LlamaIndex, LanceDB and
OpenSearch); min-max with equal weights is LlamaIndex's `relative_score` and OpenSearch's default.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.collections import Matrix

DEPTH = 100

Scored = Sequence[tuple[int, float]]
"""Row and score, best first."""


def top(scores: Matrix, depth: int = DEPTH) -> Scored:
    """The best rows with a positive score."""
    rows = np.argsort(-scores, kind="stable")[:depth]
    return [(int(row), float(scores[row])) for row in rows if scores[row] > 0]


def reciprocal_ranks(*lists: Scored, constant: int = 60) -> list[int]:
    sums: dict[int, float] = {}
    for scored in lists:
        for rank, (row, _) in enumerate(scored, start=1):
            sums[row] = sums.get(row, 0.0) + 1 / (constant + rank)
    return _ordered(sums)


def min_max(*lists: Scored) -> list[int]:
    sums: dict[int, float] = {}
    for scored in lists:
        if not scored:
            continue
        best, worst = scored[0][1], scored[-1][1]
        for row, score in scored:
            share = (score - worst) / (best - worst) if best > worst else 1.0
            sums[row] = sums.get(row, 0.0) + share / len(lists)
    return _ordered(sums)


def _ordered(sums: Mapping[int, float]) -> list[int]:
    return sorted(sums, key=lambda row: (-sums[row], row))

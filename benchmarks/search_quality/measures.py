"""How good a ranking is: nDCG@10 and Recall@100 as trec_eval computes them, with the grade itself as the gain."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

Rankings = Mapping[str, Sequence[str]]
"""Question id → passage ids, best first."""
Grades = Mapping[str, Mapping[str, int]]
"""Question id → passage id → grade, 0 for irrelevant ones."""
Measure = Callable[[Sequence[str], Mapping[str, int]], float]


def ndcg(ranking: Sequence[str], grades: Mapping[str, int], depth: int = 10) -> float:
    gained = sum(grades.get(passage, 0) / np.log2(place + 2) for place, passage in enumerate(ranking[:depth]))
    best = sum(grade / np.log2(place + 2) for place, grade in enumerate(sorted(grades.values(), reverse=True)[:depth]))
    return float(gained / best) if best else 0.0


def recall(ranking: Sequence[str], grades: Mapping[str, int], depth: int = 100) -> float:
    wanted = {passage for passage, grade in grades.items() if grade > 0}
    return len(wanted.intersection(ranking[:depth])) / len(wanted) if wanted else 0.0


def mean(rankings: Rankings, relevant: Grades, measure: Measure = ndcg) -> float:
    """Over all judged questions among `rankings`; one without an answer counts 0."""
    values = [measure(ranking, relevant[question]) for question, ranking in rankings.items() if question in relevant]
    return float(np.mean(values)) if values else 0.0

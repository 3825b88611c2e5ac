"""The `hybrid` query of OpenSearch's own plugin on the very index that our engine asks: does it win anything?

Version 2.19 normalizes each sub-query's hits between their least and their best score; bounds, with which it would
compute our formula, came with 3.0 and 3.2. It takes the nearest vectors from the graph, we compare them all up to
20,000 chunks.
"""

import time
from collections.abc import Callable

import numpy as np
from opensearchpy import OpenSearch

from aisdr.index import opensearch_layout as layout
from aisdr.index.analysis import question_terms
from aisdr.index.base import Chunk, IndexQuery, SearchIndex
from aisdr.index.opensearch_client import client
from aisdr.index.opensearch_query import POOL
from benchmarks.collections import Collection, Matrix, Question
from benchmarks.report import Section
from benchmarks.search_quality.measures import mean
from benchmarks.search_quality.ready import COMPANY

LIMIT = 10
WEIGHTS = ((0.2, 0.8), (0.3, 0.7), (0.5, 0.5))
"""Of words and meaning: ours, the one that min-max is best with, and what it does unless told otherwise."""
QUESTIONS = 300
WARM = 20

Ask = Callable[[str, Matrix], list[str]]


class Compared:
    """Figures of both ways, collection by collection."""

    def __init__(self) -> None:
        self._gains: dict[str, dict[str, float]] = {}
        self._took: dict[str, dict[str, list[float]]] = {}

    def ask(self, url: str, collection: Collection, ours: SearchIndex) -> None:
        """On an index that is filled with the collection."""
        plain = client(url, "", None)

        def ask_ours(text: str, vector: Matrix) -> list[str]:
            return [hit.chunk.chunk_id for hit in ours.search(COMPANY, IndexQuery(text, vector, LIMIT))]

        def ask_plugin(weights: tuple[float, float]) -> Ask:
            return lambda text, vector: hybrid(plain, text, vector, weights)

        ways: dict[str, Ask] = {"ours, one _msearch": ask_ours}
        ways |= {f"plugin's hybrid, min-max {each[0]}/{each[1]}": ask_plugin(each) for each in WEIGHTS}
        rankings: dict[str, dict[str, list[str]]] = {way: {} for way in ways}
        took: dict[str, list[float]] = {way: [] for way in ways}
        for number, (question, vector) in enumerate(_some(collection)):
            for way, ask in ways.items():  # in turn: a node grows faster while it is asked
                begin = time.perf_counter()
                rankings[way][question.question_id] = ask(question.text, vector)
                if number >= WARM:
                    took[way].append((time.perf_counter() - begin) * 1000)
        for way in ways:
            self._gains.setdefault(way, {})[collection.name] = mean(rankings[way], collection.relevant)
            self._took.setdefault(way, {})[collection.name] = took[way]

    def section(self) -> Section:
        names = list(next(iter(self._gains.values())))
        rows = []
        for way, gains in self._gains.items():
            times = [float(np.percentile(self._took[way][name], 50)) for name in names]
            rows.append((way, [*gains.values(), float(np.mean(list(gains.values()))), *times]))
        columns = ["one node, nDCG@10 and p50", *names, "mean", *(f"{name} ms" for name in names)]
        return Section("hybrid query of the plugin", columns, rows, notes=[f"{QUESTIONS} questions a collection"])


def hybrid(node: OpenSearch, text: str, vector: Matrix, weights: tuple[float, float]) -> list[str]:
    """Ids of the best chunks. Each sub-query carries the company's filter: `hybrid.filter` came with 3.0."""
    filters = [layout.company_filter(COMPANY), {"term": {"kind": "chunk"}}]
    match = {"match": {"terms": {"query": " ".join(question_terms(text, ("en",)))}}}
    nearest = {"vector": vector.tolist(), "k": POOL, "filter": {"bool": {"filter": filters}}}
    queries = [{"bool": {"filter": filters, "must": [match]}}, {"knn": {"vector": nearest}}]
    combination = {"technique": "arithmetic_mean", "parameters": {"weights": list(weights)}}
    processor = {"normalization": {"technique": "min_max"}, "combination": combination}
    body = {
        "size": LIMIT,
        "_source": ["record"],
        "track_total_hits": False,
        "query": {"hybrid": {"pagination_depth": POOL, "queries": queries}},
        "search_pipeline": {"phase_results_processors": [{"normalization-processor": processor}]},
    }
    answer = node.search(index=layout.alias_of(COMPANY), body=body, request_timeout=30)
    return [Chunk.model_validate_json(hit["_source"]["record"]).chunk_id for hit in answer["hits"]["hits"]]


def _some(collection: Collection) -> list[tuple[Question, Matrix]]:
    """Questions from all parts of the collection."""
    questions = list(zip(collection.questions, collection.question_vectors, strict=True))
    return questions[:: max(1, len(questions) // QUESTIONS)][:QUESTIONS]

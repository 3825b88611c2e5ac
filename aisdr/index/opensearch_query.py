"""One question as sub-queries of one `_msearch`, and their answers as hits with the embedded engine's arithmetic.

The hundred best of the words and the hundred nearest in meaning are fetched. Each pool is also scored by the other
measure, by rescoring it, so that a hit of words alone has its true cosine and a hit of meaning alone its words, as the
embedded engine has them for every chunk.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from aisdr.configuration import primary
from aisdr.index.analysis import question_terms
from aisdr.index.base import Chunk, IndexQuery, SearchHit
from aisdr.index.blend import blend, share_of_best
from aisdr.index.bm25 import inverse_frequency
from aisdr.index.opensearch_layout import Json, company_filter, current_filter
from aisdr.inference.base import Vectors, VectorSpace
from aisdr.tenant import TenantScope

POOL = 100
"""Hits fetched by each measure; fifty lose .3 points of nDCG@10."""
EXACT_CHUNKS = 20_000
"""Companies up to this size are compared chunk by chunk; above, the graph finds the nearest ones approximately."""

FIELDS = ["record", "revision", "company"]
"""Of a hit. Whose it is, is read with it."""
_COSINE = "1.0 + cosineSimilarity(params.vector, doc[params.field])"

Measures = dict[str, float]
"""Measure (`words`, `vector`, `picture_vector`) → what it says of one chunk: BM25, or a cosine."""


@dataclass(frozen=True)
class Pool:
    """Hits of one measure, best first, that one sub-query fetches."""

    measure: str
    query: Json


class Question:
    """One question to one company's index, on one day."""

    def __init__(self, scope: TenantScope, query: IndexQuery, languages: Sequence[str], chunks: int, day: date) -> None:
        self._query = query
        self._filters = _filters(scope, query, day)
        self.terms = question_terms(query.text, languages)
        self._size = max(POOL, query.limit)
        self._exact = chunks <= EXACT_CHUNKS
        self._vectors: dict[str, Vectors] = {}
        if query.vector is not None:
            self._vectors["vector"] = query.vector
            if query.picture_vector is not None:
                self._vectors["picture_vector"] = query.picture_vector
        self._pools = [Pool("words", self._words())] if self.terms else []
        self._pools += [Pool(field, self._nearest(field)) for field in self._vectors]

    def searches(self) -> list[Json]:
        """The bodies of the sub-queries; `hits` expects their answers in this order."""
        bodies: list[Json] = []
        for pool in self._pools:
            bodies.append({"size": self._size, "query": pool.query, "_source": FIELDS, "track_total_hits": False})
            bodies += [self._measured(pool, measure) for measure in self._measures() if measure != pool.measure]
        if self.terms and not self._vectors:
            bodies.append(self._counted())
        return bodies

    def hits(
        self, answers: Sequence[Json], spaces: Mapping[str, VectorSpace | None], bm25_factor: Callable[[], float]
    ) -> list[SearchHit]:
        """Best first, scored as the embedded engine scores.

        Args:
            bm25_factor: what the index's BM25 is multiplied with; it matters where words decide alone.
        """
        records, owners, said = self._read(answers)
        if not records:
            return []
        names = sorted(records, key=lambda name: records[name].chunk_id)
        bm25 = np.array([said[name].get("words", 0.0) for name in names], dtype=np.float32)
        if self._vectors:
            meaning = np.zeros(len(names), dtype=np.float32)
            for field in self._vectors:
                # What was not measured, as a picture's vector of a text, stands below every scale.
                cosines = np.array([said[name].get(field, -1.0) for name in names], dtype=np.float32)
                space = spaces[field]
                meaning = np.maximum(meaning, space.meaning(cosines)) if space else meaning
            words = share_of_best(bm25)
            scores = blend(words, meaning, self._query.words_weight)
        else:
            bound = self._bound(answers[-1]) * bm25_factor()
            words = scores = bm25 / np.float32(bound) if bound else bm25
            meaning = np.zeros_like(scores)
        order = np.argsort(-scores, kind="stable")[: max(0, self._query.limit)]
        return [
            SearchHit(
                chunk=records[names[row]],
                score=float(scores[row]),
                origins=(self._query.origin or "own",),
                words=float(words[row]),
                meaning=float(meaning[row]),
                owner=owners[names[row]],
            )
            for row in order.tolist()
            if scores[row] > 0
        ]

    def _read(self, answers: Sequence[Json]) -> tuple[dict[str, Chunk], dict[str, str], dict[str, Measures]]:
        found: dict[str, Json] = {}
        said: dict[str, Measures] = {}
        position = 0
        for pool in self._pools:
            for measure in (pool.measure, *(each for each in self._measures() if each != pool.measure)):
                for hit in answers[position]["hits"]["hits"]:
                    if measure == pool.measure:
                        found[hit["_id"]] = hit["_source"]
                    value = _value(measure, float(hit["_score"]), exact=self._exact or measure != pool.measure)
                    said.setdefault(hit["_id"], {})[measure] = value
                position += 1
        return _newest(found), {name: str(source["company"]) for name, source in found.items()}, said

    def _measures(self) -> list[str]:
        return [*(("words",) if self.terms else ()), *self._vectors]

    def _words(self) -> Json:
        match = {"match": {"terms": {"query": " ".join(self.terms)}}}
        return {"bool": {"filter": self._filters, "must": [match]}}

    def _nearest(self, field: str) -> Json:
        filters: Json = {"bool": {"filter": [*self._filters, {"exists": {"field": field}}]}}
        if self._exact:
            return _cosine(field, self._vectors[field], filters)
        vector = _plain(self._vectors[field])
        return {"knn": {field: {"vector": vector, "k": self._size, "filter": filters}}}

    def _measured(self, pool: Pool, measure: str) -> Json:
        """The same hits as the pool's, scored by another measure."""
        if measure == "words":
            by: Json = {"match": {"terms": {"query": " ".join(self.terms)}}}
        else:
            by = _cosine(measure, self._vectors[measure], {"exists": {"field": measure}})
        return {
            "size": self._size,
            "query": pool.query,
            "_source": False,
            "track_total_hits": False,
            "rescore": {
                "window_size": self._size,
                "query": {"rescore_query": by, "query_weight": 0.0, "rescore_query_weight": 1.0},
            },
        }

    def _counted(self) -> Json:
        """How many chunks there are and how many have each term: what a score without a vector is measured by."""
        company = [self._filters[0], self._filters[1]]
        each = {f"t{number}": {"term": {"terms": term}} for number, term in enumerate(dict.fromkeys(self.terms))}
        return {
            "size": 0,
            "track_total_hits": True,
            "query": {"bool": {"filter": company}},
            "aggs": {"found": {"filters": {"filters": each}}},
        }

    def _bound(self, answer: Json) -> float:
        chunks = int(answer["hits"]["total"]["value"])
        buckets = answer["aggregations"]["found"]["buckets"]
        repeated = [self.terms.count(term) for term in dict.fromkeys(self.terms)]
        found = [int(buckets[f"t{number}"]["doc_count"]) for number in range(len(repeated))]
        return sum(times * inverse_frequency(chunks, count) for times, count in zip(repeated, found, strict=True))


def _newest(found: Mapping[str, Json]) -> dict[str, Chunk]:
    """Sub-queries may fall on both sides of a change: of a source, only its newest state is answered with."""
    chunks = {name: Chunk.model_validate_json(source["record"]) for name, source in found.items()}
    newest: dict[str, str] = {}
    for name, chunk in chunks.items():
        newest[chunk.source_id] = max(newest.get(chunk.source_id, ""), found[name]["revision"])
    return {name: chunk for name, chunk in chunks.items() if found[name]["revision"] == newest[chunk.source_id]}


def _filters(scope: TenantScope, query: IndexQuery, day: date) -> list[Json]:
    filters: list[Json] = [company_filter(scope), {"term": {"kind": "chunk"}}, current_filter(day)]
    if query.modalities:
        filters.append({"terms": {"modality": list(query.modalities)}})
    if query.origin:
        filters.append({"term": {"origins": query.origin}})
    if query.tags:
        filters.append({"terms": {"tags": list(query.tags)}})
    if query.languages:
        filters.append({"terms": {"language": [primary(language) for language in query.languages]}})
    return filters


def _cosine(field: str, vector: Vectors, among: Json) -> Json:
    """Scores 1 + cosine, exactly. k-NN's own script `knn_score` says (1 + cosine) / 2 in some versions."""
    script = {"source": _COSINE, "params": {"field": field, "vector": _plain(vector)}}
    return {"script_score": {"query": among, "script": script}}


def _value(measure: str, score: float, *, exact: bool) -> float:
    """BM25 as it is; a cosine out of the script's `1 + cosine`, or out of the graph's `(1 + cosine) / 2`."""
    if measure == "words":
        return score
    return score - 1 if exact else 2 * score - 1


def _plain(vector: Vectors) -> list[float]:
    return [float(number) for number in vector.reshape(-1)]

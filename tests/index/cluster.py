"""OpenSearch in memory, as far as our engine asks it: documents, filters, words, cosines. No wall is built in.

With `shared` every alias leads to one and the same index, as if the companies' own ones had been mixed up: what then
keeps them apart is the filter of each sub-query alone.
"""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import numpy as np
from opensearchpy.exceptions import NotFoundError

Json = dict[str, Any]
Documents = dict[str, Json]
SHARDS = {"failed": 0, "successful": 1, "total": 1}
_BODY = {"size", "query", "_source", "track_total_hits", "rescore", "sort", "search_after", "aggs", "timeout"}
ORDER = [{"source_id": "asc"}, {"chunk_id": {"order": "asc", "missing": "_first"}}]
"""The one that is known here beside the best first."""
VERSION = 0x08000000 | 3_050_099


class Cluster:
    """Speaks like `opensearchpy.OpenSearch`. `asked` keeps every body that was sent, with the index it was sent to."""

    def __init__(self, *, shared: bool = False) -> None:
        self._shared = shared
        self._indices: dict[str, tuple[Json, Documents]] = {}
        self.asked: list[tuple[str, Json]] = []
        self.indices = SimpleNamespace(
            create=self._create,
            get_mapping=self._mapping,
            get_alias=lambda name, **_: [name] if name in self._indices else _absent(),
            get_settings=lambda index, **_: {index: {"settings": {"index.version.created": str(VERSION)}}},
            put_mapping=lambda index, body, **_: self._named(index)[0]["mappings"]["properties"].update(
                body["properties"]
            ),
            refresh=lambda index, **_: {},
            forcemerge=lambda index, **_: {},
            delete=lambda index, **_: self._indices.pop(index, None),
        )

    def get(self, index: str, id: str, **_: Any) -> Json:
        document = self._named(index)[1].get(f"{index}/{id}")
        return {"_source": document} if document else _absent()

    def bulk(self, body: str, index: str, **_: Any) -> Json:
        lines, items = [json.loads(line) for line in body.splitlines()], []
        documents = self._named(index)[1]
        while lines:
            ((action, about),) = lines.pop(0).items()
            if action == "index":
                documents[f"{index}/{about['_id']}"] = lines.pop(0)
            else:
                documents.pop(f"{index}/{about['_id']}", None)
            items.append({action: {"status": 200}})
        return {"items": items}

    def count(self, index: str, body: Json, **_: Any) -> Json:
        return {"count": len(self._found(index, body["query"]))}

    def search(self, index: str, body: Json, request_timeout: float) -> Json:
        assert request_timeout > 0
        return self._answer(index, body)

    def msearch(self, body: list[Json], index: str, **_: Any) -> Json:
        return {"responses": [self._answer(index, each) for each in body[1::2]]}

    def _mapping(self, index: str, request_timeout: float) -> Json:
        assert request_timeout > 0
        return {index: self._named(index)[0]}

    def _create(self, index: str, body: Json, **_: Any) -> Json:
        for alias in body["aliases"]:
            self._indices[alias] = (deepcopy(body), {})
        return {}

    def _named(self, alias: str) -> tuple[Json, Documents]:
        if alias not in self._indices:
            _absent()
        body, documents = self._indices[alias]
        return body, next(iter(self._indices.values()))[1] if self._shared else documents

    def _found(self, index: str, query: Json) -> dict[str, float]:
        self.asked.append((index, query))
        scored = {name: _score(query, document) for name, document in self._named(index)[1].items()}
        return {name: score for name, score in scored.items() if score is not None}

    def _answer(self, index: str, body: Json) -> Json:
        assert body.keys() <= _BODY, body
        documents, found = self._named(index)[1], self._found(index, body["query"])
        total = len(found)
        if "rescore" in body:
            by = body["rescore"]["query"]["rescore_query"]
            found = {name: _score(by, documents[name]) or 0.0 for name in found}
        best = sorted(found, key=lambda name: (-found[name], name))
        if "sort" in body:
            assert body["sort"] == ORDER, body
            best = sorted(found, key=lambda name: _place(documents[name]))
        if "search_after" in body:
            assert "sort" in body, body
            best = [name for name in best if _place(documents[name]) > body["search_after"]]
        hits = [
            {"_id": name, "_score": found[name], "sort": _place(documents[name])}
            | ({"_source": _fields(documents[name], body["_source"])} if body["_source"] else {})
            for name in best[: body["size"]]
        ]
        told = {"total": {"value": total}} if body["track_total_hits"] else {}
        answer: Json = {"timed_out": False, "_shards": SHARDS, "hits": {"hits": hits} | told}
        among = {name: documents[name] for name in found}
        return answer | {"aggregations": _counted(body.get("aggs", {}), among, documents)}


def _absent() -> Any:
    raise NotFoundError(404, "index_not_found_exception", {"error": "index_not_found_exception"})


def _place(document: Json) -> list[str]:
    return [document.get("source_id", ""), document.get("chunk_id", "")]


def _fields(document: Json, wanted: list[str]) -> Json:
    return {name: document[name] for name in wanted if name in document}


def _score(query: Json, document: Json) -> float | None:
    """None when it is not found."""
    ((kind, inner),) = query.items()
    return _KINDS[kind](inner, document)


def _bool(query: Json, document: Json) -> float | None:
    assert query.keys() <= {"must", "filter", "must_not"}, query
    parts = [_score(each, document) for each in query.get("must", ())]
    filters = [_score(each, document) for each in query.get("filter", ())]
    unwanted = [_score(each, document) for each in query.get("must_not", ())]
    if None in parts or None in filters or any(each is not None for each in unwanted):
        return None
    return sum(part or 0.0 for part in parts)


def _term(query: Json, document: Json) -> float | None:
    ((field, value),) = query.items()
    held = document.get(field)
    held = held.split() if field == "terms" and isinstance(held, str) else held
    return 1.0 if held == value or (isinstance(held, list) and value in held) else None


def _terms(query: Json, document: Json) -> float | None:
    ((field, values),) = query.items()
    return 1.0 if any(_term({field: value}, document) for value in values) else None


def _match(query: Json, document: Json) -> float | None:
    words = query["terms"]["query"].split()
    return float(sum(word in document.get("terms", "").split() for word in words)) or None


def _range(query: Json, document: Json) -> float | None:
    ((field, bound),) = query.items()
    return 1.0 if field in document and document[field] < bound["lt"] else None


def _script(query: Json, document: Json) -> float | None:
    given = query["script"]["params"]
    if _score(query["query"], document) is None:
        return None
    assert given["field"] in document, "OpenSearch refuses a script that reads a field which is not there"
    return 1.0 + _cosine(given["vector"], document[given["field"]])


def _knn(query: Json, document: Json) -> float | None:
    ((field, asked),) = query.items()
    assert asked["k"] >= 1
    if _score(asked["filter"], document) is None or field not in document:
        return None
    return (1.0 + _cosine(asked["vector"], document[field])) / 2


def _cosine(one: list[float], other: list[float]) -> float:
    return float(np.dot(one, other) / (np.linalg.norm(one) * np.linalg.norm(other)))


_KINDS: Mapping[str, Callable[[Json, Json], float | None]] = {
    "bool": _bool,
    "term": _term,
    "terms": _terms,
    "match": _match,
    "range": _range,
    "exists": lambda query, document: 1.0 if query["field"] in document else None,
    "match_all": lambda query, document: 1.0,
    "script_score": _script,
    "knn": _knn,
}


def _counted(wanted: Json, among: Documents, every: Documents) -> Json:
    told: Json = {}
    for name, each in wanted.items():
        inner = each.get("aggs", {})
        if "global" in each:
            told[name] = _counted(inner, every, every)
        elif "filters" in each:
            buckets = each["filters"]["filters"]
            told[name] = {"buckets": {key: {"doc_count": _count(query, among)} for key, query in buckets.items()}}
        elif "filter" in each:
            kept = {key: held for key, held in among.items() if _score(each["filter"], held) is not None}
            told[name] = {"doc_count": len(kept)} | _counted(inner, kept, every)
        else:
            field = each["terms"]["field"]
            values = [value for held in among.values() for value in _listed(held.get(field))]
            told[name] = {
                "buckets": [
                    {"key": value, "doc_count": values.count(value)} for value in dict.fromkeys(values) if value
                ]
            }
    return told


def _listed(held: Any) -> list[Any]:
    return held if isinstance(held, list) else [held]


def _count(query: Json, among: Documents) -> int:
    return sum(_score(query, document) is not None for document in among.values())

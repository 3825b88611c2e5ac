"""What only OpenSearch's engine promises: every sub-query keeps to its company, and strange answers are failures."""

import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from opensearchpy import OpenSearch

from aisdr.errors import VendorError
from aisdr.index import opensearch_layout as layout
from aisdr.index.base import IndexQuery, SourceRecord
from aisdr.index.opensearch import OpenSearchIndex
from aisdr.index.opensearch_client import client
from aisdr.index.opensearch_query import EXACT_CHUNKS, Question
from aisdr.tenant import mark_of
from tests.chunks import ACME, GLOBEX, LetterCounts, ask, chunk, picture, store, texts
from tests.faults.search_cluster import OURS, SHARDS, Cluster, listening
from tests.index.conftest import PICTURES

DAY = date(2027, 1, 31)
SEEN = np.array([1, 0, 0, 0], dtype=np.float32)
QUERIES: dict[str, Callable[[LetterCounts], IndexQuery]] = {
    "words": lambda letters: ask("secret prices"),
    "meaning": lambda letters: replace(ask("secret prices", letters), text=""),
    "both": lambda letters: ask("secret prices", letters),
    "and pictures": lambda letters: replace(ask("secret prices", letters), picture_vector=SEEN),
    "filtered": lambda letters: replace(ask("secret prices", letters), modalities=("image", "text"), languages=("en",)),
}
SIZES = {"chunk by chunk": 1, "by the graph": EXACT_CHUNKS + 1}


def bodies(query: str, size: str, letters: LetterCounts) -> list[dict[str, Any]]:
    return Question(ACME, QUERIES[query](letters), ("en",), SIZES[size], DAY).searches()


def filters_of(query: dict[str, Any]) -> list[dict[str, Any]]:
    """Where a sub-query's filters stand: beside its words, in its script's query, inside its `knn`."""
    ((kind, inner),) = query.items()
    match kind:
        case "bool":
            found: list[dict[str, Any]] = inner["filter"]
            return found
        case "script_score":
            return filters_of(inner["query"])
        case "knn":
            ((_, nearest),) = inner.items()
            return filters_of(nearest["filter"])
    raise AssertionError(f"a kind of query that nobody has looked at: {kind}")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("query", QUERIES)
def test_every_sub_query_carries_the_company(letters: LetterCounts, query: str, size: str) -> None:
    found = bodies(query, size, letters)

    assert len(found) >= 1
    assert all(layout.company_filter(ACME) in filters_of(body["query"]) for body in found)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("query", QUERIES)
def test_every_sub_query_that_finds_leaves_out_what_has_expired(letters: LetterCounts, query: str, size: str) -> None:
    finding = [body for body in bodies(query, size, letters) if body["size"]]  # one may only count, for rare words

    assert len(finding) >= 1
    assert all(layout.current_filter(DAY) in filters_of(body["query"]) for body in finding)


@pytest.fixture
def cluster(node: str) -> OpenSearch:
    return client(node, "", None)


@pytest.fixture
def index(cluster: OpenSearch, letters: LetterCounts) -> OpenSearchIndex:
    index = OpenSearchIndex(cluster, letters.space, PICTURES)
    for scope in (ACME, GLOBEX):
        index.remove_company(scope)
    return index


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("query", QUERIES)
def test_a_strangers_chunk_in_a_companys_index_is_found_by_no_sub_query_but_by_each_without_the_filter(
    index: OpenSearchIndex, cluster: OpenSearch, letters: LetterCounts, query: str, size: str
) -> None:
    store(index, letters, ACME, chunk("secret prices of acme"), picture("secret prices shown", source="a.png"))
    stranger = picture("secret prices", source="globex.png")
    document = layout.chunk_document(GLOBEX, stranger, letters.embed_question(stranger.text), SEEN, "1")
    cluster.index(index=layout.alias_of(ACME), id="stranger", body=document, params={"refresh": "true"})

    def found(body: dict[str, Any]) -> set[str]:
        answer = cluster.msearch(body=[{}, body], index=layout.alias_of(ACME))["responses"][0]
        if "aggs" in body:  # this one counts: what it counts is what it finds
            answer = cluster.search(index=layout.alias_of(ACME), body={"query": body["query"], "size": 10})
        return {hit["_id"] for hit in answer["hits"]["hits"]}

    for body in bodies(query, size, letters):
        without = deepcopy(body)
        filters_of(without["query"]).remove(layout.company_filter(ACME))

        assert "stranger" not in found(body)
        assert "stranger" in found(without)
    hits = index.search(ACME, QUERIES[query](letters))
    assert hits
    assert "globex.png" not in {hit.chunk.source_id for hit in hits}


@pytest.mark.slow
def test_an_index_from_before_chunks_could_expire_is_asked_and_written_as_it_is(
    cluster: OpenSearch, letters: LetterCounts
) -> None:
    index = OpenSearchIndex(cluster, letters.space, PICTURES, today=lambda: DAY)
    index.remove_company(ACME)
    alias = layout.alias_of(ACME)
    older = layout.index_body(ACME, letters.space, PICTURES) | {"aliases": {alias: {}}}
    del older["mappings"]["properties"]["expires"]
    cluster.indices.create(index=layout.index_name(alias), body=older)

    store(index, letters, ACME, chunk("prices"))
    assert texts(index.search(ACME, ask("prices", letters))) == ["prices"]
    store(index, letters, ACME, chunk("winter prices", source="old.md", expires=DAY - timedelta(days=1)))

    assert texts(index.search(ACME, ask("prices", letters))) == ["prices"]
    assert {record.source_id for record in index.sources(ACME)} == {"page.md", "old.md"}


INGESTION = """
import sys
from aisdr.index.opensearch import OpenSearchIndex
from aisdr.index.opensearch_client import client
from tests.chunks import ACME, LetterCounts, chunk, store
from tests.index.conftest import PICTURES
letters = LetterCounts()
index = OpenSearchIndex(client(sys.argv[1], "", None), letters.space, PICTURES)
print("begin", flush=True)
for number in range(int(sys.argv[2]), 1_000_000):
    store(index, letters, ACME, *[chunk(f"note {number} {each}", source=f"s{number}") for each in range(20)])
    print(number, flush=True)
"""


def once_ready(index: OpenSearchIndex) -> list[SourceRecord]:
    """What is there, once the index that a killed writer may just have asked for can be asked itself."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return index.sources(ACME)
        except VendorError as error:
            if not error.retryable or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@pytest.mark.slow
def test_what_was_acknowledged_is_found_after_its_writer_was_killed_at_any_moment(
    index: OpenSearchIndex, node: str, letters: LetterCounts
) -> None:
    begin, moments = 0, random.Random(5)  # noqa: S311 - only spreads the moments
    for number in range(8):
        writer = subprocess.Popen(
            [sys.executable, "-c", INGESTION, node, str(begin)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        assert writer.stdout.readline() == "begin\n"
        time.sleep(moments.uniform(0.0, 0.2 if number < 4 else 1.0))  # the first ones while the index is being made
        writer.kill()
        acknowledged = max([begin - 1, *(int(line) for line in writer.stdout if line.endswith("\n"))])
        writer.wait()
        begin = acknowledged + 1

        reading = OpenSearchIndex(client(node, "", None), letters.space, PICTURES)
        sources = {source.source_id: source.chunks for source in once_ready(reading)}
        assert all(sources[f"s{each}"] == 20 for each in range(begin))
        assert set(sources.values()) <= {20}, "no source was written by half"
        if begin:
            asked = ask(f"note {acknowledged} 7", letters, limit=200)
            assert f"note {acknowledged} 7" in texts(reading.search(ACME, asked))

    assert begin > 0
    store(index, letters, ACME, chunk("after all of that", source="last"))
    assert texts(index.search(ACME, ask("after all of that", letters)))[:1] == ["after all of that"]


@pytest.mark.slow
def test_two_who_write_first_make_one_index(node: str, cluster: OpenSearch, index: OpenSearchIndex) -> None:
    letters = LetterCounts()
    together = threading.Barrier(4)

    def write(number: int) -> None:
        own = OpenSearchIndex(client(node, "", None), letters.space, PICTURES)
        together.wait()
        store(own, letters, ACME, chunk(f"prices {number}", source=f"{number}.md"))

    with ThreadPoolExecutor(4) as writers:
        list(writers.map(write, range(4)))

    assert len(cluster.indices.get_alias(name=layout.alias_of(ACME))) == 1
    assert len(index.sources(ACME)) == 4


@pytest.mark.slow
def test_two_homes_of_one_company_at_one_cluster_do_not_meet(
    cluster: OpenSearch, index: OpenSearchIndex, letters: LetterCounts
) -> None:
    other = OpenSearchIndex(cluster, letters.space, label="e5-0123abcd")
    other.remove_company(ACME)
    store(index, letters, ACME, chunk("prices here"))
    store(other, letters, ACME, chunk("prices there"))

    found = [texts(each.search(ACME, ask("prices", letters))) for each in (index, other)]
    other.remove_company(ACME)

    assert found == [["prices here"], ["prices there"]]
    assert texts(index.search(ACME, ask("prices", letters))) == ["prices here"]


SOURCE = {"record": "{}", "revision": "1", "company": mark_of(ACME)}
HIT: dict[str, Any] = {"_id": "1", "_score": 1.0, "_source": SOURCE}


def whole(*hits: Any, **others: Any) -> dict[str, Any]:
    return {"timed_out": False, "_shards": SHARDS, "hits": {"hits": list(hits)}} | others


STRANGE: dict[str, Any] = {
    "nothing": None,
    "a list": [],
    "an empty object": {},
    "no answers": {"responses": []},
    "answers that are none": {"responses": [None] * 4},
    "too few answers": {"responses": [whole()]},
    "no hits": {"responses": [{"timed_out": False, "_shards": SHARDS}] * 4},
    "hits without a score": {"responses": [whole(HIT | {"_score": None})] * 4},
    "a score that is no number": {"responses": [whole(HIT | {"_score": "high"})] * 4},
    "a chunk that is none": {"responses": [whole(HIT)] * 4},
    "a chunk that is no JSON": {
        "responses": [whole(HIT | {"_source": {"record": "<", "revision": "1", "company": mark_of(ACME)}})] * 4
    },
    "a part that was too slow": {"responses": [whole(timed_out=True)] * 4},
    "a shard that failed": {"responses": [whole(_shards=SHARDS | {"failed": 1})] * 4},
    "an error instead": {"responses": [{"error": {"type": "search_phase_execution_exception"}, "status": 503}] * 4},
    "an error in a strange form": {"responses": [{"error": "no", "status": 500}] * 4},
}
BROKEN = {
    "a web page": b"<html>",
    "half of an answer": b'{"responses": [{"timed_out": fal',
    "no body": b"",
    "bytes of nothing": b"\xff\xfe\x00",
}


@contextmanager
def pretending(letters: LetterCounts, path: str, body: bytes, found: Any = None) -> Iterator[str]:
    """A cluster that knows a company of two chunks, but answers one path with this. What it finds may be given."""
    cluster = Cluster(space=letters.space, pictures=PICTURES, instead={path: body})
    if found:
        cluster.found = found
    with listening(cluster) as url:
        yield url


@pytest.mark.parametrize("answer", [*STRANGE, *BROKEN])
def test_an_answer_in_a_strange_form_is_a_failure_of_the_vendor(letters: LetterCounts, answer: str) -> None:
    body = json.dumps(STRANGE[answer]).encode() if answer in STRANGE else BROKEN[answer]

    with pretending(letters, "_msearch", body) as url:
        index = OpenSearchIndex(client(url, "", None), letters.space, PICTURES)

        with pytest.raises(VendorError):
            index.search(ACME, ask("prices", letters), timeout=5)


@pytest.mark.parametrize("path", ["_mapping", "_doc", "_count"])
@pytest.mark.parametrize("answer", [b"[]", b"null", b"{}", b'{"count": "many", "i": null}', b"<html>", b""])
def test_a_strange_word_about_the_index_is_one_too(letters: LetterCounts, path: str, answer: bytes) -> None:
    with pretending(letters, path, answer) as url:
        index = OpenSearchIndex(client(url, "", None), letters.space, PICTURES)

        with pytest.raises(VendorError):
            index.search(ACME, ask("prices", letters), timeout=5)


def test_the_look_alike_is_believed_when_it_says_nothing_strange(letters: LetterCounts) -> None:
    with pretending(letters, "nowhere", b"") as url:
        assert (
            OpenSearchIndex(client(url, "", None), letters.space, PICTURES).search(ACME, ask("prices", letters)) == []
        )


@pytest.mark.parametrize(("version", "factor"), [(OURS | 2_190_199, 2.2), (OURS | 3_050_099, 1.0), (7_100_299, 2.2)])
def test_words_alone_are_measured_as_the_indexs_own_version_counts_them(
    letters: LetterCounts, version: int, factor: float
) -> None:
    """Nothing is asked about the cluster itself: a role that may only search would be refused."""
    record = chunk("prices").model_dump_json(by_alias=True)
    hit = {"_id": "1", "_score": 0.3, "_source": {"record": record, "revision": "1", "company": mark_of(ACME)}}
    counted = whole(aggregations={"found": {"buckets": {"t0": {"doc_count": 1}}}})
    counted["hits"]["total"] = {"value": 2}
    settings = {"i": {"settings": {"index.version.created": str(version)}}}

    with pretending(letters, "_settings", json.dumps(settings).encode(), {"responses": [whole(hit), counted]}) as url:
        (found,) = OpenSearchIndex(client(url, "", None), letters.space, PICTURES).search(ACME, ask("prices"))

    rarity = float(np.log(1 + (2 - 1 + 0.5) / (1 + 0.5)))
    assert found.score == pytest.approx(0.3 / (rarity * factor), rel=1e-5)

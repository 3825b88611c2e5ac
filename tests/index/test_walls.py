"""OpenSearch's engine with one wall taken away at a time: the other one holds, and what passes both is told to nobody.

The companies' chunks and vectors are the same to the last bit, and the cluster has no opinion of its own.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import numpy as np
import pytest

from aisdr.errors import Trespass
from aisdr.index import opensearch_layout as layout
from aisdr.index.base import IndexQuery
from aisdr.index.opensearch import OpenSearchIndex
from aisdr.index.opensearch_query import EXACT_CHUNKS
from aisdr.tenant import TenantScope, mark, mark_of
from tests.chunks import ACME, GLOBEX, LetterCounts, ask, chunk, picture, store
from tests.index.cluster import Cluster
from tests.index.conftest import PICTURES

LETTERS = LetterCounts()
SEEN = np.array([1, 0, 0, 0], dtype=np.float32)
QUESTIONS: dict[str, Callable[[], IndexQuery]] = {
    "words": lambda: ask("secret prices"),
    "meaning": lambda: replace(ask("secret prices", LETTERS), text=""),
    "both": lambda: ask("secret prices", LETTERS, limit=30),
    "and pictures": lambda: replace(ask("secret prices", LETTERS), picture_vector=SEEN),
    "pictures alone": lambda: replace(ask("secret prices", LETTERS), modalities=("image",)),
    "of both brains": lambda: replace(ask("secret prices", LETTERS), origin="own", languages=("en",)),
}


def an_index(cluster: Cluster) -> OpenSearchIndex:
    index = OpenSearchIndex(cast("Any", cluster), LETTERS.space, PICTURES)
    for scope in (ACME, GLOBEX):
        name = scope.company_id
        texts = [chunk(f"secret prices {each}", source=f"{name}.md", chunk_id=f"{name}-{each}") for each in "abc"]
        store(index, LETTERS, scope, *texts, picture("secret prices", source=f"{name}.png", chunk_id=f"{name}-p"))
    return index


def owners(index: OpenSearchIndex, scope: TenantScope, question: str) -> set[str]:
    hits = index.search(scope, QUESTIONS[question]())
    assert hits
    assert {hit.owner for hit in hits} == {mark_of(scope)}
    return {hit.chunk.chunk_id.split("-")[0] for hit in hits}


@pytest.fixture(params=[1, EXACT_CHUNKS + 1], ids=["chunk by chunk", "by the graph"])
def size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many chunks the engine believes that a company has."""
    monkeypatch.setattr(Cluster, "count", lambda *_, **__: {"count": request.param})


@pytest.mark.parametrize("shared", [False, True], ids=["both walls", "the filter alone"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_the_filter_keeps_companies_apart_that_share_an_index(size: None, question: str, shared: bool) -> None:
    index = an_index(Cluster(shared=shared))

    assert owners(index, ACME, question) == {"acme"}
    assert owners(index, GLOBEX, question) == {"globex"}


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_index_of_its_own_keeps_a_company_apart_without_the_filter(
    size: None, monkeypatch: pytest.MonkeyPatch, question: str
) -> None:
    monkeypatch.setattr(layout, "company_filter", lambda scope: {"match_all": {}})
    monkeypatch.setattr("aisdr.index.opensearch_query.company_filter", lambda scope: {"match_all": {}})
    index = an_index(Cluster())

    assert owners(index, ACME, question) == {"acme"}
    assert owners(index, GLOBEX, question) == {"globex"}


@pytest.mark.parametrize("question", QUESTIONS)
def test_without_both_a_foreign_hit_is_seen_by_its_mark(
    size: None, monkeypatch: pytest.MonkeyPatch, question: str
) -> None:
    """And what the engine reads beside hits is stopped by the engine itself."""
    index = an_index(Cluster(shared=True))
    monkeypatch.setattr(layout, "company_filter", lambda scope: {"match_all": {}})
    monkeypatch.setattr("aisdr.index.opensearch_query.company_filter", lambda scope: {"match_all": {}})

    marks = {hit.owner for hit in index.search(ACME, replace(QUESTIONS[question](), limit=50))}

    assert mark("globex") in marks
    for read in (
        lambda: index.sources(ACME),
        lambda: index.chunks(ACME, "globex.md"),
        lambda: index.vectors(ACME, "globex.md"),
        lambda: index.media_chunks(ACME),
    ):
        with pytest.raises(Trespass):
            read()


def test_what_is_read_beside_hits_keeps_to_its_company_in_a_shared_index() -> None:
    index = an_index(Cluster(shared=True))

    for scope, other in ((ACME, "globex"), (GLOBEX, "acme")):
        name = scope.company_id
        assert [(each.source_id, each.chunks) for each in index.sources(scope)] == [
            (f"{name}.md", 3),
            (f"{name}.png", 1),
        ]
        assert {each.chunk_id.split("-")[0] for each in index.media_chunks(scope)} == {name}
        assert [each.chunk_id for each in index.chunks(scope, f"{name}.md")] == [f"{name}-{each}" for each in "abc"]
        assert index.chunks(scope, f"{other}.md") == []
        assert index.vectors(scope, f"{other}.md") == {}
        assert index.vocabulary(scope).chunks == 4


def test_words_alone_are_measured_by_the_companys_own_chunks_also_in_a_shared_index() -> None:
    """How rare a word is, the other company's chunks have no say in."""
    alone, shared = (an_index(Cluster(shared=each)).search(ACME, ask("secret prices")) for each in (False, True))

    assert [(hit.chunk.chunk_id, hit.score) for hit in alone] == [(hit.chunk.chunk_id, hit.score) for hit in shared]
    assert len(alone) == 4


def test_every_query_that_reaches_the_cluster_names_the_company_and_its_own_index() -> None:
    cluster = Cluster()
    index = an_index(cluster)
    cluster.asked.clear()

    for question in QUESTIONS.values():
        index.search(ACME, question())
    index.sources(ACME)
    index.media_chunks(ACME)
    index.vocabulary(ACME)

    assert len(cluster.asked) > 20
    assert {alias for alias, _ in cluster.asked} == {layout.alias_of(ACME)} != {layout.alias_of(GLOBEX)}
    wanted = {"term": {"company": mark("acme")}}
    assert layout.company_filter(ACME) == wanted
    assert all(str(wanted) in str(query) for _, query in cluster.asked)

"""OpenSearch's engine with one wall taken away at a time: the other one holds, and what passes both is told to nobody.

The companies' chunks and vectors are the same to the last bit, and the cluster has no opinion of its own.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any, cast

import numpy as np
import pytest

from aisdr.errors import NotConfigured, Trespass
from aisdr.index import opensearch_layout as layout
from aisdr.index.base import IndexQuery
from aisdr.index.opensearch import OpenSearchIndex
from aisdr.index.opensearch_query import EXACT_CHUNKS, Question
from aisdr.tenant import TenantScope, mark, mark_of
from tests.chunks import ACME, GLOBEX, LetterCounts, ask, chunk, picture, store
from tests.index.cluster import Cluster
from tests.index.conftest import PICTURES
from tests.observed import observed

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
        with observed() as written, pytest.raises(Trespass):
            read()
        assert [each["where"] for each in written.lines if each.get("message") == "trespass"] == ["opensearch"]


def only(**asked: Any) -> dict[str, set[str]]:
    """Whose chunks a question for some of them finds, by words alone and by meaning alone, in an index that all share.

    Every company has one that is tagged, one in German, one that Tavus knows, a picture, and one that is none of these.
    """
    index = OpenSearchIndex(cast("Any", Cluster(shared=True)), LETTERS.space, PICTURES, today=lambda: date(2027, 1, 31))
    for scope in (ACME, GLOBEX):
        name = scope.company_id
        plain = [chunk("secret prices", source=f"{name} {each}", chunk_id=f"{name} {each}") for each in "tgkpe"]
        tagged, german, known, _, expired = plain
        store(
            index,
            LETTERS,
            scope,
            tagged.model_copy(update={"tags": ("sales", "team")}),
            german.model_copy(update={"language": "de-AT"}),
            known.model_copy(update={"origins": ("own", "tavus")}),
            picture("secret prices", source=f"{name} i", chunk_id=f"{name} i"),
            plain[3],
            expired.model_copy(update={"expires": date(2027, 1, 30)}),
        )
    questions = {each: replace(QUESTIONS[each](), **asked) for each in ("words", "meaning")}
    return {each: {hit.chunk.chunk_id for hit in index.search(ACME, asked)} for each, asked in questions.items()}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, "tgkpi"),
        ({"tags": ("sales", "nobodys")}, "t"),
        ({"tags": ("sale",)}, ""),
        ({"languages": ("de-CH",)}, "g"),
        ({"languages": ("de", "en")}, "tgkpi"),
        ({"origin": "tavus"}, "k"),
        ({"modalities": ("image", "video")}, "i"),
        ({"tags": ("sales",), "languages": ("de",)}, ""),
    ],
)
def test_what_else_is_asked_for_narrows_what_is_the_companys_own(size: None, asked: dict[str, Any], found: str) -> None:
    wanted = {f"acme {each}" for each in found}

    assert only(**asked) == {"words": wanted, "meaning": wanted}


def test_an_index_is_found_again_by_a_name_that_tells_no_company() -> None:
    """Another name would be another index, and everything in this one lost."""
    digest = "822b33ad87c148a0a20a5ba7cd5ebcaa"

    assert layout.alias_of(ACME) == f"aisdr-{mark_of(ACME)}"
    assert layout.alias_of(ACME, "e5") == f"aisdr-{mark_of(ACME)}-e5"
    assert mark_of(ACME) == digest


def test_an_index_of_another_embedder_is_refused_with_the_remedy() -> None:
    cluster = Cluster()
    an_index(cluster)
    other = LetterCounts(name="another")

    with pytest.raises(NotConfigured, match=r"'acme' was made with embedder 'letter-counts'.*aisdr reindex") as refused:
        OpenSearchIndex(cast("Any", cluster), other.space, PICTURES).search(ACME, ask("prices"))

    assert refused.value.code == "index_mismatch"


@pytest.mark.parametrize("meta", [{}, {"_meta": {"format": layout.FORMAT}}])
def test_an_index_that_does_not_say_what_it_was_made_for_is_refused_too(meta: dict[str, Any]) -> None:
    cluster = Cluster()
    an_index(cluster)
    cluster.indices.get_mapping = lambda index, **_: {index: {"mappings": meta}}

    with pytest.raises(NotConfigured, match="aisdr reindex"):
        OpenSearchIndex(cast("Any", cluster), LETTERS.space, PICTURES).search(ACME, ask("prices"))


def test_how_rare_a_word_is_is_counted_among_the_companys_chunks_and_brings_none_along() -> None:
    cluster = Cluster(shared=True)
    an_index(cluster)
    _, counting = Question(ACME, ask("secret prices"), ("en",), 1, date(2027, 1, 31)).searches()

    answer = cluster.search(layout.alias_of(ACME), counting, request_timeout=1)

    assert answer["hits"] == {"hits": [], "total": {"value": 4}}
    buckets = answer["aggregations"]["found"]["buckets"]
    assert [each["doc_count"] for each in buckets.values()] == [4, 4]


def test_a_company_with_many_sources_is_read_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aisdr.index.opensearch_documents.PAGE", 2)
    index = an_index(Cluster(shared=True))
    store(index, LETTERS, ACME, *(chunk("prices", source=f"acme {each}.md") for each in range(5)))

    assert [each.source_id for each in index.sources(ACME)] == [
        *(f"acme {each}.md" for each in range(5)),
        "acme.md",
        "acme.png",
    ]


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

"""The engine `opensearch`: a company's chunks at an OpenSearch cluster, a managed domain, or Serverless.

Every change of a source is written in one go and shown by one refresh, so that a reader sees the old state or the new
one. At worst, when another writer of the same company refreshes in between, some chunks of a source are seen before the
rest of it; none is seen twice.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from opensearchpy import OpenSearch

from aisdr.configuration import primary
from aisdr.index import opensearch_bulk
from aisdr.index import opensearch_layout as layout
from aisdr.index.base import (
    Chunk,
    IndexQuery,
    SearchHit,
    SourceRecord,
    Today,
    Vocabulary,
    check_pictures,
    check_source,
    check_vectors,
    today,
)
from aisdr.index.opensearch_answers import Gone, another_form, asked, whole
from aisdr.index.opensearch_documents import Documents
from aisdr.index.opensearch_indices import WRITE_SECONDS, Indices
from aisdr.index.opensearch_layout import Json
from aisdr.index.opensearch_query import Question
from aisdr.inference.base import Vectors, VectorSpace
from aisdr.tenant import TenantScope

QUERY_SECONDS = 5.0
MOST_LISTED = 10_000
"""OpenSearch's own limit for one page."""
MOST_WORDS = 50_000


class OpenSearchIndex:
    """Safe to share between threads.

    Args:
        client: made by `aisdr.index.opensearch_client`; it neither retries nor waits on its own.
        space: of the vectors; an index made with another one is refused.
        picture_space: of pictures' vectors, where the company has a multimodal embedder.
        label: tells these indices apart from those of the same companies for other embedders (`Home.label`).

    Raises:
        NotConfigured: at use, when the index was made with another embedder or by another version of this engine.
        VendorError: the cluster is away, late, or answers what it should not; an incomplete answer counts as none.
    """

    def __init__(
        self,
        client: OpenSearch,
        space: VectorSpace,
        picture_space: VectorSpace | None = None,
        *,
        label: str = "",
        clock: Callable[[], float] = time.monotonic,
        today: Today = today,
    ) -> None:
        self._client = client
        self._space = space
        self._picture_space = picture_space
        self._clock = clock
        self._today = today
        self._indices = Indices(client, space, picture_space, label, clock)
        self._documents = Documents(client, self._indices.alias)
        self._writing = threading.Lock()

    def search(self, scope: TenantScope, query: IndexQuery, timeout: float | None = None) -> list[SearchHit]:
        alias = self._indices.alias(scope)
        end = self._clock() + (QUERY_SECONDS if timeout is None else timeout)
        known = self._indices.about(scope, end)
        if known is None or query.limit < 1:
            return []
        question = Question(scope, query, known.languages, known.chunks, self._today())
        searches = question.searches()
        if not searches:
            return []
        left = max(0.001, end - self._clock())
        lines = [line for body in searches for line in ({}, body | {"timeout": f"{max(1, round(left * 1000))}ms"})]
        answer = asked(lambda: self._client.msearch(body=lines, index=alias, request_timeout=left))
        spaces = {"vector": self._space, "picture_vector": self._picture_space}
        try:
            parts = [whole(part) for part in answer["responses"]]
            if len(parts) != len(searches):
                raise ValueError("another number of answers than of questions")
            return question.hits(parts, spaces, lambda: self._indices.bm25_factor(scope, end))
        except Gone:
            return []
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise another_form() from error

    def replace_source(
        self,
        scope: TenantScope,
        source: SourceRecord,
        chunks: Sequence[Chunk],
        vectors: Vectors,
        picture_vectors: Mapping[str, Vectors] | None = None,
    ) -> None:
        check_vectors(chunks, vectors, self._space)
        shown = picture_vectors or {}
        check_pictures(chunks, shown, self._picture_space)
        check_source(source.source_id, chunks)
        keys = [layout.chunk_key(chunk.chunk_id) for chunk in chunks]
        if len(set(keys)) < len(keys):
            raise ValueError(f"source '{source.source_id}' has two chunks with one id")
        with self._writing:
            self._indices.ensure(scope)
            if any(chunk.expires for chunk in chunks):
                self._indices.allow_expiry(scope)
            before = self._keys_of(scope, source.source_id)
            revision = layout.new_revision()
            lines = [
                line
                for key, chunk, vector in zip(keys, chunks, vectors, strict=True)
                for line in (
                    {"index": {"_id": key}},
                    layout.chunk_document(scope, chunk, vector, shown.get(chunk.chunk_id), revision),
                )
            ]
            record = json.dumps(
                {
                    "content_hash": source.content_hash,
                    "tavus_document_id": source.tavus_document_id,
                    "extra": source.extra,
                }
            )
            lines += [
                {"index": {"_id": layout.source_key(source.source_id)}},
                layout.source_document(scope, source, record),
            ]
            languages = {primary(chunk.language) for chunk in chunks}
            self._write(scope, lines, sorted(before - set(keys)), languages, replaces=bool(before))

    def remove_source(self, scope: TenantScope, source_id: str) -> None:
        with self._writing:
            if self._indices.about(scope, self._clock() + WRITE_SECONDS, anew=True) is None:
                return
            gone = sorted(self._keys_of(scope, source_id))
            self._write(scope, [], [*gone, layout.source_key(source_id)], set(), replaces=True)

    def remove_company(self, scope: TenantScope) -> None:
        with self._writing:
            self._indices.remove(scope)

    def sources(self, scope: TenantScope) -> list[SourceRecord]:
        counted: Json = {"terms": {"field": "source_id", "size": MOST_LISTED}}
        chunks: Json = {"bool": {"filter": [layout.company_filter(scope), {"term": {"kind": "chunk"}}]}}
        # In one request with the sources: between two of them a writer may show what he has written.
        beside: Json = {"beside": {"global": {}, "aggs": {"chunks": {"filter": chunks, "aggs": {"each": counted}}}}}
        pages = list(self._documents.pages(scope, {"kind": "source"}, ["source_id", "record"], beside))
        if not pages:
            return []
        buckets = pages[0]["aggregations"]["beside"]["chunks"]["each"]["buckets"]
        numbers = {each["key"]: each["doc_count"] for each in buckets}
        records = []
        for hit in (hit for page in pages for hit in page["hits"]["hits"]):
            source_id, told = hit["_source"]["source_id"], json.loads(hit["_source"]["record"])
            records.append(SourceRecord(source_id=source_id, chunks=numbers.get(source_id, 0), **told))
        return sorted(records, key=lambda record: record.source_id)

    def chunks(self, scope: TenantScope, source_id: str) -> list[Chunk]:
        return self._documents.chunks(scope, {"kind": "chunk", "source_id": source_id})

    def vectors(self, scope: TenantScope, source_id: str) -> dict[str, Vectors]:
        found = self._documents.all(scope, {"kind": "chunk", "source_id": source_id}, ["chunk_id", "vector"])
        return {each["_source"]["chunk_id"]: np.array(each["_source"]["vector"], dtype=np.float32) for each in found}

    def media_chunks(self, scope: TenantScope) -> list[Chunk]:
        found = self._documents.chunks(scope, {"kind": "chunk", "has_media": True})
        return [chunk for chunk in found if chunk.is_current(self._today())]

    def version(self, scope: TenantScope) -> str:
        known = self._indices.about(scope, self._clock() + QUERY_SECONDS)
        return known.version if known else ""

    def vocabulary(self, scope: TenantScope) -> Vocabulary:
        words: Json = {"terms": {"field": "words", "size": MOST_WORDS}}
        found = self._documents.found(scope, {"kind": "chunk"}, size=0, aggregations={"words": words})
        if found is None:
            return Vocabulary(0, {})
        buckets = found["aggregations"]["words"]["buckets"]
        return Vocabulary(
            int(found["hits"]["total"]["value"]), {each["key"]: int(each["doc_count"]) for each in buckets}
        )

    def _write(
        self, scope: TenantScope, lines: list[Json], gone: Sequence[str], languages: set[str], *, replaces: bool
    ) -> None:
        alias = self._indices.alias(scope)
        known = self._indices.about(scope, self._clock() + WRITE_SECONDS)
        document = layout.about_document(scope, sorted(languages | set(known.languages if known else ())))
        lines = [*lines, *({"delete": {"_id": key}} for key in gone), {"index": {"_id": layout.ABOUT}}, document]
        for batch in opensearch_bulk.batches(lines):
            opensearch_bulk.write(batch, lambda body: self._sent(alias, body))
        asked(lambda: self._client.indices.refresh(index=alias, request_timeout=WRITE_SECONDS))
        if replaces:
            # What was replaced would count in the rarity of words until Lucene merges it away.
            asked(
                lambda: self._client.indices.forcemerge(
                    index=alias, params={"only_expunge_deletes": "true"}, request_timeout=WRITE_SECONDS
                )
            )
        self._indices.changed(scope)

    def _sent(self, alias: str, batch: str) -> Json:
        answer = asked(lambda: self._client.bulk(body=batch, index=alias, request_timeout=WRITE_SECONDS))
        if not isinstance(answer, dict) or not isinstance(answer.get("items"), list):
            raise another_form()
        return answer

    def _keys_of(self, scope: TenantScope, source_id: str) -> set[str]:
        return {hit["_id"] for hit in self._documents.all(scope, {"kind": "chunk", "source_id": source_id}, [])}

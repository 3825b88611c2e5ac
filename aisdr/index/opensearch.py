"""The engine `opensearch`: a company's chunks at an OpenSearch cluster, a managed domain, or Serverless.

Every change of a source is written in one go and shown by one refresh, so that a reader sees the old state or the new
one. At worst, when another writer of the same company refreshes in between, some chunks of a source are seen before the
rest of it; none is seen twice.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from opensearchpy import OpenSearch
from opensearchpy.exceptions import ConnectionError as Unreachable
from opensearchpy.exceptions import (
    ConnectionTimeout,
    NotFoundError,
    OpenSearchException,
    RequestError,
    TransportError,
)

from aisdr.configuration import primary
from aisdr.errors import NotConfigured, VendorError
from aisdr.index import opensearch_bulk
from aisdr.index import opensearch_layout as layout
from aisdr.index.base import Chunk, IndexQuery, SearchHit, SourceRecord, Today, Vocabulary, check_vectors, today
from aisdr.index.opensearch_layout import Json
from aisdr.index.opensearch_query import Question
from aisdr.inference.base import Vectors, VectorSpace
from aisdr.tenant import TenantScope
from aisdr.trespass import check_marks

VENDOR = "opensearch"
QUERY_SECONDS = 5.0
WRITE_SECONDS = 30.0
KNOWN_SECONDS = 2.0
"""How long another process's change of a company may stay unnoticed by us."""
BULK_BYTES = 5_000_000
PAGE = 1_000
MOST_LISTED = 10_000
"""OpenSearch's own limit for one page."""
MOST_WORDS = 50_000
ALREADY_THERE = "resource_already_exists_exception"
CREATED = "index.version.created"
_LEGACY_FACTOR = 2.2
"""In an index made by version 2 or older OpenSearch multiplies BM25 with `k1 + 1`."""
_OURS = 0x08000000
"""The bit that tells a version of OpenSearch from one of what it came from."""


@dataclass(frozen=True)
class _Known:
    """What we know of a company's index, and since when."""

    version: str
    languages: tuple[str, ...]
    chunks: int
    at: float


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
        self._label = label
        self._space = space
        self._picture_space = picture_space
        self._clock = clock
        self._today = today
        self._known: dict[str, _Known] = {}
        self._writing = threading.Lock()
        self._factors: dict[str, float] = {}

    def search(self, scope: TenantScope, query: IndexQuery, timeout: float | None = None) -> list[SearchHit]:
        alias = self._alias(scope)
        end = self._clock() + (QUERY_SECONDS if timeout is None else timeout)
        known = self._about(scope, end)
        if known is None or query.limit < 1:
            return []
        question = Question(scope, query, known.languages, known.chunks, self._today())
        searches = question.searches()
        if not searches:
            return []
        left = max(0.001, end - self._clock())
        lines = [line for body in searches for line in ({}, body | {"timeout": f"{max(1, round(left * 1000))}ms"})]
        answer = self._asked(lambda: self._client.msearch(body=lines, index=alias, request_timeout=left))
        spaces = {"vector": self._space, "picture_vector": self._picture_space}
        try:
            parts = [_whole(part) for part in answer["responses"]]
            if len(parts) != len(searches):
                raise ValueError("another number of answers than of questions")
            return question.hits(parts, spaces, lambda: self._bm25_factor(scope, end))
        except _Gone:
            return []
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise VendorError("OpenSearch answered in another form than it documents", vendor=VENDOR) from error

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
        pictured = [chunk for chunk in chunks if chunk.chunk_id in shown]
        if shown:
            check_vectors(pictured, np.stack([shown[each.chunk_id] for each in pictured]), self._picture_space)
        for chunk in chunks:
            if chunk.source_id != source.source_id:
                raise ValueError(
                    f"chunk '{chunk.chunk_id}' belongs to '{chunk.source_id}', not to '{source.source_id}'"
                )
        keys = [layout.chunk_key(chunk.chunk_id) for chunk in chunks]
        if len(set(keys)) < len(keys):
            raise ValueError(f"source '{source.source_id}' has two chunks with one id")
        with self._writing:
            self._ensure(scope)
            if any(chunk.expires for chunk in chunks):
                self._allow_expiry(scope)
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
            if self._about(scope, self._clock() + WRITE_SECONDS, anew=True) is None:
                return
            gone = sorted(self._keys_of(scope, source_id))
            self._write(scope, [], [*gone, layout.source_key(source_id)], set(), replaces=True)

    def remove_company(self, scope: TenantScope) -> None:
        alias = self._alias(scope)
        with self._writing:
            for name in self._indices_behind(alias):
                self._delete(name)
            self._known.pop(scope.company_id, None)
            self._factors.pop(scope.company_id, None)

    def sources(self, scope: TenantScope) -> list[SourceRecord]:
        counted: Json = {"terms": {"field": "source_id", "size": MOST_LISTED}}
        chunks: Json = {"bool": {"filter": [layout.company_filter(scope), {"term": {"kind": "chunk"}}]}}
        # In one request with the sources: between two of them a writer may show what he has written.
        beside: Json = {"beside": {"global": {}, "aggs": {"chunks": {"filter": chunks, "aggs": {"each": counted}}}}}
        pages = list(self._pages(scope, {"kind": "source"}, ["source_id", "record"], beside))
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
        return self._chunks(scope, {"kind": "chunk", "source_id": source_id})

    def vectors(self, scope: TenantScope, source_id: str) -> dict[str, Vectors]:
        found = self._all(scope, {"kind": "chunk", "source_id": source_id}, ["chunk_id", "vector"])
        return {each["_source"]["chunk_id"]: np.array(each["_source"]["vector"], dtype=np.float32) for each in found}

    def media_chunks(self, scope: TenantScope) -> list[Chunk]:
        found = self._chunks(scope, {"kind": "chunk", "has_media": True})
        return [chunk for chunk in found if chunk.is_current(self._today())]

    def version(self, scope: TenantScope) -> str:
        known = self._about(scope, self._clock() + QUERY_SECONDS)
        return known.version if known else ""

    def vocabulary(self, scope: TenantScope) -> Vocabulary:
        words: Json = {"terms": {"field": "words", "size": MOST_WORDS}}
        found = self._found(scope, {"kind": "chunk"}, size=0, aggregations={"words": words})
        if found is None:
            return Vocabulary(0, {})
        buckets = found["aggregations"]["words"]["buckets"]
        return Vocabulary(
            int(found["hits"]["total"]["value"]), {each["key"]: int(each["doc_count"]) for each in buckets}
        )

    def _about(self, scope: TenantScope, end: float, *, anew: bool = False) -> _Known | None:
        """None when the company has no index. Looked up again when what we know is old."""
        alias = self._alias(scope)
        now = self._clock()
        known = self._known.get(scope.company_id)
        if known is not None and not anew and now - known.at < KNOWN_SECONDS:
            return known
        left = max(0.001, end - now)
        first = known is None
        try:
            if first:
                self._check(scope, left)
            told = self._asked(lambda: self._client.get(index=alias, id=layout.ABOUT, request_timeout=left))
            source = told["_source"]
            counted = self._asked(
                lambda: self._client.count(
                    index=alias,
                    body={"query": {"bool": {"filter": [layout.company_filter(scope), {"term": {"kind": "chunk"}}]}}},
                    request_timeout=max(0.001, end - self._clock()),
                )
            )
            fresh = _Known(source["version"], tuple(source["languages"]), int(counted["count"]), now)
        except _Gone:
            self._known.pop(scope.company_id, None)
            return None
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise VendorError("OpenSearch answered in another form than it documents", vendor=VENDOR) from error
        self._known[scope.company_id] = fresh
        return fresh

    def _check(self, scope: TenantScope, seconds: float) -> None:
        """Raises: NotConfigured, _Gone."""
        alias = self._alias(scope)
        mappings = self._asked(lambda: self._client.indices.get_mapping(index=alias, request_timeout=seconds))
        if not mappings:
            raise ValueError("an index without a mapping")
        for mapping in mappings.values():
            found = mapping["mappings"].get("_meta", {})
            for key, wanted in layout.about(scope, self._space, self._picture_space).items():
                if found.get(key) != wanted:
                    raise NotConfigured(
                        f"The search index of company '{scope.company_id}' was made with {key} '{found.get(key)}', but "
                        f"'{wanted}' is configured: run `aisdr reindex`",
                        code="index_mismatch",
                    )

    def _ensure(self, scope: TenantScope) -> None:
        """Makes the company's index when there is none."""
        alias = self._alias(scope)
        # An index that nobody has written to is there, too: whoever made it ended too soon, or is about to write.
        if self._about_ready(scope) is not None or self._indices_behind(alias):
            return
        body = layout.index_body(scope, self._space, self._picture_space) | {"aliases": {alias: {}}}
        name = layout.index_name(alias)
        try:
            self._asked(lambda: self._client.indices.create(index=name, body=body, request_timeout=WRITE_SECONDS))
        except VendorError as error:
            if not isinstance(error.__cause__, RequestError) or error.__cause__.error != ALREADY_THERE:
                raise
            self._about_ready(scope)

    def _allow_expiry(self, scope: TenantScope) -> None:
        """An index from before chunks could expire takes none that names a last day, until it knows the field."""
        body = {"properties": layout.EXPIRY}
        alias = self._alias(scope)
        self._asked(lambda: self._client.indices.put_mapping(index=alias, body=body, request_timeout=WRITE_SECONDS))

    def _about_ready(self, scope: TenantScope) -> _Known | None:
        """What is known of the index, once it can be asked: one that another writer is just making cannot at once."""
        end = self._clock() + WRITE_SECONDS
        while True:
            try:
                return self._about(scope, end, anew=True)
            except VendorError as error:
                cause = error.__cause__
                if not isinstance(cause, TransportError) or cause.status_code != 503 or self._clock() > end:
                    raise
            time.sleep(0.1)

    def _write(
        self, scope: TenantScope, lines: list[Json], gone: Sequence[str], languages: set[str], *, replaces: bool
    ) -> None:
        alias = self._alias(scope)
        known = self._about(scope, self._clock() + WRITE_SECONDS)
        document = layout.about_document(scope, sorted(languages | set(known.languages if known else ())))
        lines = [*lines, *({"delete": {"_id": key}} for key in gone), {"index": {"_id": layout.ABOUT}}, document]
        # Sizes of lines differ widely, so batches are cut by bytes.
        for batch in _batches(lines):
            opensearch_bulk.write(batch, lambda body: self._sent(alias, body))
        self._asked(lambda: self._client.indices.refresh(index=alias, request_timeout=WRITE_SECONDS))
        if replaces:
            # What was replaced would count in the rarity of words until Lucene merges it away.
            self._asked(
                lambda: self._client.indices.forcemerge(
                    index=alias, params={"only_expunge_deletes": "true"}, request_timeout=WRITE_SECONDS
                )
            )
        self._known.pop(scope.company_id, None)

    def _sent(self, alias: str, batch: str) -> Json:
        answer = self._asked(lambda: self._client.bulk(body=batch, index=alias, request_timeout=WRITE_SECONDS))
        if not isinstance(answer, dict) or not isinstance(answer.get("items"), list):
            raise VendorError("OpenSearch answered in another form than it documents", vendor=VENDOR)
        return answer

    def _keys_of(self, scope: TenantScope, source_id: str) -> set[str]:
        return {hit["_id"] for hit in self._all(scope, {"kind": "chunk", "source_id": source_id}, [])}

    def _chunks(self, scope: TenantScope, wanted: Json) -> list[Chunk]:
        found = [Chunk.model_validate_json(hit["_source"]["record"]) for hit in self._all(scope, wanted, ["record"])]
        return sorted(found, key=lambda chunk: chunk.chunk_id)

    def _all(self, scope: TenantScope, wanted: Json, fields: list[str]) -> list[Json]:
        """Every such document."""
        return [hit for page in self._pages(scope, wanted, fields) for hit in page["hits"]["hits"]]

    def _pages(
        self, scope: TenantScope, wanted: Json, fields: list[str], aggregations: Json | None = None
    ) -> Iterator[Json]:
        """Such documents, `PAGE` at a time. A page that is not full is the last one, so that few are seen as one."""
        after: list[Any] | None = None
        while True:
            page = self._found(scope, wanted, size=PAGE, fields=fields, after=after, aggregations=aggregations)
            if page is None or not page["hits"]["hits"]:
                return
            yield page
            if len(page["hits"]["hits"]) < PAGE:
                return
            after, aggregations = page["hits"]["hits"][-1]["sort"], None

    def _found(
        self,
        scope: TenantScope,
        wanted: Json,
        *,
        size: int,
        fields: list[str] | None = None,
        after: list[Any] | None = None,
        aggregations: Json | None = None,
    ) -> Json | None:
        """The documents of a company with these values; None when it has no index."""
        body: Json = {
            "size": size,
            "track_total_hits": True,
            "query": {
                "bool": {"filter": [layout.company_filter(scope), *({"term": {k: v}} for k, v in wanted.items())]}
            },
            "_source": ["company", *(fields or ())],
        }
        if size:
            body["sort"] = [{"source_id": "asc"}, {"chunk_id": {"order": "asc", "missing": "_first"}}]
        if after:
            body["search_after"] = after
        if aggregations:
            body["aggs"] = aggregations
        alias = self._alias(scope)
        try:
            page = _whole(
                self._asked(lambda: self._client.search(index=alias, body=body, request_timeout=WRITE_SECONDS))
            )
        except _Gone:
            return None
        check_marks(scope, (hit["_source"]["company"] for hit in page["hits"]["hits"]), "opensearch")
        return page

    def _alias(self, scope: TenantScope) -> str:
        return layout.alias_of(scope, self._label)

    def _indices_behind(self, alias: str) -> list[str]:
        try:
            return list(self._asked(lambda: self._client.indices.get_alias(name=alias, request_timeout=WRITE_SECONDS)))
        except _Gone:
            return []

    def _delete(self, name: str) -> None:
        self._asked(
            lambda: self._client.indices.delete(index=name, ignore_unavailable=True, request_timeout=WRITE_SECONDS)
        )

    def _bm25_factor(self, scope: TenantScope, end: float) -> float:
        """Read from the index and not from the cluster, about which a role that may only search is told nothing."""
        factor = self._factors.get(scope.company_id)
        if factor is None:
            left = max(0.001, end - self._clock())
            told = self._asked(
                lambda: self._client.indices.get_settings(
                    index=self._alias(scope), name=CREATED, params={"flat_settings": "true"}, request_timeout=left
                )
            )
            created = int(next(iter(told.values()))["settings"][CREATED])
            is_new = bool(created & _OURS) and (created ^ _OURS) >= 3_000_000
            factor = self._factors[scope.company_id] = 1.0 if is_new else _LEGACY_FACTOR
        return factor

    @staticmethod
    def _asked(ask: Callable[[], Any]) -> Any:
        """What the cluster answers, or its failure in our words."""
        try:
            return ask()
        except NotFoundError as error:
            if "index_not_found" in str(error.error) or error.info is not None:
                raise _Gone from error
            raise VendorError("OpenSearch answered with status 404", vendor=VENDOR) from error
        except ConnectionTimeout as error:
            raise VendorError("OpenSearch did not answer in time", vendor=VENDOR, retryable=True) from error
        except Unreachable as error:
            raise VendorError("OpenSearch cannot be reached", vendor=VENDOR, retryable=True) from error
        except RequestError as error:
            raise VendorError(f"OpenSearch refused the request ({error.error})", vendor=VENDOR) from error
        except TransportError as error:
            status = error.status_code
            passing = not isinstance(status, int) or status == 429 or status >= 500
            raise VendorError(f"OpenSearch failed ({status})", vendor=VENDOR, retryable=passing) from error
        except (OpenSearchException, ValueError) as error:
            raise VendorError("OpenSearch answered in another form than it documents", vendor=VENDOR) from error


class _Gone(Exception):
    """There is no such index, or no such document."""


def _whole(answer: Json) -> Json:
    """Raises: VendorError, when a part of the index could not answer; _Gone, when there is no index."""
    if "error" in answer:
        kind = answer["error"].get("type", "unknown") if isinstance(answer["error"], dict) else "unknown"
        if kind == "index_not_found_exception":
            raise _Gone
        status = answer.get("status", 500)
        raise VendorError(f"OpenSearch failed ({kind})", vendor=VENDOR, retryable=status == 429 or status >= 500)
    if answer["timed_out"] or answer["_shards"]["failed"] > 0:
        raise VendorError("OpenSearch answered for a part of the index only", vendor=VENDOR, retryable=True)
    return answer


def _batches(lines: Sequence[Json]) -> list[str]:
    """Newline-delimited JSON of a few megabytes each; an action and its document stay together."""
    batches: list[str] = []
    current: list[str] = []
    size = 0
    for line in lines:
        text = json.dumps(line)
        if size > BULK_BYTES and ("index" in line or "delete" in line):
            batches.append("\n".join(current) + "\n")
            current, size = [], 0
        current.append(text)
        size += len(text)
    return [*batches, "\n".join(current) + "\n"] if current else batches

"""What is read of a company's documents at OpenSearch beside hits: its sources, its chunks, and what they count."""

from collections.abc import Callable, Iterator
from typing import Any

from opensearchpy import OpenSearch

from aisdr.index import opensearch_layout as layout
from aisdr.index.base import Chunk
from aisdr.index.opensearch_answers import Gone, asked, whole
from aisdr.index.opensearch_indices import WRITE_SECONDS
from aisdr.index.opensearch_layout import Json
from aisdr.tenant import TenantScope
from aisdr.trespass import check_marks

PAGE = 1_000


class Documents:
    """Documents by the values of their fields; a company has none that are not marked as its own.

    Raises (every method):
        Trespass: another company's came along.
        VendorError: the cluster is away, late, or answers what it should not; an incomplete answer counts as none.
    """

    def __init__(self, client: OpenSearch, alias_of: Callable[[TenantScope], str]) -> None:
        self._client = client
        self._alias_of = alias_of

    def chunks(self, scope: TenantScope, wanted: Json) -> list[Chunk]:
        found = [Chunk.model_validate_json(hit["_source"]["record"]) for hit in self.all(scope, wanted, ["record"])]
        return sorted(found, key=lambda chunk: chunk.chunk_id)

    def all(self, scope: TenantScope, wanted: Json, fields: list[str]) -> list[Json]:
        """Every such document."""
        return [hit for page in self.pages(scope, wanted, fields) for hit in page["hits"]["hits"]]

    def pages(
        self, scope: TenantScope, wanted: Json, fields: list[str], aggregations: Json | None = None
    ) -> Iterator[Json]:
        """Such documents, `PAGE` at a time. A page that is not full is the last one, so that few are seen as one."""
        after: list[Any] | None = None
        while True:
            page = self.found(scope, wanted, size=PAGE, fields=fields, after=after, aggregations=aggregations)
            if page is None or not page["hits"]["hits"]:
                return
            yield page
            if len(page["hits"]["hits"]) < PAGE:
                return
            after, aggregations = page["hits"]["hits"][-1]["sort"], None

    def found(
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
        alias = self._alias_of(scope)
        try:
            page = whole(asked(lambda: self._client.search(index=alias, body=body, request_timeout=WRITE_SECONDS)))
        except Gone:
            return None
        check_marks(scope, (hit["_source"]["company"] for hit in page["hits"]["hits"]), "opensearch")
        return page

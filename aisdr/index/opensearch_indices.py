"""The index that each company has at OpenSearch: whether it is there and ours, and what we know of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from opensearchpy import OpenSearch
from opensearchpy.exceptions import RequestError, TransportError

from aisdr.errors import NotConfigured, VendorError
from aisdr.index import opensearch_layout as layout
from aisdr.index.opensearch_answers import Gone, another_form, asked
from aisdr.inference.base import VectorSpace
from aisdr.tenant import TenantScope

WRITE_SECONDS = 30.0
KNOWN_SECONDS = 2.0
"""How long another process's change of a company may stay unnoticed by us."""
ALREADY_THERE = "resource_already_exists_exception"
CREATED = "index.version.created"
_LEGACY_FACTOR = 2.2
"""In an index made by version 2 or older OpenSearch multiplies BM25 with `k1 + 1`."""
_OURS = 0x08000000
"""The bit that tells a version of OpenSearch from one of what it came from."""


@dataclass(frozen=True)
class Known:
    """What we know of a company's index, and since when."""

    version: str
    languages: tuple[str, ...]
    chunks: int
    at: float


class Indices:
    """All that are made with one embedder. Safe to share between threads.

    Raises (every method):
        NotConfigured: an index was made with another embedder, or by another version of this engine.
        VendorError: the cluster is away, late, or answers what it should not.
    """

    def __init__(
        self,
        client: OpenSearch,
        space: VectorSpace,
        picture_space: VectorSpace | None,
        label: str,
        clock: Callable[[], float],
    ) -> None:
        self._client = client
        self._space = space
        self._picture_space = picture_space
        self._label = label
        self._clock = clock
        self._known: dict[str, Known] = {}
        self._factors: dict[str, float] = {}

    def alias(self, scope: TenantScope) -> str:
        return layout.alias_of(scope, self._label)

    def about(self, scope: TenantScope, end: float, *, anew: bool = False) -> Known | None:
        """None when the company has no index. Looked up again when what we know is old."""
        alias = self.alias(scope)
        now = self._clock()
        known = self._known.get(scope.company_id)
        if known is not None and not anew and now - known.at < KNOWN_SECONDS:
            return known
        left = max(0.001, end - now)
        first = known is None
        try:
            if first:
                self._check(scope, left)
            told = asked(lambda: self._client.get(index=alias, id=layout.ABOUT, request_timeout=left))
            source = told["_source"]
            counted = asked(
                lambda: self._client.count(
                    index=alias,
                    body={"query": {"bool": {"filter": [layout.company_filter(scope), {"term": {"kind": "chunk"}}]}}},
                    request_timeout=max(0.001, end - self._clock()),
                )
            )
            fresh = Known(source["version"], tuple(source["languages"]), int(counted["count"]), now)
        except Gone:
            self._known.pop(scope.company_id, None)
            return None
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise another_form() from error
        self._known[scope.company_id] = fresh
        return fresh

    def ensure(self, scope: TenantScope) -> None:
        """Makes the company's index when there is none."""
        alias = self.alias(scope)
        if self._ready(scope) is not None:
            return
        # An index that nobody has written to is there, too: whoever made it ended too soon, or is about to write.
        if self._behind(alias):
            self._ready(scope)
            return
        body = layout.index_body(scope, self._space, self._picture_space) | {"aliases": {alias: {}}}
        name = layout.index_name(alias)
        try:
            asked(lambda: self._client.indices.create(index=name, body=body, request_timeout=WRITE_SECONDS))
        except VendorError as error:
            if not isinstance(error.__cause__, RequestError) or error.__cause__.error != ALREADY_THERE:
                raise
            self._ready(scope)

    def allow_expiry(self, scope: TenantScope) -> None:
        """An index from before chunks could expire takes none that names a last day, until it knows the field."""
        body = {"properties": layout.EXPIRY}
        alias = self.alias(scope)
        asked(lambda: self._client.indices.put_mapping(index=alias, body=body, request_timeout=WRITE_SECONDS))

    def remove(self, scope: TenantScope) -> None:
        """Takes a company's index away, with all that is in it."""
        for name in self._behind(self.alias(scope)):
            self._delete(name)
        self._known.pop(scope.company_id, None)
        self._factors.pop(scope.company_id, None)

    def changed(self, scope: TenantScope) -> None:
        """What we knew of it is no longer so."""
        self._known.pop(scope.company_id, None)

    def bm25_factor(self, scope: TenantScope, end: float) -> float:
        """Read from the index and not from the cluster, about which a role that may only search is told nothing."""
        factor = self._factors.get(scope.company_id)
        if factor is None:
            left = max(0.001, end - self._clock())
            told = asked(
                lambda: self._client.indices.get_settings(
                    index=self.alias(scope), name=CREATED, params={"flat_settings": "true"}, request_timeout=left
                )
            )
            created = int(next(iter(told.values()))["settings"][CREATED])
            is_new = bool(created & _OURS) and (created ^ _OURS) >= 3_000_000
            factor = self._factors[scope.company_id] = 1.0 if is_new else _LEGACY_FACTOR
        return factor

    def _check(self, scope: TenantScope, seconds: float) -> None:
        """Raises: NotConfigured, Gone."""
        alias = self.alias(scope)
        mappings = asked(lambda: self._client.indices.get_mapping(index=alias, request_timeout=seconds))
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

    def _ready(self, scope: TenantScope) -> Known | None:
        """What is known of the index, once it can be asked: one that another writer is just making cannot at once."""
        end = self._clock() + WRITE_SECONDS
        while True:
            try:
                return self.about(scope, end, anew=True)
            except VendorError as error:
                cause = error.__cause__
                if not isinstance(cause, TransportError) or cause.status_code != 503 or self._clock() > end:
                    raise
            time.sleep(0.1)

    def _behind(self, alias: str) -> list[str]:
        try:
            return list(asked(lambda: self._client.indices.get_alias(name=alias, request_timeout=WRITE_SECONDS)))
        except Gone:
            return []

    def _delete(self, name: str) -> None:
        asked(lambda: self._client.indices.delete(index=name, ignore_unavailable=True, request_timeout=WRITE_SECONDS))

"""How a company's index at OpenSearch is laid out: its names, its settings, its documents.

Every company has an index of its own, behind an alias. Terms are cut by us and kept
with their spaces, so that both engines count the same ones; Lucene is the only k-NN engine that runs wherever
OpenSearch does.
"""

import hashlib
import secrets
import time
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from aisdr.configuration import primary
from aisdr.index.analysis import terms_of, written_words
from aisdr.index.base import Chunk, SourceRecord
from aisdr.inference.base import Vectors, VectorSpace
from aisdr.tenant import TenantScope, mark_of

FORMAT = "1"
"""Raise it when the fields or the analysis change: an older index is then refused instead of misread."""
ABOUT = "about"
"""Id of the document that tells a company's version and languages."""

Json = dict[str, Any]
EXPIRY: Json = {"expires": {"type": "date", "format": "strict_date"}}
"""The field of a chunk's last day. It came later than the others: an older index gets it with its first such chunk, and
nothing in it can have expired before."""


def alias_of(scope: TenantScope, label: str = "") -> str:
    """The name a company's index is asked by. No company id can steer it, and without one there is none.

    `label` tells it apart from the company's index for another embedder (`Home.label`).
    """
    return "-".join(part for part in ("aisdr", mark_of(scope), label) if part)


def index_name(alias: str) -> str:
    """One that is always the same, so that of two writers who begin at once only one can make the index."""
    return f"{alias}-{FORMAT}"


def company_filter(scope: TenantScope) -> Json:
    """Every sub-query carries it, although the index holds nobody else's chunks."""
    return {"term": {"company": mark_of(scope)}}


def current_filter(day: date) -> Json:
    """Chunks that may be found on that day. It is ours, and not the cluster's `now`: both engines ask one clock."""
    return {"bool": {"must_not": [{"range": {"expires": {"lt": day.isoformat()}}}]}}


def index_body(scope: TenantScope, space: VectorSpace, picture_space: VectorSpace | None) -> Json:
    keyword = {"type": "keyword"}
    fields: Json = {
        "company": keyword,
        "kind": keyword,
        "source_id": keyword,
        "chunk_id": keyword,
        "modality": keyword,
        "language": keyword,
        "tags": keyword,
        "origins": keyword,
        "has_media": {"type": "boolean"},
        "terms": {"type": "text", "analyzer": "whitespace", "similarity": "lucene"},
        "words": keyword,
        "vector": _vector(space.dimension),
        "revision": keyword,
        "record": {"type": "keyword", "index": False, "doc_values": False},
        "version": keyword,
        "languages": keyword,
        **EXPIRY,
    }
    if picture_space is not None:
        fields["picture_vector"] = _vector(picture_space.dimension)
    return {
        "settings": {
            "index": {
                "knn": True,
                # One shard: scores are counted over all of a company's chunks, as the embedded engine counts them.
                "number_of_shards": 1,
                # A change is seen when it is whole: we refresh ourselves.
                "refresh_interval": "-1",
                # What was replaced leaves the counts at once when we merge it away.
                "merge": {"policy": {"expunge_deletes_allowed": 0}},
                "similarity": {"lucene": {"type": "BM25", "k1": 1.2, "b": 0.75}},
            }
        },
        "mappings": {
            "dynamic": "strict",
            "_meta": about(scope, space, picture_space),
            "properties": fields,
        },
    }


def about(scope: TenantScope, space: VectorSpace, picture_space: VectorSpace | None) -> dict[str, str]:
    """What an index was made for; it is compared before it is used."""
    return {
        "format": FORMAT,
        "company": mark_of(scope),
        "embedder": space.name,
        "dimension": str(space.dimension),
        "picture_embedder": picture_space.name if picture_space else "none",
        "picture_dimension": str(picture_space.dimension if picture_space else 0),
    }


def new_revision() -> str:
    """Greater than every earlier one; all chunks of a source that were written together have the same."""
    return f"{time.time_ns():020d}-{secrets.token_hex(2)}"


def chunk_document(
    scope: TenantScope, chunk: Chunk, vector: Vectors, picture_vector: Vectors | None, revision: str
) -> Json:
    words = written_words(chunk.searchable_text)
    document: Json = {
        "company": mark_of(scope),
        "kind": "chunk",
        "source_id": chunk.source_id,
        "chunk_id": chunk.chunk_id,
        "modality": chunk.modality,
        "language": primary(chunk.language),
        "tags": list(chunk.tags),
        "origins": list(chunk.origins),
        "has_media": chunk.media is not None,
        "terms": " ".join(terms_of(words, chunk.language)),
        "words": sorted(set(words)),
        "vector": _numbers(vector),
        "revision": revision,
        "record": chunk.model_dump_json(by_alias=True, exclude_defaults=True),
    }
    if chunk.expires is not None:
        document["expires"] = chunk.expires.isoformat()
    return document if picture_vector is None else document | {"picture_vector": _numbers(picture_vector)}


def source_document(scope: TenantScope, source: SourceRecord, record: str) -> Json:
    return {"company": mark_of(scope), "kind": "source", "source_id": source.source_id, "record": record}


def about_document(scope: TenantScope, languages: Sequence[str]) -> Json:
    return {
        "company": mark_of(scope),
        "kind": "about",
        # Not a number: an index that was made anew must not come back to a version already seen.
        "version": secrets.token_hex(8),
        "languages": sorted(languages),
    }


def chunk_key(chunk_id: str) -> str:
    """Of any length and any characters; OpenSearch takes 512 bytes."""
    return "c-" + hashlib.sha256(chunk_id.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def source_key(source_id: str) -> str:
    return "s-" + hashlib.sha256(source_id.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def _vector(dimension: int) -> Json:
    return {
        "type": "knn_vector",
        "dimension": dimension,
        "method": {
            "name": "hnsw",
            "engine": "lucene",
            "space_type": "cosinesimil",
            "parameters": {"m": 16, "ef_construction": 128},
        },
    }


def _numbers(vector: Vectors) -> list[float]:
    return [float(number) for number in np.asarray(vector, dtype=np.float32).reshape(-1)]

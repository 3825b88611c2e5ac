"""The embedded engine: one SQLite file per company, searched in memory; for a laptop, a test or a single server."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

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
from aisdr.index.embedded_files import CompanyFiles, version_of
from aisdr.index.embedded_memory import LoadedCompanies
from aisdr.index.embedded_rows import insert, load
from aisdr.index.file_state import state_of
from aisdr.index.loaded import LoadedCompany
from aisdr.index.numbers import unpacked
from aisdr.inference.base import Vectors, VectorSpace
from aisdr.tenant import TenantScope
from aisdr.trespass import check_marks


class EmbeddedIndex:
    """A folder of company files. Another company's chunks are not filtered out: they are not in the file at all.

    Safe to share between threads. Any number of processes may read while one writes; a reader sees the state before
    or after a whole source was replaced, and notices a change at its next question.

    Args:
        label: tells these files apart from those of the same companies for other embedders (`Home.label`).

    Raises:
        NotConfigured: at use, when a file was made with another embedder or by another version of this engine.
        VendorError: a search has to wait for longer than its timeout until another thread has loaded the company.
    """

    def __init__(
        self,
        folder: Path | str,
        space: VectorSpace,
        picture_space: VectorSpace | None = None,
        *,
        label: str = "",
        keep_loaded: int = 32,
        today: Today = today,
    ) -> None:
        self._files = CompanyFiles(Path(folder), space, picture_space, label)
        self._loaded = LoadedCompanies(keep_loaded)
        self._space = space
        self._picture_space = picture_space
        self._today = today

    def search(self, scope: TenantScope, query: IndexQuery, timeout: float | None = None) -> list[SearchHit]:
        company = self._company(scope, timeout)
        return company.search(query, self._today()) if company else []

    def media_chunks(self, scope: TenantScope) -> list[Chunk]:
        company = self._company(scope)
        return company.media_chunks(self._today()) if company else []

    def sources(self, scope: TenantScope) -> list[SourceRecord]:
        with self._files.reading(scope) as connection:
            if connection is None:
                return []
            rows = connection.execute(
                "SELECT source_id, content_hash, tavus_document_id, extra,"
                " (SELECT count(*) FROM chunks WHERE chunks.source_id = sources.source_id)"
                " FROM sources ORDER BY source_id"
            )
            return [
                SourceRecord(source_id, content_hash, count, document_id, json.loads(extra))
                for source_id, content_hash, document_id, extra, count in rows
            ]

    def chunks(self, scope: TenantScope, source_id: str) -> list[Chunk]:
        with self._files.reading(scope) as connection:
            if connection is None:
                return []
            rows = connection.execute("SELECT record FROM chunks WHERE source_id = ? ORDER BY chunk_id", [source_id])
            return [Chunk.model_validate_json(record) for (record,) in rows]

    def vectors(self, scope: TenantScope, source_id: str) -> dict[str, Vectors]:
        with self._files.reading(scope) as connection:
            if connection is None:
                return {}
            rows = connection.execute("SELECT chunk_id, vector FROM chunks WHERE source_id = ?", [source_id])
            return {chunk_id: np.frombuffer(vector, dtype=np.float32) for chunk_id, vector in rows}

    def version(self, scope: TenantScope) -> str:
        if (company := self._loaded.unchanged(scope, state_of(self._files.path(scope)))) is not None:
            return company.version
        with self._files.reading(scope) as connection:
            return version_of(connection) if connection else ""

    def vocabulary(self, scope: TenantScope) -> Vocabulary:
        with self._files.reading(scope) as connection:
            if connection is None:
                return Vocabulary(0, {})
            blobs = [blob for (blob,) in connection.execute("SELECT words FROM chunks")]
            names = connection.execute("SELECT number, name FROM words").fetchall()
        found = np.bincount(unpacked(blobs), minlength=1 + max((number for number, _ in names), default=-1))
        return Vocabulary(len(blobs), {name: int(found[number]) for number, name in names if found[number]})

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
        with self._files.writing(scope) as connection:
            connection.execute("DELETE FROM chunks WHERE source_id = ?", [source.source_id])
            connection.execute(
                "INSERT OR REPLACE INTO sources VALUES (?, ?, ?, ?)",
                [source.source_id, source.content_hash, source.tavus_document_id, json.dumps(source.extra)],
            )
            insert(connection, source.source_id, chunks, vectors, shown)

    def remove_source(self, scope: TenantScope, source_id: str) -> None:
        if not self._files.path(scope).exists():
            return
        with self._files.writing(scope) as connection:
            connection.execute("DELETE FROM chunks WHERE source_id = ?", [source_id])
            connection.execute("DELETE FROM sources WHERE source_id = ?", [source_id])

    def remove_company(self, scope: TenantScope) -> None:
        self._files.remove(scope)
        self._loaded.forget(scope)

    def _company(self, scope: TenantScope, timeout: float | None = None) -> LoadedCompany | None:
        """The company as its file is now; loaded again only when the file's version has changed.

        Raises:
            Trespass: what is loaded under this company's name is another one's.
        """
        company = self._current(scope, timeout)
        if company is not None:
            check_marks(scope, [company.owner], "embedded")
        return company

    def _current(self, scope: TenantScope, timeout: float | None) -> LoadedCompany | None:
        state = state_of(self._files.path(scope))  # before it is read: what is written meanwhile is noticed next time
        if (company := self._loaded.unchanged(scope, state)) is not None:
            return company
        with self._files.reading(scope) as connection:
            if connection is None:
                return None
            version = version_of(connection)
            if (company := self._loaded.kept(scope, version)) is None:
                # Two that load at once take twice as long, and both legs of a search come at the same moment.
                with self._loaded.turn(scope, timeout):
                    company = self._loaded.kept(scope, version)
                    if company is None:
                        company = load(connection, version, self._space, self._picture_space)
                        self._loaded.keep(scope, company, None)
        self._loaded.keep(scope, company, state)
        return company

"""The embedded engine: one SQLite file per company, searched in memory; for a laptop, a test or a single server."""

import hashlib
import json
import re
import secrets
import sqlite3
import threading
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from aisdr.configuration import primary
from aisdr.errors import NotConfigured, VendorError
from aisdr.index.analysis import terms_of, written_words
from aisdr.index.base import Chunk, IndexQuery, SearchHit, SourceRecord, Today, Vocabulary, check_vectors, today
from aisdr.index.bm25 import Bm25
from aisdr.index.file_state import FileState, state_of
from aisdr.index.loaded import Directions, LoadedCompany, last_days
from aisdr.index.numbers import numbers_of, packed, unpacked
from aisdr.inference.base import Vectors, VectorSpace
from aisdr.tenant import TenantScope, mark, mark_of
from aisdr.trespass import check_marks

FORMAT = "2"
"""Raise it when the tables or the analysis change: an older file is then refused instead of misread."""

BUSY_SECONDS = 30

_TABLES = """
CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS sources (
    source_id TEXT PRIMARY KEY, content_hash TEXT NOT NULL, tavus_document_id TEXT, extra TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS terms (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE IF NOT EXISTS words (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE IF NOT EXISTS chunks (
    chunk_id TEXT PRIMARY KEY, source_id TEXT NOT NULL, record TEXT NOT NULL, modality TEXT NOT NULL,
    language TEXT NOT NULL, origins TEXT NOT NULL, tags TEXT NOT NULL, has_media INTEGER NOT NULL,
    vector BLOB NOT NULL, picture_vector BLOB, terms BLOB NOT NULL, counts BLOB NOT NULL, words BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS chunks_by_source ON chunks (source_id);
"""
_COLUMNS = "record, modality, language, origins, tags, has_media, vector, picture_vector, terms, counts"


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
        self._folder = Path(folder)
        self._label = label
        self._space = space
        self._picture_space = picture_space
        self._keep_loaded = keep_loaded
        self._today = today
        self._loaded: OrderedDict[str, tuple[LoadedCompany, FileState | None]] = OrderedDict()
        self._turns: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def search(self, scope: TenantScope, query: IndexQuery, timeout: float | None = None) -> list[SearchHit]:
        company = self._company(scope, timeout)
        return company.search(query, self._today()) if company else []

    def media_chunks(self, scope: TenantScope) -> list[Chunk]:
        company = self._company(scope)
        return company.media_chunks(self._today()) if company else []

    def sources(self, scope: TenantScope) -> list[SourceRecord]:
        with self._reading(scope) as connection:
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
        with self._reading(scope) as connection:
            if connection is None:
                return []
            rows = connection.execute("SELECT record FROM chunks WHERE source_id = ? ORDER BY chunk_id", [source_id])
            return [Chunk.model_validate_json(record) for (record,) in rows]

    def vectors(self, scope: TenantScope, source_id: str) -> dict[str, Vectors]:
        with self._reading(scope) as connection:
            if connection is None:
                return {}
            rows = connection.execute("SELECT chunk_id, vector FROM chunks WHERE source_id = ?", [source_id])
            return {chunk_id: np.frombuffer(vector, dtype=np.float32) for chunk_id, vector in rows}

    def version(self, scope: TenantScope) -> str:
        if (company := self._unchanged(scope, state_of(self._file(scope)))) is not None:
            return company.version
        with self._reading(scope) as connection:
            return _version(connection) if connection else ""

    def vocabulary(self, scope: TenantScope) -> Vocabulary:
        with self._reading(scope) as connection:
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
        if shown:
            pictured = [chunk for chunk in chunks if chunk.chunk_id in shown]
            check_vectors(pictured, np.stack([shown[each.chunk_id] for each in pictured]), self._picture_space)
        with self._writing(scope) as connection:
            connection.execute("DELETE FROM chunks WHERE source_id = ?", [source.source_id])
            connection.execute(
                "INSERT OR REPLACE INTO sources VALUES (?, ?, ?, ?)",
                [source.source_id, source.content_hash, source.tavus_document_id, json.dumps(source.extra)],
            )
            _insert(connection, source.source_id, chunks, vectors, shown)

    def remove_source(self, scope: TenantScope, source_id: str) -> None:
        if not self._file(scope).exists():
            return
        with self._writing(scope) as connection:
            connection.execute("DELETE FROM chunks WHERE source_id = ?", [source_id])
            connection.execute("DELETE FROM sources WHERE source_id = ?", [source_id])

    def remove_company(self, scope: TenantScope) -> None:
        file = self._file(scope)
        for path in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
            path.unlink(missing_ok=True)
        with self._lock:
            self._loaded.pop(scope.company_id, None)

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
        state = state_of(self._file(scope))  # before it is read: what is written meanwhile is noticed next time
        if (company := self._unchanged(scope, state)) is not None:
            return company
        with self._reading(scope) as connection:
            if connection is None:
                return None
            version = _version(connection)
            if (company := self._kept(scope, version)) is None:
                # Two that load at once take twice as long, and both legs of a search come at the same moment.
                with self._turn(scope, timeout):
                    company = self._kept(scope, version)
                    if company is None:
                        company = _load(connection, version, self._space, self._picture_space)
                        self._keep(scope, company, None)
        self._keep(scope, company, state)
        return company

    def _kept(self, scope: TenantScope, version: str) -> LoadedCompany | None:
        with self._lock:
            company, _ = self._loaded.get(scope.company_id, (None, None))
        return company if company is not None and company.version == version else None

    def _keep(self, scope: TenantScope, company: LoadedCompany, state: FileState | None) -> None:
        with self._lock:
            self._loaded[scope.company_id] = company, state
            self._loaded.move_to_end(scope.company_id)
            while len(self._loaded) > self._keep_loaded:
                self._loaded.popitem(last=False)

    @contextmanager
    def _turn(self, scope: TenantScope, timeout: float | None) -> Iterator[None]:
        """Nobody else loads this company meanwhile. Raises: VendorError, when somebody does for longer than that."""
        with self._lock:
            turn = self._turns.setdefault(scope.company_id, threading.Lock())
        if not turn.acquire(timeout=-1 if timeout is None else max(0.0, timeout)):
            raise VendorError(
                f"The search index of company '{scope.company_id}' is still being read",
                vendor="embedded",
                retryable=True,
            )
        try:
            yield
        finally:
            turn.release()

    def _unchanged(self, scope: TenantScope, state: FileState | None) -> LoadedCompany | None:
        """The company as it was loaded, when its file is in the same state."""
        with self._lock:
            company, at = self._loaded.get(scope.company_id, (None, None))
            if company is None or state is None or at != state:
                return None
            self._loaded.move_to_end(scope.company_id)
            return company

    @contextmanager
    def _reading(self, scope: TenantScope) -> Iterator[sqlite3.Connection | None]:
        """One consistent view of the file, or None when nothing was ever ingested."""
        file = self._file(scope)
        try:
            # None is kept open: a file that is deleted and made anew under an open connection may lose what is written.
            connection = self._connect(f"{file.absolute().as_uri()}?mode=rw")
        except sqlite3.OperationalError:
            if file.exists():
                raise
            yield None
            return
        try:
            connection.execute("BEGIN")
            yield connection if self._check(scope, connection, file) else None
        finally:
            connection.close()

    @contextmanager
    def _writing(self, scope: TenantScope) -> Iterator[sqlite3.Connection]:
        """One transaction, seen as a whole or not at all."""
        file = self._file(scope)
        self._folder.mkdir(parents=True, exist_ok=True)
        connection = self._connect(file.absolute().as_uri())
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
            if not self._check(scope, connection, file):
                for statement in _TABLES.split(";"):
                    connection.execute(statement)
                connection.executemany("INSERT INTO about VALUES (?, ?)", self._about(scope).items())
            yield connection
            # Not a number: a file that was deleted and made anew must not come back to a version already seen.
            connection.execute("INSERT OR REPLACE INTO about VALUES ('version', ?)", [secrets.token_hex(8)])
            connection.execute("COMMIT")
        finally:
            connection.close()  # rolls back what was not committed

    @staticmethod
    def _connect(uri: str) -> sqlite3.Connection:
        return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)

    def _about(self, scope: TenantScope) -> dict[str, str]:
        return {
            "format": FORMAT,
            "company_id": scope.company_id,
            "embedder": self._space.name,
            "dimension": str(self._space.dimension),
            "picture_embedder": self._picture_space.name if self._picture_space else "none",
            "picture_dimension": str(self._picture_space.dimension if self._picture_space else 0),
        }

    def _check(self, scope: TenantScope, connection: sqlite3.Connection, file: Path) -> bool:
        """False for a file without tables; raises when the file is not ours to use."""
        if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'about'").fetchone() is None:
            return False
        found: dict[str, str] = dict(connection.execute("SELECT key, value FROM about").fetchall())
        for key, wanted in self._about(scope).items():
            if found.get(key) != wanted:
                raise NotConfigured(
                    f"The search index of company '{scope.company_id}' was made with {key} '{found.get(key)}', but "  # nosec B608  # a sentence for people and no SQL
                    f"'{wanted}' is configured: delete {file.name} from the index folder and run `aisdr ingest` again",
                    code="index_mismatch",
                )
        return True

    def _file(self, scope: TenantScope) -> Path:
        return file_of(self._folder, scope, self._label)


def file_of(folder: Path, scope: TenantScope, label: str = "") -> Path:
    """A readable name that no company id can steer: the digest decides, the words are for people.

    This is the one place where a company is chosen, and without one nothing is.
    """
    mark_of(scope)  # refuses what is no company
    words = re.sub(r"[^a-z0-9-]", "_", scope.company_id.lower())[:40]
    digest = hashlib.sha256(scope.company_id.encode()).hexdigest()[:16]
    return folder / ".".join(part for part in (words, digest, label, "sqlite3") if part)


def _version(connection: sqlite3.Connection) -> str:
    return str(connection.execute("SELECT value FROM about WHERE key = 'version'").fetchone()[0])


def _insert(
    connection: sqlite3.Connection,
    source_id: str,
    chunks: Sequence[Chunk],
    vectors: Vectors,
    picture_vectors: Mapping[str, Vectors],
) -> None:
    for chunk in chunks:
        if chunk.source_id != source_id:
            raise ValueError(f"chunk '{chunk.chunk_id}' belongs to '{chunk.source_id}', not to '{source_id}'")
    read = [written_words(chunk.searchable_text) for chunk in chunks]
    counted = [Counter(terms_of(words, chunk.language)) for words, chunk in zip(read, chunks, strict=True)]
    written = [Counter(set(words)) for words in read]
    term_numbers = numbers_of(connection, "terms", (name for each in counted for name in each))
    word_numbers = numbers_of(connection, "words", (name for each in written for name in each))
    columns = f"chunk_id, source_id, {_COLUMNS}, words"
    places = ", ".join("?" * (columns.count(",") + 1))
    connection.executemany(
        f"INSERT INTO chunks ({columns}) VALUES ({places})",  # noqa: S608  (names from above)  # nosec B608  # only names of columns that stand in this file
        [
            (
                chunk.chunk_id,
                source_id,
                chunk.model_dump_json(by_alias=True, exclude_defaults=True),
                chunk.modality,
                primary(chunk.language),
                ",".join(chunk.origins),
                "".join(f"\n{tag}\n" for tag in chunk.tags),
                chunk.media is not None,
                np.asarray(vector, dtype=np.float32).tobytes(),
                _blob(picture_vectors.get(chunk.chunk_id)),
                *packed(count, term_numbers),
                packed(words, word_numbers)[0],
            )
            for chunk, vector, count, words in zip(chunks, vectors, counted, written, strict=True)
        ],
    )


def _blob(vector: Vectors | None) -> bytes | None:
    return None if vector is None else np.asarray(vector, dtype=np.float32).tobytes()


def _load(
    connection: sqlite3.Connection, version: str, space: VectorSpace, picture_space: VectorSpace | None
) -> LoadedCompany:
    rows = connection.execute(f"SELECT {_COLUMNS} FROM chunks ORDER BY chunk_id").fetchall()  # noqa: S608  # nosec B608  # only names of columns that stand in this file
    records, modalities, languages, origins, tags, has_media, vectors, shown, term_blobs, count_blobs = (
        zip(*rows, strict=True) if rows else ((),) * 10
    )
    distinct = np.array([len(blob) // 4 for blob in term_blobs], dtype=np.int32)
    vocabulary = dict(connection.execute("SELECT name, number FROM terms").fetchall())
    pictured = [row for row, blob in enumerate(shown) if blob is not None]
    (owner,) = connection.execute("SELECT value FROM about WHERE key = 'company_id'").fetchone()
    return LoadedCompany(
        version=version,
        owner=mark(owner),
        records=records,
        modalities=np.array(modalities, dtype=np.str_),
        languages=np.array(languages, dtype=np.str_),
        origins=np.array(origins, dtype=np.str_),
        tags=tags,
        has_media=np.array(has_media, dtype=np.bool_),
        words=Bm25(vocabulary, unpacked(term_blobs), unpacked(count_blobs), distinct),
        texts=Directions(space, _matrix(vectors, space)),
        pictures=Directions(
            picture_space, _matrix([shown[row] for row in pictured], picture_space), np.array(pictured, dtype=np.intp)
        )
        if picture_space and pictured
        else None,
        last_days=last_days(records),
    )


def _matrix(blobs: Sequence[bytes], space: VectorSpace) -> Vectors:
    matrix: Vectors = np.frombuffer(b"".join(blobs), dtype=np.float32).reshape(len(blobs), space.dimension)
    return matrix

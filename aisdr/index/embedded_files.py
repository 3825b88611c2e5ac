"""The files of the embedded engine: one a company, opened for one look or one change, and only when it is theirs."""

import hashlib
import re
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aisdr.errors import NotConfigured
from aisdr.inference.base import VectorSpace
from aisdr.tenant import TenantScope, mark_of

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


class CompanyFiles:
    """A folder of them, made with one embedder. `label` tells them apart from those of other embedders.

    Raises:
        NotConfigured: at use, when a file was made with another embedder or by another version of this engine.
    """

    def __init__(self, folder: Path, space: VectorSpace, picture_space: VectorSpace | None, label: str) -> None:
        self._folder = folder
        self._space = space
        self._picture_space = picture_space
        self._label = label

    def path(self, scope: TenantScope) -> Path:
        return file_of(self._folder, scope, self._label)

    @contextmanager
    def reading(self, scope: TenantScope) -> Iterator[sqlite3.Connection | None]:
        """One consistent view of the file, or None when nothing was ever ingested."""
        file = self.path(scope)
        try:
            # None is kept open: a file that is deleted and made anew under an open connection may lose what is written.
            connection = _connect(f"{file.absolute().as_uri()}?mode=rw")
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
    def writing(self, scope: TenantScope) -> Iterator[sqlite3.Connection]:
        """One transaction, seen as a whole or not at all."""
        file = self.path(scope)
        self._folder.mkdir(parents=True, exist_ok=True)
        connection = _connect(file.absolute().as_uri())
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

    def remove(self, scope: TenantScope) -> None:
        file = self.path(scope)
        for path in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
            path.unlink(missing_ok=True)

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


def file_of(folder: Path, scope: TenantScope, label: str = "") -> Path:
    """A readable name that no company id can steer: the digest decides, the words are for people.

    This is the one place where a company is chosen, and without one nothing is.
    """
    mark_of(scope)  # refuses what is no company
    words = re.sub(r"[^a-z0-9-]", "_", scope.company_id.lower())[:40]
    digest = hashlib.sha256(scope.company_id.encode()).hexdigest()[:16]
    return folder / ".".join(part for part in (words, digest, label, "sqlite3") if part)


def version_of(connection: sqlite3.Connection) -> str:
    return str(connection.execute("SELECT value FROM about WHERE key = 'version'").fetchone()[0])


def _connect(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)

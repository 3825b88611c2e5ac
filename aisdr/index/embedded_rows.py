"""Chunks as rows of a company's file: written with what the search counts, and read into memory as a whole."""

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from aisdr.configuration import primary
from aisdr.index.analysis import terms_of, written_words
from aisdr.index.base import Chunk
from aisdr.index.bm25 import Bm25
from aisdr.index.loaded import Directions, LoadedCompany, last_days
from aisdr.index.numbers import numbers_of, packed, unpacked
from aisdr.inference.base import Vectors, VectorSpace
from aisdr.tenant import mark

_COLUMNS = "record, modality, language, origins, tags, has_media, vector, picture_vector, terms, counts"


def insert(
    connection: sqlite3.Connection,
    source_id: str,
    chunks: Sequence[Chunk],
    vectors: Vectors,
    picture_vectors: Mapping[str, Vectors],
) -> None:
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


def load(
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


def _blob(vector: Vectors | None) -> bytes | None:
    return None if vector is None else np.asarray(vector, dtype=np.float32).tobytes()


def _matrix(blobs: Sequence[bytes], space: VectorSpace) -> Vectors:
    matrix: Vectors = np.frombuffer(b"".join(blobs), dtype=np.float32).reshape(len(blobs), space.dimension)
    return matrix

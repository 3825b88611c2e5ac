"""Vectors as a provider sent them, made what everybody here takes them for: of the space's dimension, of length 1."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from aisdr.errors import VendorError
from aisdr.inference.base import Vectors, VectorSpace


def unit_vectors(numbers: Sequence[Any], space: VectorSpace, failed: Callable[[str], VendorError]) -> Vectors:
    """Shape (n, dimension).

    Args:
        numbers: one row of numbers for each text or picture.
        failed: makes the error that is raised, from what is wrong.
    """
    try:
        rows = [np.asarray(row, dtype=np.float32) for row in numbers]
    except (TypeError, ValueError):
        raise failed("answered with vectors that cannot be read") from None
    for row in rows:
        if row.shape != (space.dimension,):
            raise failed(f"answered with vectors of {row.size} numbers, not {space.dimension}")
    vectors: Vectors = np.stack(rows)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not (np.isfinite(lengths).all() and (lengths > 0).all()):
        raise failed("answered with vectors that are not finite or have no direction")
    unit: Vectors = vectors / lengths
    return unit

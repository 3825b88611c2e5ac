"""An embedder of pictures whose vectors can be foretold: what a picture shows is its mean colour."""

from collections.abc import Sequence
from io import BytesIO

import numpy as np
from PIL import Image

from aisdr.errors import InvalidInput
from aisdr.inference.base import Vectors, VectorSpace

COLOURS = {"red": (255, 0, 0), "green": (0, 128, 0), "blue": (0, 0, 255), "yellow": (255, 255, 0)}


class MeanColour:
    """Red, green and blue as a direction. A question is the sum of the colours that it names, or grey."""

    space = VectorSpace("mean-colour", 3, floor=0.2)

    def __init__(self) -> None:
        self.seen = 0
        """How many pictures were embedded."""

    def embed_pictures(self, pictures: Sequence[bytes]) -> Vectors:
        self.seen += len(pictures)
        return _unit([_mean(picture) for picture in pictures])

    def embed_question(self, text: str) -> Vectors:
        named = [COLOURS[word] for word in text.lower().split() if word in COLOURS] or [(1, 1, 1)]
        vector: Vectors = _unit([tuple(np.sum(named, axis=0))])[0]
        return vector


def plain(colour: str, kind: str = "PNG") -> bytes:
    """A picture of one colour."""
    file = BytesIO()
    Image.new("RGB", (8, 8), COLOURS[colour]).save(file, kind)
    return file.getvalue()


def _mean(picture: bytes) -> tuple[float, ...]:
    try:
        with Image.open(BytesIO(picture)) as opened:
            mean: np.ndarray = np.asarray(opened.convert("RGB"), dtype=np.float32).mean(axis=(0, 1))
    except OSError as error:
        raise InvalidInput("A picture cannot be read, so it was not embedded") from error
    return tuple(mean.tolist())


def _unit(rows: Sequence[tuple[float, ...]]) -> Vectors:
    matrix = np.array(rows, dtype=np.float32) + np.float32(1e-3)
    unit: Vectors = matrix / np.linalg.norm(matrix, axis=1, keepdims=True)
    return unit

"""The trained part of the router: a linear model and the exemplars themselves, one file for each vector space.

`scripts/train_router.py` makes the files from `exemplars.jsonl`.
"""

from dataclasses import astuple, dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aisdr.inference.base import Vectors
from aisdr.knowledge.routing.signals import Signals

FOLDER = Path(__file__).parent

NEIGHBOURS = 7
NEARNESS = 0.08
"""How fast a neighbour's vote fades: at this nearness below 1 it counts a third."""
FAR, NEAR = 0.5, 0.85
MOST_OF_OWN = 0.9
"""Share of a company's own exemplars in the decision when one is as near as `NEAR` to the question; at `FAR`, none."""
SIGNAL_SCALE = 2.0
VECTOR_SCALE = 3.0
"""The linear model sees signals and vectors in sizes that its regularization treats alike."""

LOW, HIGH = 0.2, 0.75
"""Below `LOW` a question is for text, above `HIGH` for pictures and clips, between for both. Chosen by cross-validation
on the exemplars, so that hardly one that wants to see something is left to text alone (.6 %; unsure are 28 %)."""

Labels = NDArray[np.float32]


@dataclass(frozen=True)
class RouteModel:
    """Trained for the vectors of one embedder."""

    version: str
    """Digest of the exemplar file it was trained from."""
    floor: float
    """A cosine that means nothing in this space: nearness begins there, and is 1 for the same words."""
    weights: NDArray[np.float32]
    """For the vector, then for the three signals."""
    bias: float
    exemplars: Vectors
    """Shape (n, dimension)."""
    wants_to_see: Labels
    """Shape (n,), 1 for exemplars of the route `multimodal`."""

    def probability(self, vector: Vectors, found: Signals) -> float:
        """That the question wants to see something, 0 to 1: the mean of linear model and nearest exemplars.

        Args:
            vector: of the question, shape (dimension,).
        """
        seen = inputs(vector[None], [found], self.floor)[0]
        linear = 1 / (1 + np.exp(-(seen @ self.weights + self.bias)))
        return float(linear + neighbours(self.exemplars, self.wants_to_see, vector, self.floor)) / 2


def with_own(probability: float, vector: Vectors, own: Vectors, wants_to_see: Labels, floor: float) -> float:
    """The probability after a company's own exemplars were heard: the nearer one is to the question, the more."""
    near = (float(_nearness(own, vector, floor).max()) - FAR) / (NEAR - FAR)
    share = MOST_OF_OWN * min(1.0, max(0.0, near))
    return (1 - share) * probability + share * neighbours(own, wants_to_see, vector, floor)


def neighbours(exemplars: Vectors, wants_to_see: Labels, vector: Vectors, floor: float) -> float:
    """The vote of the nearest exemplars, 0 to 1."""
    near = _nearness(exemplars, vector, floor)
    nearest = np.argsort(-near)[:NEIGHBOURS]
    votes = np.exp((near[nearest] - 1) / NEARNESS)
    return float(votes @ wants_to_see[nearest] / max(float(votes.sum()), 1e-12))


def inputs(vectors: Vectors, found: list[Signals], floor: float) -> NDArray[np.float32]:
    """What the linear model sees: shape (n, dimension + 3). Where all vectors lie close together, they are spread."""
    signs = np.array([astuple(each) for each in found], dtype=np.float32)
    spread = np.float32(VECTOR_SCALE / np.sqrt(1 - floor))
    return np.hstack([vectors * spread, signs * np.float32(SIGNAL_SCALE)])


def _nearness(exemplars: Vectors, vector: Vectors, floor: float) -> Vectors:
    """Shape (n,). Not `VectorSpace.meaning`, whose 1 is a passage that fits: two questions are nearer than that."""
    near: Vectors = (exemplars @ vector - floor) / (1 - floor)
    return near


def file_for(space: str) -> Path:
    return FOLDER / f"{space.lower().replace('/', '-').replace(':', '-')}.npz"


@cache
def model_for(space: str) -> RouteModel | None:
    """The model for an embedder's vectors, or None when none was trained for it."""
    file = file_for(space)
    if not file.exists():
        return None
    with np.load(file, allow_pickle=False) as parts:
        return RouteModel(
            version=str(parts["version"]),
            floor=float(parts["floor"]),
            weights=parts["weights"],
            bias=float(parts["bias"]),
            exemplars=parts["exemplars"].astype(np.float32),
            wants_to_see=parts["wants_to_see"].astype(np.float32),
        )

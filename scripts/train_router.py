"""`python -m scripts.train_router [minilm|e5]`: trains the router of strategy `smart` from its exemplar file.

Prints what cross-validation says of it and writes the model file of the embedder's vector space. MiniLM learns from the
English exemplars alone, since it reads no other language. The test questions of `benchmarks/data/router-queries` are
not looked at; `python -m benchmarks.search_quality --only routing` judges by them.
"""

import argparse
import hashlib
import json

import numpy as np
from numpy.typing import NDArray

from aisdr.inference.base import Embedder, Vectors
from aisdr.inference.e5 import E5
from aisdr.inference.minilm import MiniLM
from aisdr.knowledge.routing.model import FOLDER, HIGH, LOW, file_for, inputs, neighbours
from aisdr.knowledge.routing.signals import signals

EXEMPLARS = FOLDER / "exemplars.jsonl"
REGULARIZATION = 0.003
STEPS, RATE = 3000, 0.5
FOLDS, REPEATS = 5, 5

Array = NDArray[np.float64]


def fit(features: Array, labels: Array) -> tuple[Array, float]:
    """Logistic regression by gradient descent: a few hundred rows, so nothing better is needed."""
    weights, bias = np.zeros(features.shape[1]), 0.0
    for _ in range(STEPS):
        error = 1 / (1 + np.exp(-(features @ weights + bias))) - labels
        weights -= RATE * (features.T @ error / len(labels) + REGULARIZATION * weights)
        bias -= RATE * float(error.mean())
    return weights, bias


def cross_validated(features: Array, labels: Array, vectors: Vectors, floor: float) -> Array:
    """For every exemplar, what a model says that has not seen it; shape (repeats, n)."""
    said = np.zeros((REPEATS, len(labels)))
    for repeat in range(REPEATS):
        shuffled = np.random.default_rng(repeat).permutation(len(labels))
        for fold in range(FOLDS):
            held = shuffled[fold::FOLDS]
            seen = np.setdiff1d(shuffled, held)
            weights, bias = fit(features[seen], labels[seen])
            linear = 1 / (1 + np.exp(-(features[held] @ weights + bias)))
            wants = labels[seen].astype(np.float32)
            nearest = [neighbours(vectors[seen], wants, vectors[row], floor) for row in held]
            said[repeat, held] = (linear + np.array(nearest)) / 2
    return said


EMBEDDERS: dict[str, tuple[type[Embedder], bool]] = {"minilm": (MiniLM, False), "e5": (E5, True)}
"""Name → the embedder, and whether it reads every language."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("embedder", nargs="?", choices=EMBEDDERS, default="minilm")
    make, every_language = EMBEDDERS[parser.parse_args().embedder]
    text = EXEMPLARS.read_text(encoding="utf-8")
    embedder, floor = make(), make.space.floor
    rows = [row for row in map(json.loads, text.splitlines()) if every_language or row["language"] == "en"]
    vectors = np.stack([embedder.embed_question(row["question"]) for row in rows])
    labels = np.array([row["route"] == "multimodal" for row in rows], dtype=np.float64)
    features = inputs(vectors, [signals(row["question"]) for row in rows], floor).astype(np.float64)
    said = cross_validated(features, labels, vectors, floor)
    wanted = labels > 0
    print(f"{len(rows)} exemplars, {int(wanted.sum())} want to see something; cross-validation:")
    print(f"  right side of one half   {((said > 0.5) == wanted).mean():.3f}")
    print(f"  lost to text alone       {(said[:, wanted] < LOW).mean():.3f} of those")
    print(f"  taken for pictures       {(said[:, ~wanted] > HIGH).mean():.3f} of the others")
    print(f"  both legs                {((said >= LOW) & (said <= HIGH)).mean():.3f} of all")
    weights, bias = fit(features, labels)
    file = file_for(embedder.space.name)
    np.savez_compressed(
        file,
        version=np.array(hashlib.sha256(text.encode()).hexdigest()[:12]),
        floor=np.array(floor),
        weights=weights.astype(np.float32),
        bias=np.array(bias),
        exemplars=vectors.astype(np.float16),
        wants_to_see=labels.astype(np.int8),
    )
    print(f"written: {file.name}, {file.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()

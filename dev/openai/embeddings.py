"""Embeddings: real vectors by MiniLM, as long as the vendor's, with the vendor's rules for a request.

MiniLM's 384 numbers are followed by zeros, which leaves every angle between two texts as it is; shorter vectors are cut
and brought to length 1 again, as the vendor does it.
"""

import base64
from collections import deque
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dev.openai.doors import json_body
from dev.openai.published import check
from dev.openai.refusals import OpenAIError, unknown_model, wrong

if TYPE_CHECKING:
    from aisdr.inference.minilm import MiniLM

MODELS = {"text-embedding-3-small": 1536, "text-embedding-3-large": 3072, "text-embedding-ada-002": 1536}
"""Name → length of its vectors. The last one cannot shorten them."""
MOST_TEXTS = 2048
MOST_TOKENS, MOST_TOKENS_OF_ALL = 8192, 300_000
_LETTERS_OF_A_TOKEN = 4


class Embeddings:
    """What was asked, and the refusals that a test has ordered for the next requests."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.refusals: deque[OpenAIError] = deque()
        self._model: MiniLM | None = None

    async def create(self, request: Request) -> Response:
        body = await json_body(request)
        texts = _checked(body)
        self.requests.append(body)
        if self.refusals:
            raise self.refusals.popleft()
        length = body.get("dimensions", MODELS[body["model"]])
        vectors = await run_in_threadpool(lambda: _fitted(self._embedder().embed_passages(texts), length))
        as_text = body.get("encoding_format") == "base64"
        tokens = sum(map(_tokens, texts))
        return JSONResponse(
            {
                "object": "list",
                "data": [
                    {"object": "embedding", "index": at, "embedding": _packed(vector) if as_text else vector.tolist()}
                    for at, vector in enumerate(vectors)
                ],
                "model": body["model"],
                "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
            }
        )

    def reset(self) -> None:
        self.requests.clear()
        self.refusals.clear()

    def _embedder(self) -> "MiniLM":
        """Half a second and half a gigabyte: only for who asks."""
        from aisdr.inference.minilm import MiniLM

        self._model = self._model or MiniLM()
        return self._model


def _checked(body: dict[str, Any]) -> list[str]:
    from openai.types.embedding_create_params import EmbeddingCreateParams  # slow to import, and only needed here

    check(body, EmbeddingCreateParams, "")
    if body["model"] not in MODELS:
        raise unknown_model(body["model"])
    texts = [body["input"]] if isinstance(body["input"], str) else list(body["input"])
    if not texts or len(texts) > MOST_TEXTS:
        raise wrong("input", f"Invalid 'input': expected an array of 1 to {MOST_TEXTS} items.", "invalid_value")
    if not all(isinstance(text, str) for text in texts):
        raise wrong("input", "This look-alike reads texts, no tokens.")
    if not all(texts):
        raise wrong("input", "Invalid 'input': input cannot be an empty string.")
    if max(map(_tokens, texts)) > MOST_TOKENS or sum(map(_tokens, texts)) > MOST_TOKENS_OF_ALL:
        raise wrong("input", f"This model's maximum context length is {MOST_TOKENS} tokens.")
    if "dimensions" in body:
        if body["model"] == "text-embedding-ada-002":
            raise wrong("dimensions", "This model does not support specifying dimensions.")
        if not 1 <= body["dimensions"] <= MODELS[body["model"]]:
            raise wrong("dimensions", "Invalid value for 'dimensions'.", "invalid_value")
    return texts


def _fitted(vectors: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    fitted = np.zeros((len(vectors), length), dtype=np.float32)
    known = min(length, vectors.shape[1])
    fitted[:, :known] = vectors[:, :known]
    unit: NDArray[np.float32] = fitted / np.linalg.norm(fitted, axis=1, keepdims=True)
    return unit


def _packed(vector: NDArray[np.float32]) -> str:
    return base64.b64encode(vector.astype("<f4").tobytes()).decode()


def _tokens(text: str) -> int:
    return len(text) // _LETTERS_OF_A_TOKEN + 1

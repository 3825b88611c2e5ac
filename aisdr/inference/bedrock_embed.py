"""Embedders of texts on Amazon Bedrock: Titan, Cohere and Nova, each with its own form of request.

https://docs.aws.amazon.com/bedrock/latest/userguide/titan-embedding-models.html, …/model-parameters-embed-v3.html,
…/model-parameters-embed-v4.html, https://docs.aws.amazon.com/nova/latest/userguide/embeddings-schema.html
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from aisdr.inference.base import Vectors
from aisdr.inference.bedrock_invoke import BedrockInvocation, chosen
from aisdr.inference.unit import unit_vectors

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime.client import BedrockRuntimeClient

AT_ONCE = 8
"""Requests on their way. Titan and Nova take one text each."""

Purpose = Literal["question", "passage"]


@dataclass(frozen=True)
class _Titan:
    """Amazon Titan Text Embeddings. Published cosines of version 2: 0.015 for an unrelated question, 0.38 for a fitting
    one (https://afurmanov.com/chunk-size-embedding-similarity).
    """

    dimensions: tuple[int, ...] = (1024, 512, 256)
    floor: float = 0.0
    ceiling: float = 0.69
    languages: tuple[str, ...] = ()
    texts: int = 1
    longest: int = 8000  # characters: 8,192 tokens are taken, and a language may need one for each character

    def request(self, texts: Sequence[str], purpose: Purpose, dimension: int) -> dict[str, Any]:
        return {"inputText": texts[0], "dimensions": dimension, "normalize": True}

    def read(self, answer: dict[str, Any]) -> list[Any]:
        return [answer["embedding"]]


@dataclass(frozen=True)
class _Cohere:
    """Cohere Embed, versions 3 and 4. The scale is reasoned, not measured: its cosines stand higher than Titan's."""

    dimensions: tuple[int, ...]
    longest: int
    truncate: str
    chooses: bool = False
    """Whether the dimension may be chosen."""
    languages: tuple[str, ...] = ()
    floor: float = 0.15
    ceiling: float = 0.80
    texts: int = 96

    def request(self, texts: Sequence[str], purpose: Purpose, dimension: int) -> dict[str, Any]:
        body: dict[str, Any] = {
            "texts": list(texts),
            "input_type": "search_query" if purpose == "question" else "search_document",
            "embedding_types": ["float"],
            "truncate": self.truncate,
        }
        return body | {"output_dimension": dimension} if self.chooses else body

    def read(self, answer: dict[str, Any]) -> list[Any]:
        found = answer["embeddings"]
        return list(found["float"] if isinstance(found, dict) else found)


@dataclass(frozen=True)
class _Nova:
    """Amazon Nova Multimodal Embeddings, here for texts alone. The scale is reasoned, not measured."""

    dimensions: tuple[int, ...] = (1024, 3072, 384, 256)
    floor: float = 0.0
    ceiling: float = 0.80
    languages: tuple[str, ...] = ()
    texts: int = 1
    longest: int = 8000

    def request(self, texts: Sequence[str], purpose: Purpose, dimension: int) -> dict[str, Any]:
        return {
            "schemaVersion": "nova-multimodal-embed-v1",
            "taskType": "SINGLE_EMBEDDING",
            "singleEmbeddingParams": {
                # Both sides of a search are told apart; index and retrieval purposes belong together.
                "embeddingPurpose": "TEXT_RETRIEVAL" if purpose == "question" else "GENERIC_INDEX",
                "embeddingDimension": dimension,
                "text": {"truncationMode": "END", "value": texts[0]},
            },
        }

    def read(self, answer: dict[str, Any]) -> list[Any]:
        return [answer["embeddings"][0]["embedding"]]


_MODELS: dict[str, _Titan | _Cohere | _Nova] = {
    "amazon.titan-embed-text-v2": _Titan(),
    "cohere.embed-english-v3": _Cohere((1024,), 2048, "END", languages=("en",)),
    "cohere.embed-multilingual-v3": _Cohere((1024,), 2048, "END"),
    "cohere.embed-v4": _Cohere((1024, 1536, 512, 256), 8000, "RIGHT", chooses=True),
    "amazon.nova-2-multimodal-embeddings": _Nova(),
}
"""By a part of the model's id. The first dimension is the usual one here: longer vectors find hardly more."""


class BedrockEmbedder:
    """One model. Questions are remembered, passages are not.

    Args:
        for_questions: boto3's `bedrock-runtime` with `QUESTION_CONFIG`, and `for_passages` with `PASSAGES_CONFIG`.
        model: its id; `ID@DIMENSION` for another length of vectors than the usual one.

    Raises:
        NotConfigured: a model that is not known here, or that has no vectors of this length.
    """

    def __init__(
        self,
        for_questions: "BedrockRuntimeClient",
        for_passages: "BedrockRuntimeClient",
        model: str,
        *,
        remembered: int = 2048,
    ) -> None:
        choice = chosen(model, _MODELS, "AISDR_EMBEDDER")
        self._form, self.space = choice.form, choice.space
        self._question = BedrockInvocation(for_questions, choice.model)
        self._passages = BedrockInvocation(for_passages, choice.model)
        self._remembered = lru_cache(maxsize=remembered)(self._embed_one)

    def embed_question(self, text: str) -> Vectors:
        return self._remembered(" ".join(text.split()))

    def _embed_one(self, text: str) -> Vectors:
        vector: Vectors = self._ask(self._question, [text], "question")[0]
        vector.flags.writeable = False  # every caller that asks the same question gets this very array
        return vector

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        size = self._form.texts
        batches = [texts[begin : begin + size] for begin in range(0, len(texts), size)]
        if not batches:
            return np.empty((0, self.space.dimension), dtype=np.float32)
        with ThreadPoolExecutor(min(AT_ONCE, len(batches)), thread_name_prefix="embed") as pool:
            return np.concatenate(list(pool.map(lambda batch: self._ask(self._passages, batch, "passage"), batches)))

    def _ask(self, invoke: BedrockInvocation, texts: Sequence[str], purpose: Purpose) -> Vectors:
        # An empty text is refused by the API.
        clipped = [text[: self._form.longest].strip() or "-" for text in texts]
        answer = invoke(self._form.request(clipped, purpose, self.space.dimension))
        try:
            numbers = self._form.read(answer)
        except (LookupError, TypeError) as error:
            raise invoke.failed("answered nonsense") from error
        if len(numbers) != len(texts):
            raise invoke.failed("answered with another number of vectors than texts")
        return unit_vectors(numbers, self.space, invoke.failed)

"""Embedders of pictures on Amazon Bedrock: a question finds a picture by what it shows, whatever its caption says.

https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-mm.html,
https://docs.aws.amazon.com/nova/latest/userguide/embeddings-schema.html
"""

import base64
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from aisdr.inference.base import Vectors
from aisdr.inference.bedrock_invoke import BedrockInvocation, chosen
from aisdr.inference.picture import Picture, fitted
from aisdr.inference.unit import unit_vectors

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime.client import BedrockRuntimeClient

AT_ONCE = 4
LONGEST_QUESTION = 1000
"""Characters. Titan takes 256 tokens of English and refuses more."""


@dataclass(frozen=True)
class _Titan:
    """Titan Multimodal Embeddings G1: at most 25 MB and 2,048 pixels a side, PNG or JPEG; questions in English.

    The scale is reasoned, not measured: between words and pictures such models agree on little more than half.
    """

    dimensions: tuple[int, ...] = (1024, 384, 256)
    formats: tuple[str, ...] = ("png", "jpeg")
    floor: float = 0.10
    ceiling: float = 0.60
    languages: tuple[str, ...] = ("en",)

    def picture(self, picture: Picture, dimension: int) -> dict[str, Any]:
        return {
            "inputImage": base64.b64encode(picture.content).decode(),
            "embeddingConfig": {"outputEmbeddingLength": dimension},
        }

    def question(self, text: str, dimension: int) -> dict[str, Any]:
        return {"inputText": text, "embeddingConfig": {"outputEmbeddingLength": dimension}}

    def read(self, answer: dict[str, Any]) -> Any:
        return answer["embedding"]


@dataclass(frozen=True)
class _Nova:
    """Nova Multimodal Embeddings: at most 25 MB for a whole request, in base64. The scale is reasoned, not measured."""

    dimensions: tuple[int, ...] = (1024, 3072, 384, 256)
    formats: tuple[str, ...] = ("png", "jpeg", "webp")
    floor: float = 0.05
    ceiling: float = 0.65
    languages: tuple[str, ...] = ()

    def picture(self, picture: Picture, dimension: int) -> dict[str, Any]:
        # A company's pictures are screens, charts and slides: what is written in them counts.
        content = {
            "detailLevel": "DOCUMENT_IMAGE",
            "format": picture.format,
            "source": {"bytes": base64.b64encode(picture.content).decode()},
        }
        return self._single("GENERIC_INDEX", dimension, {"image": content})

    def question(self, text: str, dimension: int) -> dict[str, Any]:
        return self._single("IMAGE_RETRIEVAL", dimension, {"text": {"truncationMode": "END", "value": text}})

    def read(self, answer: dict[str, Any]) -> Any:
        return answer["embeddings"][0]["embedding"]

    def _single(self, purpose: str, dimension: int, content: dict[str, Any]) -> dict[str, Any]:
        parameters = {"embeddingPurpose": purpose, "embeddingDimension": dimension, **content}
        return {
            "schemaVersion": "nova-multimodal-embed-v1",
            "taskType": "SINGLE_EMBEDDING",
            "singleEmbeddingParams": parameters,
        }


_MODELS: dict[str, _Titan | _Nova] = {
    "amazon.titan-embed-image-v1": _Titan(),
    "amazon.nova-2-multimodal-embeddings": _Nova(),
}
"""By a part of the model's id."""


class BedrockPictures:
    """One model that sees and reads. Questions are remembered, pictures are not.

    Args:
        for_questions: boto3's `bedrock-runtime` with `QUESTION_CONFIG`, and `for_pictures` with `PASSAGES_CONFIG`.
        model: its id; `ID@DIMENSION` for another length of vectors than 1024.

    Raises:
        NotConfigured: a model that is not known here, or that has no vectors of this length.
    """

    def __init__(
        self,
        for_questions: "BedrockRuntimeClient",
        for_pictures: "BedrockRuntimeClient",
        model: str,
        *,
        remembered: int = 2048,
    ) -> None:
        choice = chosen(model, _MODELS, "AISDR_PICTURE_EMBEDDER")
        self._form, self.space = choice.form, choice.space
        self._question = BedrockInvocation(for_questions, choice.model)
        self._pictures = BedrockInvocation(for_pictures, choice.model)
        self._remembered = lru_cache(maxsize=remembered)(self._embed_one)

    def embed_question(self, text: str) -> Vectors:
        return self._remembered(" ".join(text.split()))

    def _embed_one(self, text: str) -> Vectors:
        body = self._form.question(text[:LONGEST_QUESTION].strip() or "-", self.space.dimension)
        vector: Vectors = self._ask(self._question, body)
        vector.flags.writeable = False  # every caller that asks the same question gets this very array
        return vector

    def embed_pictures(self, pictures: Sequence[bytes]) -> Vectors:
        """PNG, JPEG or WebP files in, whatever their size; shape (n, dimension) out.

        Raises:
            InvalidInput: one of them is no picture.
        """
        if not pictures:
            return np.empty((0, self.space.dimension), dtype=np.float32)
        with ThreadPoolExecutor(min(AT_ONCE, len(pictures)), thread_name_prefix="embed") as pool:
            return np.stack(list(pool.map(self._embed_picture, pictures)))

    def _embed_picture(self, content: bytes) -> Vectors:
        picture = fitted(content, self._form.formats)
        return self._ask(self._pictures, self._form.picture(picture, self.space.dimension))

    def _ask(self, invoke: BedrockInvocation, body: dict[str, Any]) -> Vectors:
        answer = invoke(body)
        try:
            numbers = self._form.read(answer)
        except (LookupError, TypeError) as error:
            raise invoke.failed("answered nonsense") from error
        vector: Vectors = unit_vectors([numbers], self.space, invoke.failed)[0]
        return vector

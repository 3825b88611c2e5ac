"""Embedding models on Amazon Bedrock: how a setting names one, and how it is asked (InvokeModel, JSON in and out)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from botocore.config import Config

from aisdr.errors import NotConfigured, VendorError
from aisdr.inference.base import VectorSpace
from aisdr.inference.bedrock_refusals import in_our_words

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime.client import BedrockRuntimeClient

# A visitor waits for a question: whoever searches has stopped waiting by then and looks for words alone.
QUESTION_CONFIG = Config(connect_timeout=0.5, read_timeout=1, retries={"mode": "standard", "total_max_attempts": 1})
# An ingestion soon meets a quota and can wait for it. Several texts are on their way at once.
PASSAGES_CONFIG = Config(
    connect_timeout=2, read_timeout=30, max_pool_connections=16, retries={"mode": "standard", "total_max_attempts": 5}
)

_REMEDIES = {
    "AccessDeniedException": "not allowed: grant bedrock:InvokeModel on it and its inference profile",
    "ResourceNotFoundException": "unknown in this region: check AISDR_EMBEDDER and AISDR_PICTURE_EMBEDDER",
    "ThrottlingException": "too many requests for the account's quota",
    "ValidationException": "refused the request: check the model's name and what it can read",
}


class Form(Protocol):
    """How a family of embedding models is spoken to. The first dimension is the usual one."""

    @property
    def dimensions(self) -> tuple[int, ...]: ...

    @property
    def floor(self) -> float: ...

    @property
    def ceiling(self) -> float: ...

    @property
    def languages(self) -> tuple[str, ...]: ...


F = TypeVar("F", bound=Form)


@dataclass(frozen=True)
class Chosen(Generic[F]):
    """A model as a setting names it: its id for the request, its family, and how long its vectors shall be."""

    model: str
    family: str
    form: F
    dimension: int

    @property
    def space(self) -> VectorSpace:
        """The vectors of a model are the same in every region and behind every profile."""
        name = f"bedrock:{self.family}@{self.dimension}"
        return VectorSpace(name, self.dimension, self.form.floor, self.form.ceiling, self.form.languages)


def chosen(named: str, forms: Mapping[str, F], setting: str) -> Chosen[F]:
    """Reads `ID` or `ID@DIMENSION`.

    Args:
        forms: by a part of the model's id, which may be that of an inference profile or a whole ARN.
        setting: the environment variable that names the model.

    Raises:
        NotConfigured: a model that is not known here, or that has no vectors of this length.
    """
    model, _, dimension = named.partition("@")
    family = next((family for family in forms if family in model), None)
    if family is None:
        known = ", ".join(forms)
        raise NotConfigured(
            f"Embedding model '{model}' is not known here; {setting} takes bedrock: and one of {known}",
        )
    form = forms[family]
    if dimension and dimension not in map(str, form.dimensions):
        lengths = " or ".join(map(str, sorted(form.dimensions)))
        raise NotConfigured(
            f"Vectors of the embedding model '{model}' have {lengths} numbers, not {dimension}: see {setting}",
        )
    return Chosen(model, family, form, int(dimension or form.dimensions[0]))


class BedrockInvocation:
    """Asks one model or inference profile.

    Args:
        client: boto3's `bedrock-runtime`, made with one of the configurations above.
    """

    def __init__(self, client: "BedrockRuntimeClient", model: str) -> None:
        self._client = client
        self._model = model

    def __call__(self, body: dict[str, Any]) -> dict[str, Any]:
        """The answer's JSON.

        Raises:
            VendorError: the model failed, was late, or answered nonsense.
            NotConfigured: credentials or region are missing.
        """
        try:
            with in_our_words(self.failed, _REMEDIES):
                answer = self._client.invoke_model(
                    modelId=self._model,
                    body=json.dumps(body).encode(),
                    contentType="application/json",
                    accept="application/json",
                )
                told = json.loads(answer["body"].read())
        except (ValueError, RecursionError) as error:
            raise self.failed("answered nonsense") from error
        if not isinstance(told, dict):
            raise self.failed("answered nonsense")
        return told

    def failed(self, what: str, *, retryable: bool = False) -> VendorError:
        return VendorError(f"Embedding model '{self._model}': {what}", vendor="bedrock", retryable=retryable)

"""Embedders behind any address that speaks OpenAI's embeddings: OpenAI, Ollama, vLLM, a gateway of one's own."""

import base64
import binascii
import time
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np
from pydantic import BaseModel, ValidationError

from aisdr.errors import NotConfigured, VendorError
from aisdr.inference.base import Vectors, VectorSpace
from aisdr.inference.openai_embed_models import KnownModel, known_model
from aisdr.inference.openai_key import authorization
from aisdr.inference.openai_refusals import refusal
from aisdr.inference.unit import unit_vectors
from aisdr.observability import TRACED
from aisdr.secret import Secret

LONGEST_TEXT = 8000
"""Characters. OpenAI takes 8,192 tokens, and a language may need one for each character."""
MOST_TEXTS, MOST_CHARACTERS = 128, 100_000
"""In one request. OpenAI takes 2,048 texts and 300,000 tokens, smaller servers less."""

QUESTION = httpx.Timeout(1.0, connect=0.5)
"""A visitor waits: whoever searches has stopped waiting by then and looks for words alone."""
PASSAGES = httpx.Timeout(30.0, connect=2.0)
TRIES = 4
"""Of a request for passages. An ingestion soon meets a rate limit and can wait for it; a question cannot."""
LONGEST_PAUSE = 20.0


class OpenAiEmbedder:
    """One model at one address. Questions are remembered, passages are not.

    Args:
        model: its name there. `NAME@DIMENSION` says how long its vectors are: needed for models that we do
            not know, and asked for where a model can shorten its vectors.

    Raises:
        NotConfigured: nobody has said how long the vectors are, or the model cannot make such.
    """

    def __init__(
        self,
        base_url: str,
        api_key: Secret | None,
        model: str,
        *,
        client: httpx.Client | None = None,
        remembered: int = 2048,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._model, given = _name_and_dimension(model)
        known = known_model(self._model)
        self._known = known or KnownModel(given or 0)
        self._shortened = known is not None and given not in (None, known.dimension)
        self._check(known, given)
        dimension = given or self._known.dimension
        self.space = VectorSpace(
            f"openai:{self._model}@{dimension}",
            dimension,
            self._known.floor,
            self._known.ceiling,
            self._known.languages,
        )
        self._url = f"{base_url.rstrip('/')}/embeddings"
        self._key = api_key
        self._client = client or httpx.Client(event_hooks=TRACED)
        self._sleep = sleep
        self._remembered = lru_cache(maxsize=remembered)(self._embed_one)

    def embed_question(self, text: str) -> Vectors:
        return self._remembered(" ".join(text.split()))

    def _embed_one(self, text: str) -> Vectors:
        vector: Vectors = self._ask([self._known.before_question + _clipped(text)], QUESTION)[0]
        vector.flags.writeable = False  # every caller that asks the same question gets this very array
        return vector

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        parts = [self._patiently(batch) for batch in _batches([_clipped(text) for text in texts])]
        return np.concatenate(parts) if parts else np.empty((0, self.space.dimension), dtype=np.float32)

    def request(self, texts: Sequence[str]) -> dict[str, Any]:
        """The body of the request for these texts."""
        body: dict[str, Any] = {"model": self._model, "input": list(texts), "encoding_format": "float"}
        return body | {"dimensions": self.space.dimension} if self._shortened else body

    def _patiently(self, texts: list[str]) -> Vectors:
        """Tries again where that makes sense, after as long as the server says."""
        texts = [self._known.before_passage + text for text in texts]
        for tried in range(1, TRIES):
            try:
                return self._ask(texts, PASSAGES)
            except _TryAgain as error:
                self._sleep(min(LONGEST_PAUSE, error.after if error.after is not None else 2.0**tried))
        return self._ask(texts, PASSAGES)

    def _ask(self, texts: list[str], timeout: httpx.Timeout) -> Vectors:
        host = urlsplit(self._url).hostname or ""
        headers = authorization(self._url, self._key)
        try:
            response = self._client.post(self._url, json=self.request(texts), headers=headers, timeout=timeout)
        except httpx.TimeoutException as error:
            raise _TryAgain(self._told(f"{host} did not answer in time")) from error
        except httpx.RequestError as error:
            raise _TryAgain(self._told(f"{host} cannot be reached or broke off its answer")) from error
        if response.status_code != 200:
            raise self._refused(response)
        return unit_vectors(self._read(response, len(texts)), self.space, lambda what: self._failed(what))

    def _read(self, response: httpx.Response, count: int) -> list[Any]:
        """The numbers in the order of the texts: some servers answer in another one."""
        try:
            answer = _Answer.model_validate_json(response.content)
        except ValidationError as error:
            raise self._failed("sent an answer of an unknown shape") from error
        found = {each.index: each.embedding for each in answer.data}
        if sorted(found) != list(range(count)) or len(answer.data) != count:
            raise self._failed("sent another number of vectors than texts")
        try:
            return [_numbers(found[at]) for at in range(count)]
        except (ValueError, binascii.Error) as error:
            raise self._failed("sent vectors that cannot be read") from error

    def _refused(self, response: httpx.Response) -> VendorError:
        remedies = {
            400: f"refused the request: check AISDR_EMBEDDER and the dimension {self.space.dimension}",
            404: "unknown at this address: check AISDR_EMBEDDER and OPENAI_BASE_URL",
        }
        refused = refusal(response, remedies)
        if refused.retryable:
            return _TryAgain(self._told(refused.what), _seconds(response.headers.get("retry-after")))
        return self._failed(refused.what)

    def _check(self, known: KnownModel | None, given: int | None) -> None:
        if known is None and given is None:
            raise NotConfigured(
                f"How long are the vectors of the embedding model '{self._model}'? Write it behind its name: "
                f"AISDR_EMBEDDER=openai:{self._model}@1024",
            )
        if known is not None and self._shortened and not (known.shortens and (given or 0) < known.dimension):
            raise NotConfigured(
                f"Vectors of the embedding model '{self._model}' have {known.dimension} numbers, not {given}",
            )

    def _failed(self, what: str) -> VendorError:
        return VendorError(self._told(what), vendor="openai")

    def _told(self, what: str) -> str:
        return f"Embedding model '{self._model}': {what}"


class _TryAgain(VendorError):
    """`after` so many seconds, if the server said when."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message, vendor="openai", retryable=True)
        self.after = after


class _One(BaseModel):
    index: int
    embedding: list[float] | str


class _Answer(BaseModel):
    """What we read of an answer. All else may be as it likes."""

    data: list[_One]


def _numbers(embedding: list[float] | str) -> Any:
    """Base64 holds 32-bit floats, the lowest byte first."""
    if isinstance(embedding, str):
        return np.frombuffer(base64.b64decode(embedding, validate=True), dtype="<f4")
    return np.asarray(embedding, dtype=np.float32)


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    for text in texts:
        if batch and (len(batch) == MOST_TEXTS or sum(map(len, batch)) + len(text) > MOST_CHARACTERS):
            yield batch
            batch = []
        batch.append(text)
    if batch:
        yield batch


def _name_and_dimension(model: str) -> tuple[str, int | None]:
    name, _, dimension = model.rpartition("@")
    return (name, int(dimension)) if name and dimension.isdecimal() else (model, None)


def _clipped(text: str) -> str:
    """An empty text is refused by the API."""
    return text[:LONGEST_TEXT].strip() or "-"


def _seconds(retry_after: str | None) -> float | None:
    """The header may hold a date instead, which nobody sends here."""
    try:
        return max(0.0, float(retry_after)) if retry_after else None
    except ValueError:
        return None

"""The contracts of this family: a model that writes an answer, an embedder of texts and an embedder of pictures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from aisdr.configuration import primary

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]
    """Shape (n, dimension), each row of length 1."""
else:
    Vectors = Any  # functions that only describe tools and calls carry no numpy


FIRST_WORD_SECONDS = 8.0
"""A visitor waits for two models at the most before the widget gives up after thirty seconds."""

NOTHING_FITS = "I don't have that in my material"
"""How an answer begins when the material does not hold it; a model is told to say it in these words."""


@dataclass(frozen=True)
class Passage:
    """One piece of the company's material offered to the model. `number` is what a citation `[1]` refers to."""

    number: int
    title: str
    text: str
    modality: str = "text"
    score: float = 0.0
    """How well the passage fits the question, 0 to 1, on a scale that does not depend on the strategy."""


@dataclass(frozen=True)
class ToolRequest:
    """The model asks for a tool. `arguments` is None when the model's JSON could not be read."""

    call_id: str
    name: str
    arguments: dict[str, Any] | None


@dataclass(frozen=True)
class Message:
    """One line of the conversation as a model sees it.

    An assistant message may carry tool requests; a `tool` message answers exactly one of them (`call_id`) with JSON
    text.
    """

    role: Literal["user", "assistant", "tool"]
    text: str
    tool_requests: tuple[ToolRequest, ...] = ()
    call_id: str | None = None


@dataclass(frozen=True)
class ToolSpec:
    """A tool as a model is told about it. `parameters` is a JSON Schema object."""

    name: str
    description: str
    parameters: dict[str, Any]


@dataclass(frozen=True)
class Prompt:
    """Everything one model call depends on.

    `system` already contains the passages in words; `passages` holds them as data for a model that does not read.
    """

    system: str
    messages: tuple[Message, ...]
    passages: tuple[Passage, ...] = ()
    tools: tuple[ToolSpec, ...] = ()
    max_tokens: int = 700
    patience: float = FIRST_WORD_SECONDS
    """Seconds until the first word; who is slower has failed, and the next model is asked."""
    language: str = "en"
    """The language to answer in."""
    question: str = ""
    """The visitor's last message as a question in the material's language, for a model that reads no conversation."""
    about: str | None = None
    """What that question takes over from the conversation, "" for nothing; None when nobody has looked."""
    visitor: Mapping[str, str] = field(default_factory=dict)
    """What the website says of the visitor, for a model that fills in forms by rules; their own words count more."""
    searched: bool = True
    """False when the material could not be searched: without passages nobody knows what it holds."""


@dataclass(frozen=True)
class TextDelta:
    """The next piece of the answer, in order."""

    text: str


@dataclass(frozen=True)
class Usage:
    """What the call cost, as the provider counted it. Zero for a model without a bill."""

    input_tokens: int = 0
    output_tokens: int = 0


ModelEvent = TextDelta | ToolRequest | Usage


class LanguageModel(Protocol):
    """Writes an answer piece by piece.

    Raises:
        VendorError: the provider failed. Once a `TextDelta` was yielded the error is not retryable.
        NotConfigured: an address or a key is missing.
    """

    name: str

    def stream(self, prompt: Prompt) -> Iterator[ModelEvent]: ...


@dataclass(frozen=True)
class VectorSpace:
    """What makes vectors comparable: only those of one space are. `name` tells model and form, so it is recorded.

    Cosines of some models live in a narrow band. `floor` is a cosine that means nothing, `ceiling` one that means the
    same; between them lies meaning, 0 to 1, so that formula, thresholds and merge hold for every embedder.
    """

    name: str
    dimension: int
    floor: float = 0.0
    ceiling: float = 1.0
    languages: tuple[str, ...] = ()
    """Those that the model reads; empty for all that anybody speaks here."""

    def reads(self, language: str) -> bool:
        return not self.languages or primary(language) in self.languages

    def meaning(self, cosines: "Vectors") -> "Vectors":
        """Any shape in, the same shape out, 0 to 1."""
        return ((cosines - self.floor) / (self.ceiling - self.floor)).clip(0, 1)


class Embedder(Protocol):
    """Turns text into vectors of length 1.

    Raises:
        VendorError: the provider failed.
        NotConfigured: its package, address or key is missing.
    """

    space: VectorSpace

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Shape (n, dimension)."""
        ...

    def embed_question(self, text: str) -> Vectors:
        """Shape (dimension,). The array belongs to everybody who asks the same: it is not writeable."""
        ...


class PictureEmbedder(Protocol):
    """Puts pictures and questions into one space, so that a picture is found by what it shows."""

    space: VectorSpace

    def embed_pictures(self, pictures: Sequence[bytes]) -> Vectors:
        """PNG, JPEG or WebP files in; shape (n, dimension) out."""
        ...

    def embed_question(self, text: str) -> Vectors: ...


class Reranker(Protocol):
    """Judges how well texts answer a question: position in `texts` → 0 to 1, for all that it has judged.

    Raises:
        VendorError: the provider failed.
        NotConfigured: its model, credentials or region is missing.
    """

    def relevance(self, question: str, texts: Sequence[str]) -> dict[int, float]: ...

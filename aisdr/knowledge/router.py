"""The router of strategy `smart`: does a question ask for words, for something to look at, or can one not tell?

Whether an answer is in a picture is rarely said in the question, so doubt goes to both legs, and hardly anything that
wants to be seen is left to words alone.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from aisdr.configuration import RouteExemplar
from aisdr.inference.base import Embedder, Vectors
from aisdr.knowledge.routing.signals import Signals, signals

# Functions that only describe tools import this file, too, and carry no numpy.
if TYPE_CHECKING:
    from aisdr.knowledge.routing.model import Labels

Route = Literal["text", "multimodal", "both"]

REMEMBERED_COMPANIES = 64

_SURELY: dict[Route, float] = {"text": 0.15, "both": 0.5, "multimodal": 0.85}
"""How probable it is that a question wants to see something which signals alone have sent there."""

_Own = tuple[Vectors, "Labels"]


@dataclass(frozen=True)
class Decision:
    """Where a question goes, how sure that is (0.5 to 1), and what decided."""

    route: Route
    confidence: float
    reason: str
    """`no media`, `modalities`, `signals`, `exemplars` (the company's own, and signals) or `model`."""
    version: str = ""
    """Of the exemplars that the model was trained from."""


class Router:
    """Decides in well under a millisecond once the question has its vector.

    A company's own exemplars are embedded in the background when they are first met; until then it is decided without
    them. For an embedder that no model was trained for, signals and those exemplars decide: to embed the common ones in
    every process would cost hundreds of requests to a provider, and doubt costs one leg.
    """

    def __init__(self) -> None:
        self._background = ThreadPoolExecutor(max_workers=1, thread_name_prefix="exemplars")
        self._own: OrderedDict[str, Future[_Own]] = OrderedDict()

    def decide(
        self,
        question: str,
        vector: Vectors | None,
        embedder: Embedder,
        *,
        exemplars: Sequence[RouteExemplar] = (),
        has_media: bool = True,
    ) -> Decision:
        """Where the question goes.

        Args:
            vector: of the question in the embedder's space; without it the signals decide alone.
            exemplars: the company's own.
            has_media: False when the company has nothing to look at; then no question is for pictures.
        """
        from aisdr.knowledge.routing.model import model_for, with_own

        if not has_media:
            return Decision("text", 1.0, "no media")
        found = signals(question)
        if vector is None:
            return _by_signals(found)
        space = embedder.space
        model = model_for(space.name)
        if model is not None:
            probability, reason, version = model.probability(vector, found), "model", model.version
        else:
            by_signals = _by_signals(found)
            probability, reason, version = _SURELY[by_signals.route], "exemplars", ""
        own = self._own_exemplars(exemplars, embedder)
        if own is not None:
            probability = with_own(probability, vector, *own, space.floor)
        elif model is None:
            return by_signals
        return Decision(_route(probability, found), max(probability, 1 - probability), reason, version)

    def _own_exemplars(self, exemplars: Sequence[RouteExemplar], embedder: Embedder) -> _Own | None:
        if not exemplars:
            return None
        words = "\n".join(f"{each.route} {each.question}" for each in exemplars)
        key = hashlib.sha256(f"{embedder.space.name}\n{words}".encode()).hexdigest()
        if key not in self._own:
            self._own[key] = self._background.submit(_embedded, tuple(exemplars), embedder)
            while len(self._own) > REMEMBERED_COMPANIES:
                self._own.popitem(last=False)
        embedding = self._own[key]
        if not embedding.done():
            return None
        if embedding.exception() is not None:
            del self._own[key]  # the provider was down; the next question tries again
            return None
        return embedding.result()


def _embedded(exemplars: tuple[RouteExemplar, ...], embedder: Embedder) -> _Own:
    import numpy as np

    vectors = np.stack([embedder.embed_question(each.question) for each in exemplars])
    return vectors, np.array([each.route == "multimodal" for each in exemplars], dtype=np.float32)


def _route(probability: float, found: Signals) -> Route:
    from aisdr.knowledge.routing.model import HIGH, LOW

    if probability > HIGH:
        return "multimodal"
    asks = found.asks_to_see and not found.asks_about_terms  # said so openly: never left to text alone
    return "text" if probability < LOW and not asks else "both"


def _by_signals(found: Signals) -> Decision:
    if found.asks_to_see:
        return Decision("both" if found.asks_about_terms else "multimodal", 0.8, "signals")
    if found.hints_at_media and not found.asks_about_terms:
        return Decision("both", 0.6, "signals")
    if found.asks_about_terms:
        return Decision("text", 0.7, "signals")
    return Decision("both", 0.5, "signals")  # nothing was said that we can read, which is English

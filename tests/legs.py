"""Legs whose answers are given, and a company that asks them, for tests of what is made of the answers."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from aisdr.company import Company
from aisdr.configuration import Search, SearchStrategy
from aisdr.errors import VendorError
from aisdr.index.base import IndexQuery, Origin, Place, Places, SearchHit, SearchIndex
from aisdr.index.embedded import EmbeddedIndex
from aisdr.inference.base import Embedder
from aisdr.knowledge.base import Asked
from aisdr.tenant import TenantScope, mark_of
from tests.chunks import chunk

PATIENT = 20.0
"""A deadline that no busy machine makes us miss, for tests that are not about it."""

Answer = list[SearchHit] | Callable[[], list[SearchHit]]


class GivenLeg:
    """A leg whose answer is given, and may be changed, and which remembers what it was asked."""

    def __init__(self, name: Origin, answer: Answer) -> None:
        self.name: Origin = name
        self.answer = answer
        self.asked: list[IndexQuery] = []
        self.scopes: list[TenantScope] = []
        self.timeouts: list[float] = []

    def search(self, asked: Asked, timeout: float) -> list[SearchHit]:
        self.scopes.append(asked.scope)
        self.asked.append(asked.query)
        self.timeouts.append(timeout)
        answer = self.answer() if callable(self.answer) else self.answer
        return [hit if hit.owner else hit.model_copy(update={"owner": mark_of(asked.scope)}) for hit in answer]


def company(
    strategy: SearchStrategy = "parallel",
    *,
    company_id: str = "acme",
    uses_tavus: bool = True,
    weight: float = 0.5,
    search: Search | None = None,
) -> Company:
    return Company(
        company_id=company_id,
        slug=company_id,
        display_name="Acme",
        website_url="https://acme.example",
        use_tavus_kb=uses_tavus,
        search_strategy=strategy,
        tavus_kb_weight=weight,
        search=search or Search(),
    )


def found(leg: Origin, text: str, score: float) -> list[SearchHit]:
    return [SearchHit(chunk=chunk(text, source=f"{text}.md"), score=score, origins=(leg,))]


def broken() -> list[SearchHit]:
    raise VendorError("the search address is down", vendor="tavus-kb")


class Hanging:
    """An answer that comes when it is let go, whatever the leg's timeout says."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self.asked = threading.Event()
        self.waiting = 0

    def __call__(self) -> list[SearchHit]:
        self.waiting += 1
        self.asked.set()
        self._over.wait()
        return []

    def let_go(self) -> None:
        self._over.set()


@contextmanager
def hanging() -> Iterator[Hanging]:
    answer = Hanging()
    try:
        yield answer
    finally:
        answer.let_go()


def at(embedder: Embedder, index: SearchIndex | None = None, engine: str = "embedded") -> Places:
    """Every company is there; given legs never ask the index."""
    place = Place(index or EmbeddedIndex(Path("never-made"), embedder.space), embedder, engine=engine)
    return lambda scope: place


def statuses(result: object) -> dict[str, str]:
    """Leg → status, with the reason where there is one."""
    return {leg.name: f"{leg.status} {leg.reason}".strip() for leg in result.legs}  # type: ignore[attr-defined]

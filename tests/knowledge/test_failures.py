"""Whatever happens to the engine or to a company's search address, there is an answer in time and no exception."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from aisdr.configuration import SearchStrategy
from aisdr.errors import NotConfigured, VendorError
from aisdr.index.base import IndexQuery, SearchHit, Vocabulary
from aisdr.index.embedded import EmbeddedIndex
from aisdr.inference.base import VectorSpace
from aisdr.knowledge.breaker import RETRY_SECONDS
from aisdr.knowledge.hybrid import Knowledge
from aisdr.knowledge.own import OwnLeg
from aisdr.knowledge.tavus import TavusLegs
from aisdr.tenant import TenantScope, mark_of
from tests.chunks import ACME, LetterCounts, chunk, store, texts
from tests.legs import at, company, statuses
from tests.material import Clock
from tests.stubborn import stubborn

LETTERS = LetterCounts()
STRATEGIES: tuple[SearchStrategy, ...] = ("parallel", "smart", "fallback")


def http(status: str, body: bytes) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body


BEHAVIOUR = {
    "says nothing": b"",
    "drips": b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n",
    "answers in another form": http("200 OK", b"<html>"),
    "fails": http("500 Internal Server Error", b""),
    "refuses": http("403 Forbidden", b"{}"),
    "speaks no HTTP": b"220 mail.example ESMTP\r\n",
}


@contextmanager
def addressed(behaviour: str) -> Iterator[str]:
    """A search address that behaves so; its URL."""
    if behaviour == "is away":
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        yield f"http://127.0.0.1:{port}/search"
    else:
        with stubborn(BEHAVIOUR[behaviour], b" " if behaviour == "drips" else b"") as address:
            yield address.url


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("behaviour", [*BEHAVIOUR, "is away"])
def test_a_bad_search_address_costs_its_own_hits_only(tmp_path: Path, behaviour: str, strategy: SearchStrategy) -> None:
    index = EmbeddedIndex(tmp_path, LETTERS.space)
    store(index, LETTERS, ACME, chunk("prices"))

    with addressed(behaviour) as url, httpx.Client() as client:
        asking = company(strategy).model_copy(update={"tavus_kb_search_url": url})
        knowledge = Knowledge(at(LETTERS, index), OwnLeg(), TavusLegs(client), deadline=0.4)

        result = knowledge.search(asking.operator_scope, asking, "prices")

    assert texts(result.hits) == ["prices"]
    assert result.degraded
    assert statuses(result)["own"] == "ok"
    assert statuses(result)["tavus"].split()[0] in ("late", "failed")


class Engine:
    """An engine of which nothing works, each time in the way it is told."""

    def __init__(self, error: Exception) -> None:
        self.error: Exception | None = error

    def search(self, scope: TenantScope, query: IndexQuery, timeout: float | None = None) -> list[SearchHit]:
        return self._answer()

    def version(self, scope: TenantScope) -> str:
        self._answer()
        return "1"

    def vocabulary(self, scope: TenantScope) -> Vocabulary:
        self._answer()
        return Vocabulary(0, {})

    def media_chunks(self, scope: TenantScope) -> Sequence[object]:
        return self._answer()

    def _answer(self) -> list[SearchHit]:
        if self.error is not None:
            raise self.error
        return [SearchHit(chunk=chunk("prices"), score=0.9, origins=("own",), owner=mark_of(ACME))]


@pytest.mark.parametrize("strategy", [*STRATEGIES, "own"])
@pytest.mark.parametrize(
    "error",
    [
        VendorError("the node is away", vendor="opensearch", retryable=True),
        VendorError("the index is red", vendor="opensearch", retryable=True),
        NotConfigured("made with another embedder", code="index_mismatch"),
        OSError("disk full"),
        KeyError("a bug of ours"),
    ],
    ids=str,
)
def test_an_engine_that_is_down_is_an_empty_degraded_answer_until_it_is_back(
    clock: Clock, error: Exception, strategy: SearchStrategy
) -> None:
    engine = Engine(error)
    knowledge = Knowledge(
        at(LETTERS, engine, "opensearch"),  # type: ignore[arg-type]
        OwnLeg(),
        TavusLegs(httpx.Client()),
        deadline=5,
        clock=clock,
    )

    down = [knowledge.search(company(strategy).operator_scope, company(strategy), "prices") for _ in range(7)]
    engine.error = None
    clock.now += RETRY_SECONDS
    back = [knowledge.search(company(strategy).operator_scope, company(strategy), "prices") for _ in range(2)][-1]

    assert all(result.hits == () and result.degraded for result in down)
    assert set(statuses(down[-1]).values()) == {"skipped breaker"}
    assert texts(back.hits) == ["prices"]
    assert not back.degraded


def test_an_index_of_another_embedder_is_that_legs_failure(tmp_path: Path) -> None:
    store(EmbeddedIndex(tmp_path, LETTERS.space), LETTERS, ACME, chunk("prices"))
    other = LetterCounts("another")
    index = EmbeddedIndex(tmp_path, VectorSpace("another", 26))

    result = Knowledge(at(other, index), OwnLeg(), TavusLegs(httpx.Client()), deadline=5).search(
        ACME, company("own"), "prices"
    )

    assert statuses(result) == {"own": "failed index_mismatch"}
    assert result.degraded

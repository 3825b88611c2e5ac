"""A real node freezes, dies or loses an index under load: degraded answers in time, and all is well when it is back."""

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from opensearchpy import OpenSearch

from aisdr.index.opensearch import OpenSearchIndex
from aisdr.index.opensearch_client import client
from aisdr.index.opensearch_layout import alias_of
from aisdr.knowledge.breaker import RETRY_SECONDS
from aisdr.knowledge.hybrid import Knowledge
from aisdr.knowledge.own import OwnLeg
from aisdr.knowledge.tavus import TavusLegs
from tests.chunks import ACME, LetterCounts, chunk, store, texts
from tests.legs import at, company
from tests.material import Clock
from tests.opensearch_node import Node, running_node

pytestmark = pytest.mark.slow

DEADLINE = 1.0
"""Seconds for every search; a node on a busy machine needs more than a visitor's 400 milliseconds."""
IN_TIME = DEADLINE + 1.5
"""The threads of a test share two cores with a node that begins or ends: each may wait for its turn."""
PATIENCE = 60.0
FOUND = "prices for teams"
_OF_THE_INDEX_ITSELF = ("uuid", "version", "creation_date", "provided_name")
"""Settings of an index that another one cannot be given."""


@dataclass
class Asked:
    """What one question came to."""

    found: bool
    degraded: bool
    seconds: float


@dataclass
class Load:
    """Eight visitors who ask one question after another."""

    knowledge: Knowledge
    asked: list[Asked] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def ask_on(self) -> None:
        while not self.over.is_set():
            self.asked.append(ask(self.knowledge))
            time.sleep(0.05)  # for reading the answer; eight who ask without a pause leave the node no time to begin

    def comes(self, true: Callable[[Asked], bool]) -> Asked:
        """Waits for an answer of that kind among those that are still to come."""
        deadline, seen = time.monotonic() + PATIENCE, len(self.asked)
        while time.monotonic() < deadline:
            for each in self.asked[seen:]:
                if true(each):
                    return each
            time.sleep(0.05)
        pytest.fail(f"it never came; the last were {self.asked[-3:]}")


def ask(knowledge: Knowledge) -> Asked:
    began = time.monotonic()
    result = knowledge.search(company("own").operator_scope, company("own"), "prices")
    return Asked(FOUND in texts(result.hits), result.degraded, time.monotonic() - began)


@contextmanager
def load(knowledge: Knowledge, clock: Clock, caplog: pytest.LogCaptureFixture) -> Iterator[Load]:
    """Begins with a node that is warm."""
    under = Load(knowledge)
    with ThreadPoolExecutor(8) as visitors:
        asking = [visitors.submit(under.ask_on) for _ in range(8)]
        try:
            healed(under, clock, caplog)
            under.asked.clear()
            yield under
        finally:
            under.over.set()
            for each in asking:
                each.result()  # an exception of any search is the test's


def knowledge_at(url: str, clock: Clock) -> Knowledge:
    """Of a company with one page at this node, with no memory for answers."""
    letters = LetterCounts()
    index = OpenSearchIndex(client(url, "", None), letters.space)
    index.remove_company(ACME)
    store(index, letters, ACME, chunk(FOUND), chunk("zebras run", source="other.md"))
    places = at(letters, index, "opensearch")
    return Knowledge(places, OwnLeg(), TavusLegs(httpx.Client()), deadline=DEADLINE, remember=0, clock=clock)


def healed(under: Load, clock: Clock, caplog: pytest.LogCaptureFixture) -> Asked:
    """The first whole answer of a leg that is asked again, where a probe is let through again and again.

    A question that was under way when the trouble began may be answered when it ends, before any probe was.
    """
    done = threading.Event()

    def time_passes() -> None:
        while not done.wait(0.2):
            clock.now += RETRY_SECONDS

    passing = threading.Thread(target=time_passes)
    passing.start()
    try:
        return under.comes(lambda each: each.found and not each.degraded and changes(caplog)[-1:] in ([], ["closed"]))
    finally:
        done.set()
        passing.join()


def changes(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What became of the breaker of the own leg, in order."""
    records = [vars(record) for record in caplog.records if record.getMessage() == "breaker changed"]
    return [record["after"] for record in records if record.get("lane") == "own"]


@contextmanager
def frozen(cluster: OpenSearch, node: Node) -> Iterator[None]:
    with node.frozen():
        yield


@contextmanager
def closed(cluster: OpenSearch, node: Node) -> Iterator[None]:
    cluster.indices.close(index=alias_of(ACME))
    try:
        yield
    finally:
        cluster.indices.open(index=alias_of(ACME))


@contextmanager
def red(cluster: OpenSearch, node: Node) -> Iterator[None]:
    """The company's alias leads to an index whose only shard no node may hold.

    A shard that a node has held already comes back in spite of such a setting, so it is one that never was.
    """
    alias = alias_of(ACME)
    [(whole, description)] = cluster.indices.get(index=alias).items()
    lost = f"{whole}-lost"
    kept = {name: value for name, value in description["settings"]["index"].items() if name not in _OF_THE_INDEX_ITSELF}
    settings = kept | {"routing.allocation.require._name": "nobody"}
    cluster.indices.create(
        index=lost,
        body={"mappings": description["mappings"], "settings": settings},
        params={"wait_for_active_shards": "0"},
    )
    _point(cluster, alias, whole, lost)
    try:
        assert cluster.cluster.health(index=alias)["status"] == "red"
        yield
        assert cluster.cluster.health(index=alias)["status"] == "red"
    finally:
        _point(cluster, alias, lost, whole)
        cluster.indices.delete(index=lost)


def _point(cluster: OpenSearch, alias: str, away: str, to: str) -> None:
    actions = [{"remove": {"index": away, "alias": alias}}, {"add": {"index": to, "alias": alias}}]
    cluster.indices.update_aliases(body={"actions": actions})


@pytest.mark.parametrize("trouble", [frozen, closed, red])
def test_trouble_of_a_node_costs_its_hits_for_as_long_as_it_lasts(
    node_of_all: Node,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    trouble: Callable[[OpenSearch, Node], AbstractContextManager[None]],
) -> None:
    knowledge = knowledge_at(node_of_all.url, clock)
    cluster = client(node_of_all.url, "", None)

    with caplog.at_level(logging.INFO, logger="aisdr"), load(knowledge, clock, caplog) as under:
        with trouble(cluster, node_of_all):
            under.comes(lambda each: each.degraded)
            under.comes(lambda each: each.degraded and each.seconds < DEADLINE / 2)  # left alone, and nobody waits
        healed(under, clock, caplog)

    assert max(each.seconds for each in under.asked) < IN_TIME
    assert all(each.found or each.degraded for each in under.asked)
    assert changes(caplog)[:1] == ["open"]
    assert "closed" in changes(caplog)


def test_a_node_that_is_killed_in_the_middle_and_begins_again_has_lost_nothing(
    clock: Clock, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    with running_node(tmp_path / "node.log") as node:
        knowledge = knowledge_at(node.url, clock)

        with caplog.at_level(logging.INFO, logger="aisdr"), load(knowledge, clock, caplog) as under:
            node.end(signal.SIGKILL)
            under.comes(lambda each: each.degraded and each.seconds < DEADLINE / 2)
            node.start()
            whole = healed(under, clock, caplog)

    assert whole.found
    assert max(each.seconds for each in under.asked) < IN_TIME
    assert all(each.found or each.degraded for each in under.asked)
    assert changes(caplog)[:1] == ["open"]
    assert "closed" in changes(caplog)

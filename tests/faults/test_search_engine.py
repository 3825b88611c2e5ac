"""F-OS-01 to 09: OpenSearch is away, slow, full or strange; a visitor gets an answer, and a writer no doubles."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import pytest

from aisdr.errors import VendorError
from aisdr.home import Home
from aisdr.index import opensearch_bulk
from aisdr.services import Services
from dev.fault_proxy import proxying
from tests.doors import call
from tests.faults.search_cluster import SHARDS, WHOLE, Cluster, listening
from tests.material import ORIGIN, a_company

pytestmark = pytest.mark.slow


@contextmanager
def away(cluster: Cluster) -> Iterator[str]:
    with listening(cluster) as url:
        pass
    yield url


@contextmanager
def behind_a_slow_wire(cluster: Cluster) -> Iterator[str]:
    with listening(cluster) as url, proxying(urlsplit(url).port or 0) as proxy, proxy.broken(latency=2.0):
        yield proxy.url


def answering(**behaviour: Any) -> AbstractContextManager[str]:
    return listening(Cluster(**behaviour))


@pytest.mark.parametrize(
    "engine",
    [
        pytest.param(lambda: away(Cluster()), marks=pytest.mark.cell("F-OS-01"), id="refuses"),
        pytest.param(lambda: behind_a_slow_wire(Cluster()), marks=pytest.mark.cell("F-OS-02"), id="slow wire"),
        pytest.param(lambda: answering(seconds=2.0), marks=pytest.mark.cell("F-OS-02"), id="slow search"),
        pytest.param(lambda: answering(status=429, found={}), marks=pytest.mark.cell("F-OS-03"), id="429"),
        pytest.param(lambda: answering(status=503, found={}), marks=pytest.mark.cell("F-OS-04"), id="503"),
        pytest.param(
            lambda: answering(found={"responses": [WHOLE | {"_shards": SHARDS | {"failed": 1}}] * 4}),
            marks=pytest.mark.cell("F-OS-05"),
            id="red",
        ),
        pytest.param(
            lambda: answering(found={"responses": [WHOLE | {"timed_out": True}] * 4}),
            marks=pytest.mark.cell("F-OS-06"),
            id="timed out",
        ),
        pytest.param(lambda: answering(status=403, found={}), marks=pytest.mark.cell("F-OS-07"), id="403"),
        pytest.param(lambda: answering(found=b"<html>"), marks=pytest.mark.cell("F-OS-08"), id="html"),
        pytest.param(lambda: answering(found=b'{"responses": [{"t'), marks=pytest.mark.cell("F-OS-08"), id="cut"),
    ],
)
def test_whatever_the_engine_does_a_visitor_is_answered_and_told_so(services: Services, engine: Any) -> None:
    with engine() as url:
        services.settings = replace(services.settings, opensearch_url=url)
        company = a_company()
        services.companies.put(company, expected_version=0)
        services.homes.settle(company.operator_scope, Home("opensearch", "minilm"))
        token = services.sessions.issue(services.sessions.open(company, ORIGIN, None)).token
        headers = {"authorization": f"Bearer {token}", "origin": ORIGIN}
        found = call("POST", "/api/search", body={"companyId": "acme", "query": "What does it cost?"}, **headers)
        answer = call("POST", "/api/answer", body={"question": "What does the Team plan cost?"}, **headers)

    assert (found.status, answer.status) == (200, 200), (found.text, answer.text)
    assert found.json()["degraded"] is True
    assert found.json()["hits"] == []
    assert {leg["status"] for leg in found.json()["legs"]} <= {"late", "failed", "skipped"}
    assert "cannot look that up just now" in answer.json()["text"]


BATCH = "".join(
    json.dumps(line) + "\n"
    for line in (
        {"index": {"_id": "a"}},
        {"text": "one"},
        {"delete": {"_id": "b"}},
        {"index": {"_id": "c"}},
        {"text": "three"},
    )
)


@dataclass
class Bulk:
    """A cluster's side of writing: `troubles` are, for each time it is asked, the documents that fare badly."""

    troubles: list[dict[str, tuple[int, str]]]
    stored: dict[str, str] = field(default_factory=dict)
    sent: list[list[str]] = field(default_factory=list)

    def __call__(self, batch: str) -> Any:
        trouble = self.troubles.pop(0) if self.troubles else {}
        lines, items = iter(map(json.loads, batch.splitlines())), []
        self.sent.append([])
        for line in lines:
            ((verb, target),) = line.items()
            document = None if verb == "delete" else next(lines)
            self.sent[-1].append(target["_id"])
            status, kind = trouble.get(target["_id"], (200, ""))
            if status == 200 and document is not None:
                assert target["_id"] not in self.stored, "a document that was taken was sent again"
                self.stored[target["_id"]] = document["text"]
            items.append({verb: {"status": status, "error": {"type": kind}}})
        return {"items": items}


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opensearch_bulk, "BASE_SECONDS", 0.001)


@pytest.mark.cell("F-OS-09/partial-failure")
def test_only_what_found_no_room_is_sent_again() -> None:
    full = (429, "rejected_execution_exception")
    bulk = Bulk([{"a": full, "b": (503, "unavailable")}, {"b": full}])

    opensearch_bulk.write(BATCH, bulk)

    assert bulk.sent == [["a", "b", "c"], ["a", "b"], ["b"]]
    assert bulk.stored == {"a": "one", "c": "three"}


@pytest.mark.cell("F-OS-09/partial-failure")
def test_what_never_finds_room_is_named_and_the_rest_stands_once() -> None:
    full = (429, "rejected_execution_exception")
    bulk = Bulk([{"c": full}] * 99)

    with pytest.raises(VendorError, match="'c'") as caught:
        opensearch_bulk.write(BATCH, bulk)

    assert caught.value.retryable
    assert len(bulk.sent) == opensearch_bulk.ATTEMPTS
    assert bulk.stored == {"a": "one"}
    again = Bulk([], {})
    opensearch_bulk.write(BATCH, again)  # the next ingestion goes on where this one ended
    assert again.stored == {"a": "one", "c": "three"}


@pytest.mark.cell("F-OS-09/mapping-conflict")
def test_a_document_that_cannot_be_taken_is_named_and_not_sent_again() -> None:
    bulk = Bulk([{"a": (400, "mapper_parsing_exception")}])

    with pytest.raises(VendorError, match=r"'a' \(mapper_parsing_exception\)") as caught:
        opensearch_bulk.write(BATCH, bulk)

    assert not caught.value.retryable
    assert len(bulk.sent) == 1


@pytest.mark.cell("F-OS-09/version-conflict")
def test_a_document_that_another_writer_held_is_sent_again() -> None:
    bulk = Bulk([{"a": (409, "version_conflict_engine_exception")}])

    opensearch_bulk.write(BATCH, bulk)

    assert bulk.sent == [["a", "b", "c"], ["a"]]
    assert bulk.stored == {"a": "one", "c": "three"}

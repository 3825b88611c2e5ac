"""Documents at Tavus: registered, followed until they are ready or failed, replaced without a gap, removed."""

from typing import Any

import pytest

from aisdr.errors import VendorError
from aisdr.live.tavus_documents import TavusDocuments
from aisdr.table import Table
from aisdr.tenant import TenantScope
from tests.material import Clock
from tests.tavus import Tavus

ACME = TenantScope("acme")
URL = "https://acme.example/pricing.pdf"


class Library:
    """`acme`'s documents and Tavus, whose clocks run together."""

    def __init__(self, tavus: Tavus, table: Table, clock: Clock) -> None:
        self.tavus, self._clock = tavus, clock
        self.documents = TavusDocuments(tavus.client(), table, clock)

    def register(self, url: str = URL, replaces: str | None = None) -> str:
        return self.documents.register(ACME, "Pricing", url, ("acme",), replaces)

    def wait(self, seconds: float) -> int:
        self._clock.advance(seconds)
        self.tavus.advance(seconds)
        return self.documents.follow()

    def states(self) -> dict[str, str]:
        return {each.document_id: each.state for each in self.documents.all(ACME)}

    def at_tavus(self) -> list[str]:
        return [each["document_id"] for each in self.tavus.client().list_documents()]


@pytest.fixture
def library(tavus: Tavus, conversations_table: Table, clock: Clock) -> Library:
    return Library(tavus, conversations_table, clock)


def test_a_document_is_followed_until_it_is_ready_and_then_left_alone(library: Library) -> None:
    document_id = library.register()
    assert library.states() == {document_id: "reading"}
    assert library.wait(2) == 0, "it is not time yet"

    assert library.wait(60) == 1

    assert library.states() == {document_id: "ready"}
    asked = len(library.tavus.asked("GET", "/v2/documents"))
    assert library.wait(3600) == 0
    assert len(library.tavus.asked("GET", "/v2/documents")) == asked


def test_what_is_asked_for_fits_the_vendors_tables(library: Library) -> None:
    library.register()

    (asked,) = library.tavus.asked("POST", "/v2/documents")
    assert (asked["unknown_fields"], asked["violations"]) == ([], [])
    assert asked["body"] == {"document_name": "Pricing", "document_url": URL, "tags": ["acme"]}


@pytest.mark.parametrize(
    ("page", "reason", "helps"),
    [
        ("fail-download", "file_download_failed", "AISDR_PUBLIC_URL"),
        ("fail-format", "file_format_unsupported", "pdf"),
        ("fail-size", "file_size_too_large", "50 MB"),
        ("fail-chunking", "chunking_failed", "ingest --tavus"),
    ],
)
def test_a_failure_names_what_helps(library: Library, page: str, reason: str, helps: str) -> None:
    library.register(f"https://acme.example/{page}")

    library.wait(60)

    (document,) = library.documents.all(ACME)
    assert (document.state, document.reason) == ("failed", reason)
    assert helps in document.remedy


def test_the_old_one_stays_until_the_new_one_is_ready(library: Library) -> None:
    old = library.register()
    library.wait(60)

    new = library.register(replaces=old)

    assert library.states() == {new: "reading"}
    assert library.at_tavus() == [old, new]
    library.wait(60)
    assert library.states() == {new: "ready"}
    assert library.at_tavus() == [new]


def test_the_old_one_stays_when_the_new_one_fails(library: Library) -> None:
    old = library.register()
    broken = library.register("https://acme.example/fail-empty", replaces=old)
    library.wait(60)
    assert library.at_tavus() == [old, broken]

    mended = library.register(replaces=broken)
    library.wait(60)

    assert library.at_tavus() == [mended]


def test_removing_takes_along_what_it_was_going_to_replace(library: Library) -> None:
    old = library.register()
    new = library.register(replaces=old)

    for _ in range(2):
        library.documents.remove(ACME, new)

    assert (library.at_tavus(), library.states()) == ([], {})


def test_one_that_somebody_deleted_at_tavus_has_failed(library: Library) -> None:
    document_id = library.register()
    library.wait(60)
    library.tavus.client().delete_document(document_id)

    (document,) = library.documents.refresh(ACME)

    assert (document.state, document.reason) == ("failed", "gone")
    assert "ingest --tavus" in document.remedy


def test_one_that_never_becomes_ready_has_failed(library: Library, conversations_table: Table, clock: Clock) -> None:
    library.register()
    clock.advance(3601)  # ours alone: Tavus's stands still

    assert library.documents.follow() == 1

    (document,) = library.documents.all(ACME)
    assert (document.state, document.reason) == ("failed", "too_slow")


@pytest.mark.parametrize("fault", [{"status": 503}, {"status": 429}, {"reset": True}, {"kind": "key"}], ids=str)
def test_a_tavus_that_does_not_answer_is_asked_again_later(library: Library, fault: dict[str, Any]) -> None:
    document_id = library.register()
    library.tavus.fault(method="GET", path="/v2/documents/*", **fault)

    assert library.wait(60) == 0
    assert library.states() == {document_id: "reading"}

    assert library.wait(600) == 1
    assert library.states() == {document_id: "ready"}


def test_a_refused_registration_leaves_nothing_to_follow(library: Library) -> None:
    library.tavus.fault(method="POST", path="/v2/documents", status=429, body={"error": "Crawl document limit"})

    with pytest.raises(VendorError):
        library.register()

    assert library.states() == {}

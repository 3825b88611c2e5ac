"""Documents at Tavus: registered, followed until they are ready or failed, replaced without a gap, removed."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from aisdr.errors import VendorError
from aisdr.live.tavus_documents import TavusDocuments
from aisdr.live.tavus_drift import MarkedSource, drift
from aisdr.live.tavus_marks import source_mark
from aisdr.table import Table
from aisdr.tenant import TenantScope
from tests.material import Clock
from tests.tavus import Tavus

ACME = TenantScope.for_operator("acme")
URL = "https://acme.example/pricing.pdf"


class Library:
    """`acme`'s documents and Tavus, whose clocks run together."""

    def __init__(self, tavus: Tavus, table: Table, clock: Clock) -> None:
        self.tavus, self._clock = tavus, clock
        self.table = table
        self.documents = self.of("sdr.example")
        self._versions = itertools.count(1)

    def of(self, deployment: str) -> TavusDocuments:
        return TavusDocuments(self.tavus.client(), self.table, self._clock, deployment=deployment)

    def register(self, url: str = URL, replaces: str | None = None, version: str = "", **more: Any) -> str:
        """Another version each time, unless it is named."""
        version = version or f"v{next(self._versions)}"
        told = {"source_id": "pricing.pdf", "version": version} | more
        return self.documents.register(ACME, "Pricing", url, ("acme",), replaces, **told)

    def forget(self, *document_ids: str) -> None:
        """Our notes are lost, as after a table was restored."""
        for document_id in document_ids:
            self.table.delete("acme#documents", f"document#{document_id}")

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
    tags = ["acme", "aisdr", "company:acme", "at:sdr.example", f"source:{source_mark('pricing.pdf')}", "version:v1"]
    assert asked["body"] == {"document_name": "Pricing", "document_url": URL, "tags": tags}


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


def test_one_that_we_had_forgotten_is_taken_up_and_not_registered_again(library: Library) -> None:
    document_id = library.register(version="v1")
    library.wait(60)
    library.forget(document_id)

    (found,) = library.documents.refresh(ACME)
    again = library.register(version="v1")

    assert (found.document_id, found.state, found.version) == (document_id, "ready", "v1")
    assert again == document_id
    assert library.at_tavus() == [document_id]


def test_one_of_an_older_version_is_replaced_although_nobody_remembers_it(library: Library) -> None:
    old = library.register(version="v1")
    library.wait(60)
    library.forget(old)
    library.documents.refresh(ACME)

    new = library.register(version="v2")

    assert library.at_tavus() == [old, new]
    library.wait(60)
    assert library.at_tavus() == [new]


def test_the_documents_of_another_deployment_or_company_are_nobodys_business(library: Library) -> None:
    library.of("staging.example").register(ACME, "Pricing", URL, (), source_id="pricing.pdf", version="v1")
    library.documents.register(
        TenantScope.for_operator("globex"), "Pricing", URL, (), source_id="pricing.pdf", version="v1"
    )
    library.tavus.client().create_document({"document_name": "By hand", "document_url": URL, "tags": ["acme"]})
    for row in library.table.query("acme#documents"):
        library.forget(row["document_id"])

    assert library.documents.refresh(ACME) == []
    assert library.documents.prune(ACME, ()) == []
    assert len(library.at_tavus()) == 3


def test_what_no_source_refers_to_is_removed_but_not_what_waits_for_its_successor(library: Library) -> None:
    old = library.register()
    library.wait(60)
    new = library.register(replaces=old)
    orphan = library.register(source_id="gone.pdf")

    assert library.documents.prune(ACME, {new}) == ["Pricing"]

    assert library.at_tavus() == [old, new]
    assert orphan not in library.states()


def test_an_orphan_does_not_take_along_what_it_was_going_to_replace(library: Library) -> None:
    kept = library.register()
    library.wait(60)
    library.register(replaces=kept)

    library.documents.prune(ACME, {kept})

    assert library.at_tavus() == [kept]


def test_a_name_and_tags_that_somebody_changed_are_put_right(library: Library) -> None:
    document_id = library.register()
    library.wait(60)
    before = library.tavus.client().get_document(document_id)
    library.tavus.client().patch_document(document_id, {"document_name": "Mine", "tags": []})

    library.documents.refresh(ACME)

    after = library.tavus.client().get_document(document_id)
    assert (after["document_name"], after["tags"]) == (before["document_name"], before["tags"])


def test_a_document_of_a_source_that_expires_goes_the_day_after(library: Library, clock: Clock) -> None:
    today = datetime.fromtimestamp(clock(), UTC).date()
    document_id = library.register(expires=today)
    library.wait(60)
    assert library.states() == {document_id: "ready"}
    midnight = datetime(today.year, today.month, today.day, tzinfo=UTC).timestamp() + 86400

    assert library.wait(midnight - clock() - 60) == 0
    assert library.at_tavus() == [document_id]
    assert library.wait(60) == 1

    assert (library.at_tavus(), library.states()) == ([], {})


class Sources:
    """What the index has, and how it differs from what Tavus has."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def drift(self, *sources: MarkedSource) -> list[tuple[str, str]]:
        documents = self._library.documents
        found = drift(sources, documents.all(ACME), documents.there(ACME), "`aisdr ingest --tavus`")
        assert all(each.remedy for each in found)
        return [(each.kind, each.what) for each in found]


@pytest.fixture
def sources(library: Library) -> Sources:
    return Sources(library)


def test_in_step_there_is_no_drift(library: Library, sources: Sources) -> None:
    document_id = library.register(version="v1")

    assert sources.drift(MarkedSource("pricing.pdf", "v1", document_id)) == []
    library.wait(60)
    assert sources.drift(MarkedSource("pricing.pdf", "v1", document_id)) == []


def test_a_successor_that_is_being_read_is_no_drift(library: Library, sources: Sources) -> None:
    old = library.register(version="v1")
    library.wait(60)
    new = library.register(version="v2", replaces=old)

    assert sources.drift(MarkedSource("pricing.pdf", "v2", new)) == []


def test_every_kind_of_drift_is_told_apart(library: Library, sources: Sources) -> None:
    client = library.tavus.client()

    def registered(source_id: str, url: str = URL) -> MarkedSource:
        document_id = library.register(url, source_id=source_id, version="v1")
        return MarkedSource(source_id, "v1", document_id)

    gone, changed, forgotten = registered("gone"), registered("changed"), registered("forgotten")
    failed, orphan, stray = registered("failed", f"{URL}/fail-empty"), registered("orphan"), registered("stray")
    outdated = replace(registered("outdated"), version="v2")
    library.wait(60)
    client.delete_document(str(gone.document_id))
    client.patch_document(str(changed.document_id), {"tags": ["acme"]})
    library.forget(str(forgotten.document_id), str(stray.document_id))

    found = sources.drift(MarkedSource("missing", "v1"), gone, changed, forgotten, failed, outdated)

    assert found == [
        ("missing", "missing"),
        ("gone", "Pricing"),
        ("failed", "Pricing: file_empty"),
        ("outdated", "Pricing"),
        ("changed", "Pricing"),
        ("forgotten", f"Pricing ({forgotten.document_id})"),
        ("orphan", f"Pricing ({orphan.document_id})"),
        ("orphan", f"Pricing ({stray.document_id})"),
    ]


def test_another_address_than_ours_is_drift_but_another_signature_is_not(library: Library) -> None:
    document_id = library.register(f"{URL}?Expires=1&Signature=x&Key-Pair-Id=K", version="v1")
    source = MarkedSource("pricing.pdf", "v1", document_id)
    there = library.documents.there(ACME)
    document = there[document_id]

    def kinds(url: str) -> list[str]:
        told = {document_id: document | {"document_url": url}}
        return [each.kind for each in drift([source], library.documents.all(ACME), told, "again")]

    assert kinds(f"{URL}?Expires=2&Signature=y&Key-Pair-Id=K") == []
    assert kinds("https://elsewhere.example/pricing.pdf") == ["moved"]

"""Documents of the Tavus look-alike become ready with time, or tell why not."""

import httpx

from tests.dev.account import advance
from tests.dev.receiver import Receiver


def test_a_document_becomes_ready_and_calls_back(tavus: httpx.Client, receiver: tuple[Receiver, str]) -> None:
    hooks, hook_url = receiver
    body = {"document_url": "https://example.com/a.pdf", "tags": ["acme"], "callback_url": hook_url}
    document = tavus.post("/v2/documents", json=body).json()

    advance(tavus, 3)
    processing = tavus.get(f"/v2/documents/{document['document_id']}").json()
    advance(tavus, 4)
    ready = tavus.get("/v2/documents", params={"tags": "acme,other", "status": "ready"}).json()

    assert (document["status"], processing["status"]) == ("started", "processing")
    assert (ready["total_count"], ready["page"], ready["data"][0]["progress"]) == (1, 0, 100)
    assert [hooks.take_json()["status"] for _ in range(2)] == ["processing", "ready"]


def test_a_document_at_a_failing_address_ends_in_an_error(tavus: httpx.Client) -> None:
    document = tavus.post("/v2/documents", json={"document_url": "https://example.com/fail-download"}).json()

    advance(tavus, 7)

    record = tavus.get(f"/v2/documents/{document['document_id']}").json()
    assert (record["status"], record["error_message"]) == ("error", "file_download_failed")


def test_documents_are_the_family_that_says_404(tavus: httpx.Client) -> None:
    answer = tavus.get("/v2/documents/d0-000000000000")

    assert (answer.status_code, answer.json()) == (404, {"message": "Document not found"})


def test_a_document_needs_an_address(tavus: httpx.Client) -> None:
    answer = tavus.post("/v2/documents", json={"document_name": "Pricing"})

    assert (answer.status_code, answer.json()) == (400, {"error": "Invalid request: document_url is required"})


def test_a_site_is_crawled_again_only_when_it_is_done_and_an_hour_has_passed(tavus: httpx.Client) -> None:
    body = {"document_url": "https://example.com/", "crawl": {"depth": 1, "max_pages": 5}}
    path = f"/v2/documents/{tavus.post('/v2/documents', json=body).json()['document_id']}"

    early = tavus.post(f"{path}/recrawl")
    advance(tavus, 7)
    tavus.get(path)
    soon = tavus.post(f"{path}/recrawl")
    advance(tavus, 3600)
    late = tavus.post(f"{path}/recrawl")

    assert [answer.status_code for answer in (early, soon, late)] == [409, 429, 202]
    assert late.json()["crawl_count"] == 2

"""The Tavus leg at a company's own search address, against a real server on loopback."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from aisdr.company import Company
from aisdr.errors import InvalidInput, VendorError
from aisdr.index.base import IndexQuery, Place
from aisdr.index.embedded import EmbeddedIndex
from aisdr.knowledge.base import Asked, Leg
from aisdr.knowledge.tavus import MAX_RESPONSE_BYTES, TavusEndpoint, TavusLegs, TavusMirror
from tests.chunks import ACME, LetterCounts, ask, chunk, store, texts

Reply = Callable[[], tuple[int, bytes]]


class SearchAddress:
    """A company's search address whose next reply can be set."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.status = 200
        self.body: bytes | Iterator[bytes] = b'{"results": []}'
        address = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                address.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(address.status)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()
                try:
                    for part in [address.body] if isinstance(address.body, bytes) else address.body:
                        self.wfile.write(part)
                except OSError:
                    pass  # the client had enough

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/search"
        threading.Thread(target=self._server.serve_forever, args=[0.02], daemon=True).start()

    def say(self, *results: dict[str, Any]) -> None:
        self.body = json.dumps({"results": results}).encode()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def address() -> Iterator[SearchAddress]:
    server = SearchAddress()
    yield server
    server.close()


@pytest.fixture
def letters() -> LetterCounts:
    return LetterCounts()


def asked(query: IndexQuery, letters: LetterCounts) -> Asked:
    """What a leg gets. This one never asks the index."""
    return Asked(ACME, query, Place(EmbeddedIndex(Path("never-made"), letters.space), letters))


@pytest.fixture
def leg(address: SearchAddress) -> Iterator[Leg]:
    with httpx.Client() as http:
        yield TavusEndpoint(address.url, "https://acme.example", http, "acme")


def test_results_become_hits_of_the_tavus_leg(address: SearchAddress, leg: Leg, letters: LetterCounts) -> None:
    address.say(
        {"content": "Prices start at 49", "title": "Prices", "url": "https://acme.example/prices", "score": 0.8},
        {"content": "Terms", "score": 0.4},
    )

    first, second = leg.search(asked(ask("prices", letters, limit=5), letters), timeout=5)

    assert address.asked == [{"query": "prices", "limit": 5}]
    assert (first.chunk.text, first.chunk.title, first.chunk.url) == (
        "Prices start at 49",
        "Prices",
        "https://acme.example/prices",
    )
    assert (first.score, first.origins) == (0.8, ("tavus",))
    assert second.chunk.url == "https://acme.example"


def test_without_usable_scores_the_order_counts_from_how_well_the_first_fits(
    address: SearchAddress, leg: Leg, letters: LetterCounts
) -> None:
    address.say({"content": "secirp", "score": 17.3}, {"content": "zzz", "score": float("nan")}, {"content": "terms"})

    hits = leg.search(asked(ask("prices", letters), letters), timeout=5)

    assert [hit.score for hit in hits] == pytest.approx([1.0, 1 / 1.1, 1 / 1.2], abs=1e-3)


def test_without_a_vector_shared_words_stand_for_the_fit(
    address: SearchAddress, leg: Leg, letters: LetterCounts
) -> None:
    address.say({"content": "prices and more"})

    hits = leg.search(asked(ask("prices terms"), letters), timeout=5)

    assert [hit.score for hit in hits] == [0.5]


def test_an_address_that_only_knows_text_is_not_asked_for_pictures(
    address: SearchAddress, leg: Leg, letters: LetterCounts
) -> None:
    assert leg.search(asked(ask("prices", letters, modalities=("image",)), letters), timeout=5) == []
    assert address.asked == []


def test_more_results_than_asked_for_are_cut(address: SearchAddress, leg: Leg, letters: LetterCounts) -> None:
    address.say(*[{"content": f"text {n}", "score": 0.5} for n in range(9)])

    assert len(leg.search(asked(ask("prices", letters, limit=2), letters), timeout=5)) == 2


def test_a_result_cannot_bring_a_dangerous_link(address: SearchAddress, leg: Leg, letters: LetterCounts) -> None:
    address.say({"content": "x", "url": "javascript:alert(1)", "score": 0.5})

    assert leg.search(asked(ask("prices", letters), letters), timeout=5)[0].chunk.url == "https://acme.example"


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b'{"results": 3}', b'{"results": [{"text": "x"}]}', b'{"results": [{"content": ""}]}'],
)
def test_another_form_than_agreed_is_a_vendors_failure(
    address: SearchAddress, leg: Leg, letters: LetterCounts, body: bytes
) -> None:
    address.body = body

    with pytest.raises(VendorError, match="another form"):
        leg.search(asked(ask("prices", letters), letters), timeout=5)


@pytest.mark.parametrize(("status", "retryable"), [(500, True), (404, False), (302, False)])
def test_a_refusal_is_a_vendors_failure_and_redirects_are_not_followed(
    address: SearchAddress, leg: Leg, letters: LetterCounts, status: int, retryable: bool
) -> None:
    address.status = status

    with pytest.raises(VendorError, match=str(status)) as failure:
        leg.search(asked(ask("prices", letters), letters), timeout=5)

    assert failure.value.retryable is retryable


def test_an_endless_answer_is_cut_off(address: SearchAddress, leg: Leg, letters: LetterCounts) -> None:
    address.body = (b" " * 65536 for _ in range(MAX_RESPONSE_BYTES // 65536 + 100))

    with pytest.raises(VendorError, match="more than 1 MB"):
        leg.search(asked(ask("prices", letters), letters), timeout=30)


def test_an_answer_that_only_drips_is_given_up(address: SearchAddress, leg: Leg, letters: LetterCounts) -> None:
    over = threading.Event()
    address.body = (b" " for _ in iter(lambda: over.wait(0.02), True))

    with pytest.raises(VendorError, match="slow"):
        leg.search(asked(ask("prices", letters), letters), timeout=0.3)
    over.set()


def test_nobody_there_is_a_vendors_failure(letters: LetterCounts) -> None:
    with httpx.Client() as http:
        leg = TavusEndpoint("http://127.0.0.1:1/", "https://acme.example", http, "acme")

        with pytest.raises(VendorError, match="did not answer"):
            leg.search(asked(ask("prices", letters), letters), timeout=5)


@pytest.mark.parametrize("url", ["http://search.example/", "http://10.0.0.1/", "ftp://localhost/"])
def test_only_https_or_this_machine_is_asked(url: str, letters: LetterCounts) -> None:
    with httpx.Client() as http, pytest.raises(InvalidInput, match="https"):
        TavusEndpoint(url, "https://acme.example", http, "acme")


def test_the_company_decides_how_its_tavus_knowledge_is_asked(tmp_path: Path, letters: LetterCounts) -> None:
    index = EmbeddedIndex(tmp_path, letters.space)
    store(index, letters, ACME, chunk("mirrored", origins=("own", "tavus")), chunk("own only"))
    plain = Company(company_id="acme", slug="acme", display_name="Acme", website_url="https://acme.example")
    special = plain.model_copy(update={"tavus_kb_search_url": "https://search.acme.example/"})

    with httpx.Client() as http:
        legs = TavusLegs(http)

        assert isinstance(legs(plain), TavusMirror)
        assert isinstance(legs(special), TavusEndpoint)
        assert texts(
            legs(plain).search(Asked(ACME, ask("mirrored own only", letters), Place(index, letters)), timeout=1)
        ) == ["mirrored"]

"""`POST /api/search` through the gateway's events: hits for everybody, explanations where an operator allows them."""

import time
from typing import Any

import pytest

from aisdr.services import Services, services
from tests.doors import Reply, call
from tests.material import ORIGIN, a_chunk, a_company, teach

PRICES = a_chunk("prices", "The Team plan costs 49 euros a month.")
SECRET = a_chunk("secret", "The Team plan of another company costs 12 euros a month.")


@pytest.fixture
def allowed(environment: pytest.MonkeyPatch) -> None:
    """The operator allows explanations."""
    environment.setenv("AISDR_EXPLAIN", "1")


def visitor() -> str:
    """The token of one at a company with a page, beside another company with one."""
    ours = services()
    company, other = a_company(use_tavus_kb=True), a_company("globex")
    ours.companies.put(company, expected_version=0)
    teach(ours, company, PRICES)
    teach(ours, other, SECRET)
    return ours.sessions.issue(ours.sessions.open(company, ORIGIN, None)).token


def search(door: str = "/api/search", token: str | None = None, **body: object) -> Reply:
    token = token or visitor()
    asked = {"companyId": "acme", "query": "What does the Team plan cost?"} | body
    return call("POST", door, body=asked, authorization=f"Bearer {token}", origin=ORIGIN)


def test_hits_come_without_an_explanation(services: Services) -> None:
    reply = search()

    assert reply.status == 200
    assert reply.json()["hits"][0]["content"] == PRICES.text
    assert reply.json()["hits"][0]["highlight"] == PRICES.text  # it is a single sentence
    assert reply.json()["explanation"] is None


def test_a_visitor_gets_no_explanation_and_is_told_why(services: Services) -> None:
    reply = search("/api/search?explain=1")

    assert (reply.status, reply.json()["error"]["code"]) == (403, "explain_not_allowed")
    assert "AISDR_EXPLAIN" in reply.json()["error"]["message"]


def test_where_the_operator_allows_it_the_whole_way_is_told(allowed: None, services: Services) -> None:
    told = search("/api/search?explain=1").json()["explanation"]

    assert told["question"]["asked"] == "What does the Team plan cost?"
    assert told["place"]["embedder"] == "all-MiniLM-L6-v2"
    assert {leg["name"]: leg["status"] for leg in told["legs"]} == {"own": "ok", "tavus": "empty"}
    assert told["legs"][0]["hits"][0]["excerpt"] == PRICES.text
    assert told["merged"][0]["chunkId"] == PRICES.chunk_id


def test_a_slip_is_mended_and_the_learned_second_stage_has_a_look(allowed: None, services: Services) -> None:
    token, until = visitor(), time.monotonic() + 30.0

    def told() -> Any:
        return search("/api/search?explain=1", token, query="What does the Team plann cost?").json()["explanation"]

    while not (explanation := told())["question"]["notes"]:  # the words of the material are read in the background
        assert time.monotonic() < until, explanation

    assert explanation["question"]["text"] == "What does the Team plan cost?"
    assert explanation["secondStage"]["name"] == "learned"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"query": ""}, "query"),
        ({"query": "a" * 501}, "query"),
        ({"query": ["price"]}, "query"),
        ({"limit": 0}, "limit"),
        ({"limit": 10**400}, "limit"),
        ({"modalities": ["audio"]}, "modalities.0"),
        ({"modalities": ["text"] * 2_000}, "modalities"),
        ({"origin": "tavus"}, "origin"),
    ],
)
def test_what_cannot_be_searched_is_refused_by_its_field(services: Services, body: dict[str, Any], named: str) -> None:
    reply = search(**body)

    assert (reply.status, reply.json()["error"]["code"]) == (422, "invalid_input")
    assert reply.json()["error"]["message"].startswith(f"'{named}': ")


@pytest.mark.slow
@pytest.mark.parametrize("query", ["   ", "price\x00", "価" * 500, "?!" * 250, "[](" * 160, "\u202e\uffff\U0010ffff"])
def test_any_text_is_a_question(services: Services, query: str) -> None:
    reply = search(query=query)

    assert reply.status == 200
    assert "failed" not in {leg["status"] for leg in reply.json()["legs"]}


def test_another_companys_id_is_refused(services: Services) -> None:
    reply = search(companyId="globex")

    assert (reply.status, reply.json()["error"]["code"]) == (404, "company_not_found")


def test_an_explanation_holds_nothing_of_another_company(allowed: None, services: Services) -> None:
    assert "12 euros" not in search("/api/search?explain=1").text

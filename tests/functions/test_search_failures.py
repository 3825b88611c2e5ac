"""At the doors a search engine in trouble is a degraded answer in time, whatever it does, and never an error."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from aisdr.home import Home
from aisdr.services import Services
from tests.doors import Reply, call
from tests.knowledge.test_failures import BEHAVIOUR, addressed
from tests.material import ORIGIN, a_company

IN_TIME = 3.0
"""Seconds; the deadline is 400 ms, and a test machine may be busy."""


@contextmanager
def at(behaviour: str, services: Services) -> Iterator[str]:
    """A visitor's token for a company whose OpenSearch behaves so."""
    with addressed(behaviour) as url:
        services.settings = replace(services.settings, opensearch_url=url.removesuffix("/search"))
        company = a_company(use_tavus_kb=True)
        services.companies.put(company, expected_version=0)
        services.homes.settle(company.operator_scope, Home("opensearch", "minilm"))
        yield services.sessions.issue(services.sessions.open(company, ORIGIN, None)).token


def asked(door: str, token: str, **body: str) -> tuple[Reply, float]:
    began = time.monotonic()
    reply = call("POST", door, body=body, authorization=f"Bearer {token}", origin=ORIGIN)
    return reply, time.monotonic() - began


@pytest.mark.slow
@pytest.mark.parametrize("behaviour", [*BEHAVIOUR, "is away"])
def test_whatever_the_engine_does_the_visitor_gets_an_answer(services: Services, behaviour: str) -> None:
    with at(behaviour, services) as token:
        services.knowledge.search(
            a_company().operator_scope, a_company(), "warm"
        )  # the model is read before the clock runs

        found, search_seconds = asked("/api/search", token, companyId="acme", query="What does the Team plan cost?")
        answer, answer_seconds = asked("/api/answer", token, question="What does the Team plan cost?")

    assert (found.status, answer.status) == (200, 200), (found.text, answer.text)
    assert found.json()["degraded"] is True
    assert {leg["status"] for leg in found.json()["legs"]} <= {"late", "failed", "skipped"}
    assert "cannot look that up just now" in answer.json()["text"]
    assert max(search_seconds, answer_seconds) < IN_TIME

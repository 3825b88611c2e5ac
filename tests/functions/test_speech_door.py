"""`POST /api/speech` through the gateway's events: sound for a company that reads aloud, words for everybody else."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from aisdr.services import Services
from dev.serve import serving
from dev.speech import create_app
from tests.doors import Reply, call
from tests.material import ORIGIN, a_company


@pytest.fixture(scope="module")
def polly() -> Iterator[str]:
    with serving(create_app()) as address:
        yield address


@pytest.fixture
def environment(environment: pytest.MonkeyPatch, polly: str) -> pytest.MonkeyPatch:
    environment.setenv("AWS_ENDPOINT_URL_POLLY", polly)
    return environment


@pytest.fixture
def ask(services: Services) -> Callable[..., Reply]:
    """Asks with the token of a visitor of a company with these `modes`."""

    def asked(modes: tuple[str, ...] = ("text", "tts"), **body: Any) -> Reply:
        company = a_company(modes=modes)
        services.companies.put(company, expected_version=0)
        token = services.sessions.issue(services.sessions.open(company, ORIGIN, None)).token
        return call("POST", "/api/speech", body=body, authorization=f"Bearer {token}", origin=ORIGIN)

    return asked


def test_a_sentence_comes_back_as_mp3(ask: Callable[..., Reply]) -> None:
    reply = ask(text="The Growth plan costs $149.", language="en-US")

    assert (reply.status, reply.headers["content-type"]) == (200, "audio/mpeg")
    assert len(reply.text) > 2000


def test_a_language_needs_no_region(ask: Callable[..., Reply]) -> None:
    assert ask(text="Guten Tag.", language="de").status == 200


def test_a_company_without_the_mode_is_refused(ask: Callable[..., Reply]) -> None:
    reply = ask(("text", "video"), text="Hello.")

    assert (reply.status, reply.json()["error"]["code"]) == (403, "mode_not_enabled")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": "x" * 3001}, "text"),
        ({"text": ""}, "text"),
        ({"text": "Hello.", "language": "english"}, "language"),
        ({"text": "[1]"}, "text"),
    ],
)
def test_what_cannot_be_said_is_named(ask: Callable[..., Reply], body: dict[str, str], field: str) -> None:
    reply = ask(**body)

    assert reply.status == 422
    assert f"'{field}'" in reply.json()["error"]["message"]

"""Media for visitors only, through the doors: whatever address leaves is signed, and nothing signed is kept."""

from collections.abc import Iterator
from typing import Any

import pytest

from aisdr.answer import Answer, Citation
from aisdr.company import Company
from aisdr.index.base import Media
from aisdr.services import Services
from aisdr.session import Session
from tests.doors import call
from tests.material import ORIGIN, a_chunk, a_company, teach
from tests.media_keys import check, media_keys

HERE = "http://localhost:3000"
DECK = "/media/_private/acme/deck.pdf"
CHART = "/media/_private/acme/made/chart.webp"
PRICES = a_chunk(
    "prices",
    "The Team plan costs 49 euros a month.",
    modality="slide",
    url=f"{DECK}#page=2",
    media=Media(kind="image", url=CHART),
)


@pytest.fixture
def environment(environment: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    environment.setenv("AISDR_MEDIA_KEYS", media_keys())
    return environment


@pytest.fixture
def company(services: Services) -> Company:
    company = a_company(tools=("show_visual", "search_knowledge"))
    services.companies.put(company, expected_version=0)
    teach(services, company, PRICES)
    return company


@pytest.fixture
def session(services: Services, company: Company) -> Session:
    return services.sessions.open(company, ORIGIN, None)


@pytest.fixture
def ask(services: Services, session: Session) -> Any:
    token = services.sessions.issue(session).token

    def ask(method: str, door: str, **body: Any) -> dict[str, Any]:
        given = {"companyId": "acme"} | body if method == "POST" else None
        if door == "/api/answer":
            given = body
        reply = call(method, door, body=given, authorization=f"Bearer {token}", origin=ORIGIN)
        assert reply.status == 200, reply.text
        answer: dict[str, Any] = reply.json()
        return answer

    return ask


def addresses(value: Any) -> Iterator[str]:
    """Every private address in an answer, wherever it stands."""
    match value:
        case dict():
            for inner in value.values():
                yield from addresses(inner)
        case list():
            for inner in value:
                yield from addresses(inner)
        case str() if value.startswith("/media/_private/"):
            yield value


def signed(answer: Any) -> set[str]:
    """Paths of an answer's private addresses, each of which opens."""
    found = list(addresses(answer))
    for url in found:
        check(HERE + url.partition("#")[0])
    return {url.partition("?")[0] for url in found}


def test_hits_are_signed_with_their_pages_and_pictures(ask: Any) -> None:
    found = ask("POST", "/api/search", query="What does the Team plan cost?")

    assert signed(found) == {DECK, CHART}
    assert found["hits"][0]["url"].endswith("#page=2")


def test_an_answer_is_signed_and_its_transcript_anew_at_each_reading(
    ask: Any, services: Services, session: Session
) -> None:
    answered = ask("POST", "/api/answer", question="What does the Team plan cost?")
    read = ask("GET", f"/api/session/{session.session_id}")

    assert signed(answered) == signed(read) == {DECK, CHART}
    kept = [turn.answer.model_dump_json() for turn in services.transcripts.all(session) if turn.answer]
    assert kept
    assert not any("Signature" in each for each in kept)


def test_an_answer_that_was_asked_for_twice_is_signed_both_times(ask: Any) -> None:
    for _ in range(2):
        assert DECK in signed(ask("POST", "/api/answer", question="What does the Team plan cost?", id="q-1"))


def test_what_a_tool_shows_is_signed(ask: Any) -> None:
    shown = ask("POST", "/api/tavus/tool", name="show_visual", arguments={"query": "What does the Team plan cost?"})

    assert signed(shown) == {DECK, CHART}


def test_the_media_of_another_company_are_not_signed_for_this_ones_visitors(
    ask: Any, services: Services, session: Session
) -> None:
    strange = Citation(number=1, title="Theirs", url="/media/_private/globex/deck.pdf", chunk_id="x")
    services.transcripts.append(
        session, "assistant", "Yes.", channel="text", answer=Answer(text="Yes.", citations=(strange,))
    )

    (turn,) = ask("GET", f"/api/session/{session.session_id}")["turns"]

    assert turn["answer"]["citations"][0]["url"] == strange.url

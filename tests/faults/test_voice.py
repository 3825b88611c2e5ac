"""F-OA-01 to 07: OpenAI refuses, fails or falls silent, and the visitor goes on in text with what was said."""

from typing import Any
from uuid import uuid4

import pytest

from aisdr.services import Services
from tests.doors import Reply, call
from tests.material import ORIGIN, Clock, a_chunk, a_company, teach
from tests.voice import KEY, OFFER, OpenAi

pytestmark = pytest.mark.slow

MODES = ("text", "tts", "voice")


@pytest.fixture
def environment(environment: pytest.MonkeyPatch, openai: OpenAi) -> pytest.MonkeyPatch:
    environment.setenv("OPENAI_BASE_URL", openai.url)
    environment.setenv("OPENAI_API_KEY", KEY)
    return environment


@pytest.fixture(autouse=True)
def company(services: Services) -> None:
    acme = a_company(modes=MODES)
    services.companies.put(acme, expected_version=0)
    teach(services, acme, a_chunk("pricing", "The Growth plan costs $149 a month."))


def opened(mode: str, **more: Any) -> Reply:
    wish = {"companyId": "acme", "mode": mode, "consent": {"version": "1"}} | more
    return call("POST", "/api/session", body=wish, origin=ORIGIN, idempotency_key=str(uuid4()))


def goes_on_in_text(token: str | None = None) -> dict[str, Any]:
    """The next mode below: the same conversation where there is one, answered and read aloud."""
    grant = opened("tts", **({"resume": token} if token else {}))
    assert grant.status == 200, grant.text
    headers = {"authorization": f"Bearer {grant.json()['token']}", "origin": ORIGIN}
    answer = call("POST", "/api/answer", body={"question": "What does the Growth plan cost?"}, **headers)
    assert "$149" in answer.json()["text"], answer.text
    session: dict[str, Any] = grant.json()
    return session


@pytest.mark.parametrize(
    ("fault", "times", "status", "code"),
    [
        pytest.param("invalid_api_key", 1, 503, "voice_not_configured", marks=pytest.mark.cell("F-OA-01")),
        pytest.param("rate_limit", 1, 429, "voice_busy", marks=pytest.mark.cell("F-OA-02")),
        pytest.param("insufficient_quota", 1, 429, "vendor_credits", marks=pytest.mark.cell("F-OA-02")),
        pytest.param("server_error", 1, 502, "openai_session_failed", marks=pytest.mark.cell("F-OA-03")),
    ],
)
def test_a_voice_that_is_refused_costs_nothing_and_text_answers(
    services: Services, openai: OpenAi, fault: str, times: int, status: int, code: str
) -> None:
    for _ in range(times):
        openai.fault(fault)

    refused = opened("voice", sdpOffer=OFFER)

    assert (refused.status, refused.json()["error"]["code"]) == (status, code)
    assert KEY not in refused.text
    assert services.ledger.today("acme") == {"calls": 0, "seconds": 0, "cents": 0, "active": 0}
    goes_on_in_text()


@pytest.mark.cell("F-OA-04")
def test_an_offer_that_the_vendor_refuses_names_its_field_and_text_answers(services: Services, openai: OpenAi) -> None:
    offer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 96\r\n"

    refused = opened("voice", sdpOffer=offer)

    assert (refused.status, refused.json()["error"]["code"]) == (422, "invalid_sdp")
    assert services.ledger.today("acme")["active"] == 0
    goes_on_in_text()


@pytest.mark.cell("F-OA-05")
@pytest.mark.parametrize("told", [True, False], ids=["the browser says so", "nobody says so"])
def test_a_call_whose_media_never_connect_is_hung_up_by_us(services: Services, openai: OpenAi, told: bool) -> None:
    grant = opened("voice", sdpOffer=OFFER).json()
    headers = {"authorization": f"Bearer {grant['token']}", "origin": ORIGIN}
    assert openai.running() == 1

    if told:
        address = f"/api/session/{grant['sessionId']}?call=only"
        assert call("DELETE", address, **headers).status == 204
    else:
        later = Clock(services.ledger._clock() + 700)
        services.ledger._clock = services.calls._overdue._clock = services.calls._settling._clock = later
        services.calls.reconcile()

    assert openai.running() == 0
    assert services.ledger.today("acme")["active"] == 0
    assert goes_on_in_text(grant["token"])["sessionId"] == grant["sessionId"]


@pytest.mark.cell("F-OA-06")
def test_a_call_that_the_vendor_ends_at_its_limit_goes_on_in_text_with_what_was_said(
    services: Services, openai: OpenAi
) -> None:
    grant = opened("voice", sdpOffer=OFFER).json()
    session = services.sessions.get("acme", grant["sessionId"])
    services.transcripts.append(session, "visitor", "We run forty stores in Norway.", channel="voice")
    services.calls.end("acme", grant["sessionId"], "time", grant["voice"]["callId"])  # as the relay does at its word

    again = goes_on_in_text(grant["token"])

    assert again["sessionId"] == grant["sessionId"]
    assert services.ledger.today("acme")["active"] == 0
    assert "forty stores" in services.memory.told(services.companies.get("acme"), session)

"""The front desk in the modes with a voice: what is asked first, what a grant holds, and what a page finds again."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from aisdr.answer import Answer
from aisdr.errors import AisdrError, Conflict, Forbidden, InvalidInput, LimitReached, NotConfigured, VendorError
from aisdr.grant import SessionGrant
from aisdr.reception import Reception
from aisdr.services import Services
from aisdr.wish import OpenSession
from tests.conftest import CONVERSATIONS
from tests.doors import call
from tests.material import ORIGIN, a_company, items
from tests.tavus import KEY as TAVUS_KEY
from tests.tavus import Tavus
from tests.voice import KEY, OFFER, OpenAi

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

pytestmark = pytest.mark.slow

AGREED = {"version": "1"}
WISH = str(uuid4())
ALL_MODES = ("text", "tts", "voice", "video")

Open = Callable[..., SessionGrant]


@pytest.fixture
def environment(environment: pytest.MonkeyPatch, openai: OpenAi, tavus: Tavus) -> pytest.MonkeyPatch:
    environment.setenv("OPENAI_BASE_URL", openai.url)
    environment.setenv("OPENAI_API_KEY", KEY)
    environment.setenv("TAVUS_API_URL", tavus.url)
    environment.setenv("TAVUS_API_KEY", TAVUS_KEY)
    return environment


@pytest.fixture
def reception(services: Services) -> Reception:
    services.companies.put(a_company(modes=ALL_MODES), expected_version=0)
    return services.reception


@pytest.fixture
def open_(reception: Reception) -> Open:
    def opened(mode: str = "voice", key: str | None = WISH, **wish: Any) -> SessionGrant:
        whole = {"companyId": "acme", "mode": mode, "sdpOffer": OFFER, "consent": AGREED} | wish
        return reception.open(OpenSession.model_validate(whole), ORIGIN, key)

    return opened


def reconfigure(services: Services, **changes: Any) -> None:
    services.companies.put(a_company(**{"modes": ALL_MODES} | changes), expected_version=1)


def test_reading_aloud_opens_like_text(open_: Open, services: Services, openai: OpenAi) -> None:
    grant = open_("tts", key=None, sdpOffer=None, consent=None)

    assert (grant.mode, grant.voice, grant.video) == ("tts", None, None)
    assert services.sessions.redeem(grant.ticket, ORIGIN).mode == "tts"
    assert openai.calls() == []


def test_a_voice_grant_answers_the_offer_and_its_ticket_knows_the_call(
    open_: Open, services: Services, openai: OpenAi
) -> None:
    grant = open_()

    (made,) = openai.calls()
    assert grant.voice is not None
    assert (grant.mode, grant.voice.call_id, grant.voice.max_seconds) == ("voice", made["id"], 600)
    assert grant.voice.sdp_answer.startswith("v=0")
    entry = services.sessions.redeem(grant.ticket, ORIGIN)
    assert (entry.session.session_id, entry.mode, entry.call_id) == (grant.session_id, "voice", made["id"])
    assert KEY not in grant.model_dump_json()


def test_a_voice_call_costs_the_price_of_voice(open_: Open, services: Services) -> None:
    open_()

    spent = services.ledger.today("acme")
    assert spent == {"calls": 1, "seconds": 600, "cents": 100, "active": 1}  # ten minutes at 0.10


REFUSALS: dict[str, tuple[dict[str, Any], type[AisdrError], str]] = {
    "without consent": ({"consent": None}, Forbidden, "consent_required"),
    "without a key": ({"key": None}, InvalidInput, "idempotency_key_required"),
    "without an offer": ({"sdpOffer": None}, InvalidInput, "invalid_sdp"),
    "with something else as an offer": ({"sdpOffer": "hello"}, InvalidInput, "invalid_sdp"),
    "with an offer that has no sound": (
        {"sdpOffer": OFFER.replace("m=audio", "m=video")},
        InvalidInput,
        "invalid_sdp",
    ),
}


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refused_voice_call_stores_and_spends_nothing(
    open_: Open, aws: "DynamoDBClient", openai: OpenAi, refusal: str
) -> None:
    wish, error, code = REFUSALS[refusal]

    with pytest.raises(error) as caught:
        open_(**wish)

    assert caught.value.code == code
    assert items(aws, CONVERSATIONS) == []
    assert openai.asked("/v1") == []


@pytest.mark.parametrize("mode", ["tts", "voice"])
def test_a_mode_that_the_company_does_not_offer_is_refused(
    open_: Open, services: Services, aws: "DynamoDBClient", mode: str
) -> None:
    reconfigure(services, modes=("text",))

    with pytest.raises(Forbidden) as caught:
        open_(mode)

    assert caught.value.code == "mode_not_enabled"
    assert items(aws, CONVERSATIONS) == []


def test_voice_without_a_key_of_ours_is_not_configured(
    environment: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    environment.delenv("OPENAI_API_KEY")
    open_: Open = request.getfixturevalue("open_")

    with pytest.raises(NotConfigured, match=r"^OpenAI API key not configured") as caught:
        open_()

    assert caught.value.code == "voice_not_configured"


@pytest.mark.parametrize(
    ("fault", "error", "code"),
    [
        ("insufficient_quota", LimitReached, "vendor_credits"),
        ("rate_limit", LimitReached, "voice_busy"),
        ("invalid_api_key", NotConfigured, "voice_not_configured"),
        ("server_error", VendorError, "openai_session_failed"),
    ],
)
def test_what_the_vendor_refuses_is_named_and_given_back(
    open_: Open, services: Services, openai: OpenAi, fault: str, error: type[AisdrError], code: str
) -> None:
    openai.fault(fault)

    with pytest.raises(error) as caught:
        open_()

    assert caught.value.code == code
    assert services.ledger.today("acme") == {"calls": 0, "seconds": 0, "cents": 0, "active": 0}


def test_a_retired_model_is_our_trouble_and_is_named(open_: Open, services: Services, openai: OpenAi) -> None:
    reconfigure(services, realtime={"model": "gpt-realtime"})

    with pytest.raises(NotConfigured, match=r"\[realtime\]") as caught:
        open_()

    assert caught.value.code == "voice_model_unavailable"
    assert services.ledger.today("acme")["active"] == 0


def test_an_offer_that_only_the_vendor_finds_bad_names_the_field(open_: Open, openai: OpenAi) -> None:
    with pytest.raises(InvalidInput, match="'sdpOffer'") as caught:
        open_(sdpOffer="v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 96\r\n")

    assert caught.value.code == "invalid_sdp"
    assert len(openai.asked("/v1/realtime/calls")) == 1


def test_the_same_wish_gets_the_same_answer(open_: Open, openai: OpenAi) -> None:
    first, again = open_(), open_()

    assert again.voice == first.voice
    assert len(openai.calls()) == 1


def test_the_same_key_with_another_offer_is_a_conflict(open_: Open, openai: OpenAi) -> None:
    """The answer fits only the offer that it was made for."""
    open_()

    with pytest.raises(Conflict):
        open_(sdpOffer=OFFER.replace("U5Z5", "V6A6"))

    assert len(openai.calls()) == 1


def test_a_conversation_moves_from_voice_to_video_and_the_voice_call_ends(
    open_: Open, services: Services, openai: OpenAi, tavus: Tavus
) -> None:
    voice = open_()
    session = services.sessions.authenticate(voice.token, ORIGIN)
    services.transcripts.append(session, "visitor", "Do you ship to Norway?", channel="voice")

    video = open_("video", key=str(uuid4()), resume=voice.token)

    assert video.session_id == voice.session_id
    assert (openai.running(), tavus.running()) == (0, 1)
    asked = tavus.asked("POST", "/v2/conversations")[0]["body"]
    assert "visitor: Do you ship to Norway?" in asked["conversational_context"]


def test_a_conversation_moves_from_text_to_voice_and_is_remembered(
    open_: Open, services: Services, openai: OpenAi
) -> None:
    text = open_("text", sdpOffer=None)
    session = services.sessions.authenticate(text.token, ORIGIN)
    services.transcripts.append(session, "visitor", "Do you ship to Norway?", channel="text")

    open_(resume=text.token)

    told = openai.asked("/v1/realtime/calls")[0]["body"]["session"]
    assert "visitor: Do you ship to Norway?" in told["instructions"]
    assert {tool["name"] for tool in told["tools"]} == set(a_company().tools)


def test_a_renewed_session_in_a_call_stays_in_it(open_: Open, reception: Reception, services: Services) -> None:
    grant = open_()
    assert grant.voice is not None

    renewed = reception.renew(services.sessions.authenticate(grant.token, ORIGIN))

    assert (renewed.mode, renewed.voice) == ("voice", grant.voice)
    assert services.sessions.redeem(renewed.ticket, ORIGIN).call_id == grant.voice.call_id


def test_ending_only_the_voice_call_hangs_up_and_keeps_the_conversation(
    open_: Open, services: Services, openai: OpenAi
) -> None:
    grant = open_()

    answer = call(
        "DELETE", f"/api/session/{grant.session_id}?call=only", authorization=f"Bearer {grant.token}", origin=ORIGIN
    )

    assert (answer.status, openai.running()) == (204, 0)
    assert len(openai.asked("/v1/realtime/calls/")) == 1
    assert services.sessions.get("acme", grant.session_id)


def test_a_page_that_was_loaded_anew_finds_what_was_said_and_in_which_call_it_is(
    open_: Open, services: Services
) -> None:
    grant = open_()
    session = services.sessions.authenticate(grant.token, ORIGIN)
    services.transcripts.append(session, "visitor", "What does it cost?", channel="voice")
    services.transcripts.append(session, "assistant", "$149.", channel="voice", answer=Answer(text="$149."))

    found = call("GET", f"/api/session/{grant.session_id}", authorization=f"Bearer {grant.token}", origin=ORIGIN)

    conversation = found.json()
    assert conversation["mode"] == "voice"
    visitor, assistant = conversation["turns"]
    assert (visitor["role"], visitor["text"], visitor["channel"], visitor["answer"]) == (
        "visitor",
        "What does it cost?",
        "voice",
        None,
    )
    assert assistant["answer"]["text"] == "$149."
    assert assistant["saidAt"] >= visitor["saidAt"]


def test_nobody_reads_the_conversation_of_another_session(open_: Open) -> None:
    mine, other = open_("text", sdpOffer=None), open_("text", sdpOffer=None)

    answer = call("GET", f"/api/session/{other.session_id}", authorization=f"Bearer {mine.token}", origin=ORIGIN)

    assert answer.status == 404


def test_an_offer_without_end_is_refused_at_the_door(reception: Reception) -> None:
    body = {"companyId": "acme", "mode": "voice", "sdpOffer": "v=0\r\n" + "a" * 65_536}

    answer = call("POST", "/api/session", body=body, origin=ORIGIN, idempotency_key=WISH)

    assert answer.status == 422
    assert "'sdpOffer'" in answer.json()["error"]["message"]

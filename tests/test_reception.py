"""The front desk: who may open what, in which order it is asked, and that a refusal stores and spends nothing."""

import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from aisdr.company import Company
from aisdr.errors import (
    AisdrError,
    Conflict,
    Forbidden,
    InvalidInput,
    LimitReached,
    NotConfigured,
    NotFound,
    Unauthorized,
    VendorError,
)
from aisdr.grant import SessionGrant
from aisdr.reception import Reception
from aisdr.services import Services
from aisdr.session import CALL_MARGIN_SECONDS, SESSION_SECONDS, Entry, Session, Sessions
from aisdr.wish import OpenSession, OpenVideo
from tests.conftest import CONVERSATIONS
from tests.material import KEYS, ORIGIN, Clock, a_company, items
from tests.tavus import KEY, Tavus

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

OWN_PAGE = "http://localhost:3000"
WISH = "6f1f1c9e-the-wish-of-a-visitor"
AGREED = {"version": "1"}


@pytest.fixture
def environment(environment: pytest.MonkeyPatch, tavus: Tavus) -> pytest.MonkeyPatch:
    environment.setenv("TAVUS_API_URL", tavus.url)
    environment.setenv("TAVUS_API_KEY", KEY)
    return environment


@pytest.fixture
def reception(services: Services) -> Reception:
    services.companies.put(a_company(tavus_replica_id="r90bbd427f71"), expected_version=0)
    services.companies.put(a_company("globex"), expected_version=0)
    return services.reception


def open_(reception: Reception, origin: str | None = ORIGIN, key: str | None = WISH, **wish: Any) -> SessionGrant:
    return reception.open(OpenSession.model_validate({"companyId": "acme"} | wish), origin, key)


def open_video(reception: Reception, token: str | None = None, key: str | None = WISH, **wish: Any) -> Any:
    return reception.open_video(OpenVideo.model_validate({"companyId": "acme"} | wish), ORIGIN, token, key)


def reconfigure(services: Services, **changes: Any) -> Company:
    company = a_company(**changes)
    services.companies.put(company, expected_version=1)
    return company


def test_a_visitor_of_a_listed_website_gets_a_session(reception: Reception, services: Services) -> None:
    grant = open_(reception)

    session = services.sessions.authenticate(grant.token, ORIGIN)
    assert (session.session_id, session.company_id, session.origin) == (grant.session_id, "acme", ORIGIN)
    assert services.sessions.redeem(grant.ticket, ORIGIN) == Entry(session, "text")
    assert (grant.mode, grant.modes, grant.video) == ("text", ("text", "video"), None)
    assert grant.websocket_url == "ws://localhost:3000/ws"


def test_our_own_page_may_open_a_session_for_every_company(reception: Reception, services: Services) -> None:
    reconfigure(services, allowed_origins=())

    assert open_(reception, origin=OWN_PAGE).session_id
    with pytest.raises(Forbidden):
        open_(reception, origin=ORIGIN)


REFUSALS: dict[str, tuple[dict[str, Any], type[AisdrError], str]] = {
    "unknown company": ({"companyId": "nobody"}, NotFound, "company_not_found"),
    "no origin": ({"origin": None}, Forbidden, "origin_not_allowed"),
    "foreign origin": ({"origin": "https://evil.example"}, Forbidden, "origin_not_allowed"),
    "origin with a path": ({"origin": f"{ORIGIN}/"}, Forbidden, "origin_not_allowed"),
    "origin of a frame without one": ({"origin": "null"}, Forbidden, "origin_not_allowed"),
    "origin of another company": ({"origin": "https://globex.example"}, Forbidden, "origin_not_allowed"),
    "a mode that is not offered": ({"mode": "voice"}, Forbidden, "mode_not_enabled"),
    "a token that is none": ({"resume": "x"}, Unauthorized, "unauthorized"),
    "consent to an older text": ({"consent": {"version": "0"}}, InvalidInput, "consent_outdated"),
    "video without consent": ({"mode": "video"}, Forbidden, "consent_required"),
    "video without a key": (
        {"mode": "video", "consent": AGREED, "key": None},
        InvalidInput,
        "idempotency_key_required",
    ),
    "video with a short key": (
        {"mode": "video", "consent": AGREED, "key": "1"},
        InvalidInput,
        "idempotency_key_required",
    ),
    "video of a foreign website": (
        {"mode": "video", "consent": AGREED, "origin": "https://evil.example"},
        Forbidden,
        "origin_not_allowed",
    ),
    "video with a forged token": (
        {"mode": "video", "consent": AGREED, "resume": "x.y.z"},
        Unauthorized,
        "unauthorized",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refusal_stores_and_spends_nothing(
    reception: Reception, aws: "DynamoDBClient", tavus: Tavus, refusal: str
) -> None:
    wish, error, code = REFUSALS[refusal]

    with pytest.raises(error) as caught:
        open_(reception, **wish)

    assert caught.value.code == code
    assert items(aws, CONVERSATIONS) == []
    assert tavus.asked("POST", "/v2") == []


def test_video_that_is_switched_off_is_refused_in_the_missions_words(
    reception: Reception, services: Services, aws: "DynamoDBClient", tavus: Tavus
) -> None:
    reconfigure(services, use_tavus_video=False)

    with pytest.raises(Forbidden, match=r"^Tavus video not enabled for this company"):
        open_video(reception, consent=AGREED)

    assert items(aws, CONVERSATIONS) == []
    assert tavus.asked("POST", "/v2") == []


def test_video_without_a_vendors_key_is_refused_in_the_missions_words(
    environment: pytest.MonkeyPatch, request: pytest.FixtureRequest, aws: "DynamoDBClient"
) -> None:
    environment.delenv("TAVUS_API_KEY")
    reception: Reception = request.getfixturevalue("reception")

    with pytest.raises(NotConfigured, match=r"^Tavus API key not configured"):
        open_video(reception, consent=AGREED)

    assert items(aws, CONVERSATIONS) == []


def test_a_video_grant_opens_the_room_and_the_relay(reception: Reception, services: Services, tavus: Tavus) -> None:
    grant = open_(reception, mode="video", consent=AGREED)

    (conversation,) = tavus.conversations()
    assert grant.video is not None
    assert (grant.mode, grant.video.conversation_id) == ("video", conversation["conversation_id"])
    assert grant.video.conversation_url == conversation["conversation_url"]
    assert (grant.video.replica_id, grant.video.max_seconds) == ("r90bbd427f71", 600)
    assert grant.video.meeting_token
    entry = services.sessions.redeem(grant.ticket, ORIGIN)
    assert (entry.mode, entry.call_id) == ("video", grant.video.conversation_id)
    assert entry.session.consent_version == "1"


def test_the_missions_own_door_gives_the_same_call_in_its_flat_form(reception: Reception, tavus: Tavus) -> None:
    grant = open_video(reception).model_dump(by_alias=True)

    (conversation,) = tavus.conversations()
    assert set(grant) == {
        *("sessionId", "websocketUrl", "ticket", "replicaId", "conversationId", "conversationUrl", "meetingToken"),
        *("token", "expiresAt", "maxSeconds", "secondsLeft"),
    }
    assert grant["conversationUrl"] == conversation["conversation_url"]


def test_a_text_conversation_goes_on_in_video(reception: Reception, services: Services) -> None:
    text = open_(reception)

    video = open_(reception, mode="video", consent=AGREED, resume=text.token)

    assert video.session_id == text.session_id
    assert services.sessions.get("acme", text.session_id).consent_version == "1"


def test_consent_that_was_given_before_need_not_be_given_again(reception: Reception) -> None:
    text = open_(reception, consent=AGREED)

    assert open_(reception, mode="video", resume=text.token).video is not None


def test_a_video_conversation_goes_on_in_text(reception: Reception) -> None:
    video = open_(reception, mode="video", consent=AGREED)

    assert open_(reception, resume=video.token).session_id == video.session_id


def test_another_companys_token_does_not_go_on_here(reception: Reception, services: Services, tavus: Tavus) -> None:
    globex = a_company("globex", allowed_origins=(ORIGIN, "https://globex.example"))
    services.companies.put(globex, expected_version=1)
    token = open_(reception, companyId="globex").token

    for mode in ("text", "video"):
        with pytest.raises(NotFound, match="Company 'acme' does not exist"):
            open_(reception, mode=mode, consent=AGREED, resume=token)

    assert tavus.conversations() == []


def test_a_request_that_is_repeated_with_its_token_buys_once(reception: Reception, tavus: Tavus) -> None:
    token = open_(reception).token

    first = open_video(reception, token)
    again = open_video(reception, token)

    assert (again.session_id, again.conversation_id) == (first.session_id, first.conversation_id)
    assert len(tavus.conversations()) == 1


def test_a_first_request_that_is_repeated_finds_its_own_session(
    reception: Reception, services: Services, tavus: Tavus
) -> None:
    """The answer with the token was lost, so the browser has only its key."""
    key = str(uuid4())
    first, again = open_video(reception, key=key), open_video(reception, key=key)

    assert (again.session_id, again.meeting_token) == (first.session_id, first.meeting_token)
    assert len(tavus.conversations()) == 1


def test_who_wishes_again_is_told_what_is_left_of_the_call_and_not_what_it_had(reception: Reception) -> None:
    token = open_(reception).token
    first = open_video(reception, token)
    later = time.time() + 200.5
    reception._grants._clock = lambda: later

    again = open_video(reception, token)

    assert (first.max_seconds, again.max_seconds) == (600, 600)
    assert first.seconds_left in range(600 - 30, 600)
    assert again.seconds_left in range(400 - 30, 400), "whole seconds, and none too many"


def test_a_first_request_that_is_repeated_while_it_is_on_its_way_is_asked_to_wait(
    reception: Reception, services: Services
) -> None:
    """Its line is taken, and its session not stored yet."""
    key = str(uuid4())
    company = services.companies.get("acme")
    services.ledger.reserve(company, "a session of soon", key, "fingerprint", 0.6, mode="video", vendor="tavus")

    with pytest.raises(VendorError) as caught:
        open_video(reception, key=key)

    assert caught.value.code == "call_pending"


def test_a_key_that_could_be_guessed_does_not_stand_for_a_visitor(reception: Reception, tavus: Tavus) -> None:
    open_video(reception, key="order-0001-order-0001")

    with pytest.raises(Conflict, match="send the session's token"):
        open_video(reception, key="order-0001-order-0001")

    assert len(tavus.conversations()) == 1


def test_a_refusal_for_want_of_money_stores_no_session(reception: Reception, services: Services) -> None:
    reconfigure(services, limits={"calls_per_day": 0})

    with pytest.raises(LimitReached):
        open_video(reception)

    assert services.conversations.scan_sort_key("session") == []


def test_a_call_is_over_before_its_conversation_is(reception: Reception, services: Services, tavus: Tavus) -> None:
    reconfigure(services, limits={"call_seconds": 3600})

    granted = open_video(reception)

    session = services.sessions.get("acme", granted.session_id)
    assert session.ends_at - session.started_at == SESSION_SECONDS
    assert time.time() + granted.max_seconds < session.ends_at
    (asked,) = tavus.asked("POST", "/v2/conversations")
    assert granted.max_seconds >= SESSION_SECONDS - CALL_MARGIN_SECONDS - 10
    assert asked["body"]["properties"]["max_call_duration"] == granted.max_seconds


def test_no_call_begins_in_a_conversation_that_is_about_to_end(
    reception: Reception, services: Services, tavus: Tavus
) -> None:
    an_hour_ago = Sessions(services.conversations, KEYS, Clock(time.time() - SESSION_SECONDS + 85))
    session = an_hour_ago.open(a_company(), ORIGIN, "1")
    token = services.sessions.issue(session).token

    with pytest.raises(Unauthorized, match="about to end"):
        open_video(reception, token)

    assert tavus.conversations() == []


def test_a_key_of_another_conversation_is_a_conflict(reception: Reception, tavus: Tavus) -> None:
    open_video(reception, open_(reception).token)

    with pytest.raises(Conflict):
        open_video(reception, open_(reception).token)

    assert len(tavus.conversations()) == 1


def test_a_full_house_says_busy_and_text_stays(reception: Reception, services: Services, tavus: Tavus) -> None:
    reconfigure(services, limits={"concurrent_calls": 1})
    open_video(reception, key="the first visitor")

    with pytest.raises(LimitReached) as caught:
        open_video(reception, key="the second visitor")

    assert caught.value.code == "calls_busy"
    assert len(tavus.conversations()) == 1
    assert open_(reception).mode == "text"


def test_a_renewed_session_has_a_new_token_and_a_new_ticket(reception: Reception, services: Services) -> None:
    grant = open_(reception)
    session = services.sessions.authenticate(grant.token, ORIGIN)
    services.sessions.redeem(grant.ticket, ORIGIN)

    renewed = reception.renew(session)

    assert renewed.session_id == grant.session_id
    assert services.sessions.redeem(renewed.ticket, ORIGIN) == Entry(session, "text")
    assert renewed.mode == "text"


@pytest.fixture
def in_video(reception: Reception, services: Services) -> Session:
    return services.sessions.authenticate(open_(reception, mode="video", consent=AGREED).token, ORIGIN)


def test_ending_a_session_ends_its_call_and_revokes_its_tokens(
    reception: Reception, services: Services, tavus: Tavus, in_video: Session
) -> None:
    reception.end(in_video, call_only=False)

    assert tavus.running() == 0
    assert services.ledger.today("acme")["active"] == 0
    with pytest.raises(NotFound):
        services.sessions.get("acme", in_video.session_id)


def test_ending_only_the_call_keeps_the_conversation(
    reception: Reception, services: Services, tavus: Tavus, in_video: Session
) -> None:
    reception.end(in_video, call_only=True)

    assert tavus.running() == 0
    assert services.sessions.get("acme", in_video.session_id) == in_video


def test_a_session_is_revoked_even_when_tavus_does_not_hear_the_end(
    reception: Reception, services: Services, tavus: Tavus, in_video: Session
) -> None:
    (conversation,) = tavus.conversations()
    tavus.fault(method="POST", path=f"/v2/conversations/{conversation['conversation_id']}/end", status=503)

    reception.end(in_video, call_only=False)

    with pytest.raises(NotFound):
        services.sessions.get("acme", in_video.session_id)
    services.calls.reconcile()
    assert tavus.running() == 0

"""The realtime look-alike takes the session objects that the vendor's published types allow, and no others."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from openai.types.realtime import ClientSecretCreateResponse

from aisdr.live.base import CallRequest
from aisdr.live.openai_realtime_session import session_of
from dev.openai import KEY, create_app
from dev.openai.refusals import OpenAIError
from dev.openai.sessions import effective, updated
from dev.serve import serving
from tests.material import a_company

MODEL = "gpt-realtime-2.1"
TOOL = {"type": "function", "name": "search_knowledge", "description": "Looks up.", "parameters": {"type": "object"}}
FULL: dict[str, Any] = {
    "type": "realtime",
    "model": MODEL,
    "instructions": "You sell cameras.",
    "output_modalities": ["audio"],
    "audio": {
        "input": {
            "transcription": {"model": "gpt-transcribe", "languages": ["en", "de"]},
            "noise_reduction": None,
            "turn_detection": {"type": "semantic_vad", "eagerness": "high"},
        },
        "output": {"voice": "marin", "speed": 1.1},
    },
    "tools": [TOOL],
    "tool_choice": "auto",
    "max_output_tokens": 800,
    "truncation": {"type": "retention_ratio", "retention_ratio": 0.8},
    "reasoning": {"effort": "low"},
}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(create_app()) as url:
        yield url


@pytest.fixture
def client(url: str) -> openai.OpenAI:
    httpx.post(f"{url}/_lookalike/reset").raise_for_status()
    return openai.OpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0)


def test_what_is_not_given_is_filled_in_as_the_vendor_does() -> None:
    session = effective(FULL, 3600)

    turns = session["audio"]["input"]["turn_detection"]
    assert turns == {
        "type": "semantic_vad",
        "eagerness": "high",
        "create_response": True,
        "interrupt_response": True,
    }
    assert session["audio"]["input"]["format"] == {"type": "audio/pcm", "rate": 24000}
    assert session["tools"] == [TOOL]
    assert session["id"].startswith("sess_")


def test_our_own_session_is_taken_as_it_is() -> None:
    company = a_company(modes=("text", "voice"))
    request = CallRequest(company, "operation", 600, "http://127.0.0.1:9/", "visitor: Hello.", "Hello!", offer="v=0")

    ours = session_of(request)

    assert effective(ours, 3600)["instructions"] == ours["instructions"]


@pytest.mark.parametrize(
    ("change", "param", "code"),
    [
        ({"modalities": ["audio"]}, "session.modalities", "unknown_parameter"),
        ({"voice": "marin"}, "session.voice", "unknown_parameter"),
        ({"turn_detection": None}, "session.turn_detection", "unknown_parameter"),
        ({"temperature": 0.8}, "session.temperature", "unknown_parameter"),
        ({"input_audio_transcription": {}}, "session.input_audio_transcription", "unknown_parameter"),
        ({"tools": [TOOL | {"strict": True}]}, "session.tools[0].strict", "unknown_parameter"),
        ({"tools": [{"type": "function", "function": TOOL}]}, "session.tools[0].function", "unknown_parameter"),
        ({"type": "transcription"}, "session.type", "invalid_value"),
        ({"type": None}, "session.type", "missing_required_parameter"),
        ({"output_modalities": ["audio", "text"]}, "session.output_modalities", "invalid_value"),
        ({"audio": {"output": {"voice": "joanna"}}}, "session.audio.output.voice", "invalid_value"),
        ({"audio": {"output": {"speed": 2}}}, "session.audio.output.speed", "invalid_value"),
        ({"audio": {"input": {"turn_detection": {"type": "vad"}}}}, "session.audio.input.turn_detection.type", None),
        (
            {"audio": {"input": {"turn_detection": {"type": "semantic_vad", "threshold": 0.5}}}},
            "session.audio.input.turn_detection.threshold",
            "unknown_parameter",
        ),
        ({"max_output_tokens": 5000}, "session.max_output_tokens", "invalid_value"),
        ({"instructions": ["Be brief."]}, "session.instructions", "invalid_type"),
        ({"model": "gpt-realtime-1.5"}, "session.reasoning", "invalid_value"),
    ],
)
def test_what_the_published_types_do_not_hold_is_refused_by_name(
    change: dict[str, Any], param: str, code: str | None
) -> None:
    with pytest.raises(OpenAIError) as refused:
        effective(FULL | change, 3600)

    assert refused.value.error["param"] == param
    assert code is None or refused.value.error["code"] == code


@pytest.mark.parametrize(
    "change",
    [
        {"model": "gpt-realtime"},
        {"model": "gpt-realtime-mini-2025-12-15"},
        {"model": "gpt-4o-realtime-preview"},
        {"model": "gpt-local"},
        {"audio": {"input": {"transcription": {"model": "whisper-1"}}}},
    ],
)
def test_models_that_are_going_away_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(OpenAIError) as refused:
        effective(FULL | change, 3600)

    assert refused.value.error["code"] == "model_not_found"


def test_an_update_changes_only_what_it_names() -> None:
    session = effective(FULL, 3600)

    changed = updated(session, {"type": "realtime", "audio": {"output": {"speed": 0.9}}}, has_spoken=True)

    assert changed["audio"]["output"] == session["audio"]["output"] | {"speed": 0.9}
    assert changed["instructions"] == "You sell cameras."


@pytest.mark.parametrize("change", [{"model": "gpt-realtime-2"}, {"audio": {"output": {"voice": "cedar"}}}])
def test_model_and_voice_stay_once_there_was_speech(change: dict[str, Any]) -> None:
    with pytest.raises(OpenAIError):
        updated(effective(FULL, 3600), {"type": "realtime", **change}, has_spoken=True)


def test_the_vendors_client_reads_a_refused_call(client: openai.OpenAI) -> None:
    session: Any = FULL | {"modalities": ["audio"]}

    with pytest.raises(openai.BadRequestError) as refused:
        client.realtime.calls.create(sdp="v=0\r\n", session=session)

    assert (refused.value.code, refused.value.param) == ("unknown_parameter", "session.modalities")


def test_an_offer_that_is_none_is_refused(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.realtime.calls.create(sdp="hello", session=FULL)  # type: ignore[arg-type]

    assert refused.value.param == "sdp"


OFFER = (Path(__file__).parents[1] / "data" / "voice-offer.sdp").read_text()
BROKEN = {
    "a media line without its parts": (r"^m=audio.*$", "m=audio"),
    "a media line without anything": (r"^m=audio.*$", "m="),
    "a port that is no number": (r"^m=audio \d+", "m=audio x"),
    "a payload that is no number": (r"^(m=audio \d+ \S+).*$", r"\1 abc"),
    "media that nobody sends": (r"^m=audio", "m=text"),
    "a data channel without its format": (r"^m=application.*$", "m=application 9 UDP/DTLS/SCTP"),
    "a port of the data channel that is none": (r"^a=sctp-port.*$", "a=sctp-port:x"),
    "an address line without an address": (r"^c=.*$", "c="),
    "a role that is none": (r"^a=setup.*$", "a=setup:bogus"),
    "a fingerprint without its digits": (r"^a=fingerprint.*$", "a=fingerprint:sha-256"),
    "a candidate without its parts": (r"^a=candidate.*$", "a=candidate:1"),
    "a group without its members": (r"^a=group.*$", "a=group"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_an_offer_with_a_broken_line_is_refused_and_no_call_is_left(
    client: openai.OpenAI, url: str, fault: str
) -> None:
    pattern, line = BROKEN[fault]
    broken = re.sub(pattern, line, OFFER, flags=re.MULTILINE)
    assert broken != OFFER

    with pytest.raises(openai.BadRequestError) as refused:
        client.realtime.calls.create(sdp=broken, session=FULL)  # type: ignore[arg-type]

    assert (refused.value.param, refused.value.code) == ("sdp", "invalid_offer")
    assert httpx.get(f"{url}/_lookalike/calls").json() == []


def test_only_the_key_opens_a_call_and_a_client_secret_opens_nothing_else(client: openai.OpenAI, url: str) -> None:
    secret = client.realtime.client_secrets.create(session=FULL).value  # type: ignore[arg-type]

    with pytest.raises(openai.AuthenticationError) as stranger:
        client.with_options(api_key="sk-wrong").realtime.calls.create(sdp="v=0", session=FULL)  # type: ignore[arg-type]
    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key=secret).realtime.calls.hangup("rtc_1")

    assert stranger.value.code == "invalid_api_key"


def test_a_client_secret_tells_its_end_and_the_session_it_opens(client: openai.OpenAI) -> None:
    made = client.realtime.client_secrets.create(
        expires_after={"anchor": "created_at", "seconds": 60},
        session=FULL,  # type: ignore[arg-type]
    )

    assert made.value.startswith("ek_")
    assert ClientSecretCreateResponse.model_validate(made.model_dump()).session.type == "realtime"


@pytest.mark.parametrize("body", [{"expires_after": {"seconds": 5}}, {"expires_in": 60}, {"session": {}}])
def test_a_wrong_wish_for_a_client_secret_is_refused(url: str, body: dict[str, Any]) -> None:
    answer = httpx.post(
        f"{url}/v1/realtime/client_secrets", json={"session": FULL} | body, headers={"Authorization": f"Bearer {KEY}"}
    )

    assert answer.status_code == 400


def test_a_call_that_nobody_knows_cannot_be_hung_up(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        client.realtime.calls.hangup("rtc_unknown")


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("invalid_api_key", 401, "invalid_api_key"),
        ("insufficient_quota", 429, "insufficient_quota"),
        ("rate_limit", 429, "rate_limit_exceeded"),
        ("server_error", 500, None),
    ],
)
def test_a_creation_fails_once_when_a_test_orders_it(
    client: openai.OpenAI, url: str, kind: str, status: int, code: str | None
) -> None:
    httpx.post(f"{url}/_lookalike/faults", json={"kind": kind}).raise_for_status()

    with pytest.raises(openai.APIStatusError) as failed:
        client.realtime.calls.create(sdp="hello", session=FULL)  # type: ignore[arg-type]
    with pytest.raises(openai.BadRequestError):
        client.realtime.calls.create(sdp="hello", session=FULL)  # type: ignore[arg-type]

    assert (failed.value.status_code, failed.value.code) == (status, code)


def test_the_journal_holds_what_was_asked_and_no_key(client: openai.OpenAI, url: str) -> None:
    with pytest.raises(openai.BadRequestError):
        client.realtime.calls.create(sdp="hello", session=FULL)  # type: ignore[arg-type]

    journal = httpx.get(f"{url}/_lookalike/requests")

    [asked] = journal.json()
    assert asked == {"method": "POST", "path": "/v1/realtime/calls", "body": {"sdp": "hello", "session": FULL}}
    assert KEY not in journal.text
    assert json.loads(journal.text)

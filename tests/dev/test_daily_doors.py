"""Who gets into a room of the Daily look-alike, who does not and why, and that Tavus hears of it."""

import asyncio

import httpx
import pytest

from tests.dev.account import eventually
from tests.dev.rooms import Vendor, knock, running_vendor, visit
from tests.dev.visitor import Visitor

pytestmark = pytest.mark.slow


def test_a_private_room_lets_nobody_in_without_its_own_token(vendor: Vendor) -> None:
    conversation, other = vendor.start(), vendor.start()
    url = conversation["conversation_url"]

    for token in (None, "not a token", other["meeting_token"]):
        status, error = knock(url, token)
        assert (status, error["type"]) == (403, "not-allowed")
    assert vendor.state(conversation)["participants"] == 0


def test_a_token_dies_with_the_absent_timeout() -> None:
    with running_vendor(clock_speed=50) as vendor:
        conversation = vendor.start(properties={"participant_absent_timeout": 60})

        def refusal() -> str:
            kind: str = knock(conversation["conversation_url"], conversation["meeting_token"])[1]["type"]
            return kind

        # The call ends itself at the same moment, and its room goes with it.
        eventually(lambda: vendor.state(conversation)["status"] == "ended")
        eventually(lambda: refusal() in ("exp-token", "no-room"))


def test_an_expired_token_is_told_from_a_wrong_one(vendor: Vendor) -> None:
    daily = httpx.Client(base_url=vendor.daily_url, headers={"Authorization": "Bearer daily-local"})
    room = daily.post("/v1/rooms", json={"name": "quiet", "privacy": "private"}).json()
    old = daily.post("/v1/meeting-tokens", json={"properties": {"room_name": "quiet", "exp": 1}}).json()["token"]

    assert knock(room["url"], old)[1]["type"] == "exp-token"
    assert knock(f"{vendor.daily_url}/no-such-room", None)[1]["type"] == "no-room"


def test_rooms_are_managed_only_with_the_key(vendor: Vendor) -> None:
    answer = httpx.post(f"{vendor.daily_url}/v1/rooms", json={"name": "mine"})

    assert (answer.status_code, answer.json()["error"]) == (401, "authentication-error")


def test_a_full_room_takes_nobody_else(vendor: Vendor) -> None:
    conversation = vendor.start(max_participants=2)

    async def story(_visitor: Visitor) -> None:
        second = Visitor(conversation["conversation_url"], conversation["meeting_token"])
        answer = await second.join()
        await second.leave()
        assert answer.json()["error"]["type"] == "meeting-full"

    visit(conversation, story)


def test_the_end_of_the_conversation_sends_everybody_out(vendor: Vendor) -> None:
    conversation = vendor.start()

    async def story(visitor: Visitor) -> None:
        await asyncio.to_thread(vendor.end, conversation)
        await visitor.until(lambda: any(message["kind"] == "ejected" for message in visitor.messages))

    visit(conversation, story)
    assert httpx.post(f"{conversation['conversation_url']}/lookup", json={}).json()["error"]["type"] == "no-room"


def test_tavus_hears_who_comes_and_goes(vendor: Vendor) -> None:
    conversation = vendor.start(properties={"participant_left_timeout": 0})

    async def story(_visitor: Visitor) -> None:
        await asyncio.to_thread(eventually, lambda: vendor.state(conversation)["participants"] == 1)

    visit(conversation, story)
    eventually(lambda: vendor.state(conversation)["shutdown_reason"] == "participant_left_timeout reached")

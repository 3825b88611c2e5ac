"""The visitor's word on a confirm card, given over the socket: carried out once, told to the brain and to the eyes."""

import json
from typing import Any

import pytest

from aisdr.services import Services
from tests.postbox import Postbox
from tests.sockets import CALL, Visitor, codes, visitor_of_acme

pytestmark = pytest.mark.slow


@pytest.fixture
def environment(environment: pytest.MonkeyPatch, postbox: Postbox) -> pytest.MonkeyPatch:
    environment.setenv("WS_ENDPOINT", postbox.url)
    return environment


@pytest.fixture
def visitor(services: Services, postbox: Postbox) -> Visitor:
    return visitor_of_acme(services, postbox, "video")


def wished(visitor: Visitor) -> str:
    """The avatar wants to write a lead down; the visitor sees the card."""
    frames = visitor.tool_call("log_lead", {"email": "jane@example.com", "name": "Jane"})
    cards = [frame["card"] for frame in frames if frame["type"] == "show"]
    assert [card["kind"] for card in cards] == ["confirm"]
    return str(cards[0]["confirmationId"])


def emails(visitor: Visitor) -> list[str]:
    return [stored.lead.email for stored in visitor.services.leads.list(visitor.session.scope)]


def answer(visitor: Visitor, confirmation_id: str, accept: bool, **more: Any) -> list[dict[str, Any]]:
    return visitor.send({"action": "confirm", "id": confirmation_id, "accept": accept} | more)


def test_a_confirmed_lead_is_written_and_the_avatar_says_so(visitor: Visitor) -> None:
    confirmation_id = wished(visitor)

    confirmed, *commands = answer(visitor, confirmation_id, True)

    assert (confirmed["type"], confirmed["id"], confirmed["accepted"]) == ("confirmed", confirmation_id, True)
    assert emails(visitor) == ["jane@example.com"]
    assert confirmed["message"]
    assert {frame["type"] for frame in commands} == {"send"}
    assert confirmed["message"] in json.dumps([frame["message"] for frame in commands], ensure_ascii=False)
    assert ("assistant", confirmed["message"]) not in visitor.said()  # it comes back as what the avatar says


def test_a_confirmation_sent_twice_writes_once_and_is_answered_alike(visitor: Visitor) -> None:
    confirmation_id = wished(visitor)

    assert answer(visitor, confirmation_id, True) == answer(visitor, confirmation_id, True)

    assert len(visitor.services.leads.list(visitor.session.scope)) == 1


def test_a_declined_lead_is_not_written(visitor: Visitor) -> None:
    confirmed, *_ = answer(visitor, wished(visitor), False)

    assert confirmed["accepted"] is False
    assert visitor.services.leads.list(visitor.session.scope) == []


def test_corrected_values_are_what_is_written(visitor: Visitor) -> None:
    answer(visitor, wished(visitor), True, values={"email": "jane.doe@example.com"})

    assert emails(visitor) == ["jane.doe@example.com"]


def test_a_wrong_correction_names_the_field_and_leaves_the_card_open(visitor: Visitor) -> None:
    confirmation_id = wished(visitor)

    (refused,) = answer(visitor, confirmation_id, True, values={"email": "nobody"})

    assert (refused["type"], refused["id"]) == ("error", confirmation_id)
    assert "email" in refused["error"]["message"]
    assert answer(visitor, confirmation_id, True)[0]["accepted"] is True


def test_an_unknown_confirmation_is_told_so(visitor: Visitor) -> None:
    assert codes(answer(visitor, "c" * 32, True)) == ["confirmation_not_found"]


def test_without_a_call_nobody_is_told_aloud(visitor: Visitor) -> None:
    confirmation_id = wished(visitor)
    visitor.connect("c2")

    frames = visitor.send({"action": "confirm", "id": confirmation_id, "accept": True}, "c2")

    assert [frame["type"] for frame in frames] == ["confirmed"]
    assert CALL not in json.dumps(frames)

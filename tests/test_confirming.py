"""The visitor's word by HTTP while a call runs: avatar and transcript know it as if it had come by the socket."""

import json
from typing import Any

import pytest

from aisdr.answer import LeadCard
from aisdr.services import Services
from aisdr.transcript import Turn
from tests import doors
from tests.material import ORIGIN
from tests.postbox import Postbox
from tests.sockets import CALL, Visitor, visitor_of_acme

pytestmark = pytest.mark.slow

LEAD = {"email": "jane@example.com", "name": "Jane"}


@pytest.fixture
def environment(environment: pytest.MonkeyPatch, postbox: Postbox) -> pytest.MonkeyPatch:
    environment.setenv("WS_ENDPOINT", postbox.url)
    return environment


@pytest.fixture
def visitor(services: Services, postbox: Postbox) -> Visitor:
    """In the video call `conv`, with a card to confirm before their eyes."""
    visitor = visitor_of_acme(services, postbox, "video")
    company = services.companies.get("acme")
    operation, _ = services.ledger.reserve(
        company, visitor.session.session_id, "the wish of a visitor", "f", 0.5, mode="video", vendor="tavus"
    )
    services.ledger.created(operation, CALL, "https://tavus.daily.co/conv")
    return visitor


def wished(visitor: Visitor) -> str:
    frames = visitor.tool_call("log_lead", LEAD)
    return str(next(frame["card"]["confirmationId"] for frame in frames if frame["type"] == "show"))


def confirm(visitor: Visitor, confirmation_id: str, accept: bool = True) -> dict[str, Any]:
    token = visitor.services.sessions.issue(visitor.session).token
    body = {"confirmationId": confirmation_id, "accept": accept}
    reply = doors.call("POST", "/api/tool/confirmation", body=body, authorization=f"Bearer {token}", origin=ORIGIN)
    assert reply.status == 200, reply.text
    outcome: dict[str, Any] = reply.json()
    return outcome


def after(visitor: Visitor, confirmation_id: str) -> list[Turn]:
    """What the transcript holds beyond the card."""
    first, *others = visitor.services.transcripts.all(visitor.session)
    assert first.answer is not None
    return others


def test_the_avatar_is_told_what_was_confirmed_by_http_and_says_so(visitor: Visitor) -> None:
    confirmation_id = wished(visitor)

    outcome = confirm(visitor, confirmation_id)

    confirmed, *commands = visitor.postbox.frames("c1")
    assert (confirmed["type"], confirmed["id"], confirmed["accepted"]) == ("confirmed", confirmation_id, True)
    kinds = [frame["message"]["event_type"] for frame in commands]
    assert kinds == ["conversation.append_llm_context", "conversation.echo"]
    assert outcome["result"]["say"] in json.dumps(commands[-1], ensure_ascii=False)


def test_a_word_through_both_doors_is_one_word(visitor: Visitor) -> None:
    confirmation_id = wished(visitor)

    confirm(visitor, confirmation_id)
    by_http = visitor.postbox.frames("c1")
    by_socket = visitor.send({"action": "confirm", "id": confirmation_id, "accept": True})

    assert by_socket == by_http, "with the numbers that the browser knows"
    assert len(after(visitor, confirmation_id)) == 1


def test_what_came_of_it_is_a_turn_of_the_call_and_its_words_are_the_avatars(visitor: Visitor) -> None:
    confirm(visitor, confirmation_id := wished(visitor))

    (turn,) = after(visitor, confirmation_id)
    assert (turn.text, turn.channel) == ("", "video")
    assert turn.answer is not None
    assert isinstance(turn.answer.actions[0], LeadCard)


def test_a_word_that_brought_nothing_to_see_leaves_no_empty_turn(visitor: Visitor) -> None:
    confirm(visitor, confirmation_id := wished(visitor), accept=False)

    assert after(visitor, confirmation_id) == []


def test_without_a_call_what_is_said_is_written_down(visitor: Visitor) -> None:
    confirmation_id = wished(visitor)
    operation = visitor.services.ledger.by_conversation(CALL)
    assert operation is not None
    visitor.services.ledger.settle(operation, 10)

    outcome = confirm(visitor, confirmation_id)

    (turn,) = after(visitor, confirmation_id)
    assert (turn.text, turn.channel) == (outcome["result"]["say"], "text")
    assert {frame["type"] for frame in visitor.postbox.frames("c1")} == {"confirmed"}


def test_a_tab_beside_the_call_sees_the_word_and_gets_no_commands(visitor: Visitor) -> None:
    confirmation_id = wished(visitor)
    visitor.connect("c2")

    confirm(visitor, confirmation_id)

    assert {frame["type"] for frame in visitor.postbox.frames("c2")} == {"confirmed"}

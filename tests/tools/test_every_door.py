"""Every tool through every door, twice, with the same call id: one effect, equal answers."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from aisdr.agent import Agent
from aisdr.configuration import DemoClip, People
from aisdr.index.base import Media
from aisdr.inference.base import LanguageModel
from aisdr.models import CompanyModels
from aisdr.services import Services
from aisdr.tools.members import TOOL_NAMES
from tests import doors
from tests.material import ORIGIN, a_chunk, teach
from tests.models import Scripted, say, use
from tests.postbox import Postbox
from tests.sockets import CALL, Visitor, visitor_of_acme
from tests.tools.company_server import CompanyServer, open_company_server, reserve_demo
from tests.tools.wishes import CALLS

SECRET = "the secret of the tools' HMAC authentication"
CALL_ID = "call_abc123"
WRITING = ("log_lead", "request_human", "reserve_demo")
CARDS = {
    "search_knowledge": "sources",
    "show_visual": "image",
    "get_demo_clip": "clip",
    "create_meeting_link": "meeting",
    **dict.fromkeys(WRITING, "confirm"),
}
CHART = a_chunk(
    "chart",
    "Bar chart: revenue of warehouse robots by country.",
    modality="image",
    media=Media(kind="image", url="/media/acme/chart.webp", alt="A bar chart"),
)


@dataclass
class House:
    """One visitor in a video call, the doors to the tools, and where their effects can be counted."""

    visitor: Visitor
    server: CompanyServer

    @property
    def services(self) -> Services:
        return self.visitor.services

    def by_http(self, name: str) -> dict[str, Any]:
        body = {"companyId": "acme", "name": name, "arguments": CALLS[name], "callId": CALL_ID}
        return self._post("/api/tavus/tool", body)

    def by_delivery(self, name: str) -> dict[str, Any]:
        body = {"name": name, "arguments": json.dumps(CALLS[name]), "conversation_id": CALL, "tool_call_id": CALL_ID}
        raw = json.dumps(body).encode()
        signature = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
        reply = doors.call("POST", "/api/tavus/delivery", body=raw, x_tavus_signature=signature)
        assert reply.status == 200, reply.text
        answer: dict[str, Any] = reply.json()
        shown = [frame["card"] for frame in self.visitor.postbox.frames("c1")]
        assert shown in (answer["cards"], [])  # once is enough
        return answer

    def by_relay(self, name: str) -> dict[str, Any]:
        frames = self.visitor.tool_call(name, CALLS[name], CALL_ID)
        (told,) = [frame["message"]["properties"] for frame in frames if frame["type"] == "send"]
        assert told["tool_call_id"] == CALL_ID
        cards = [frame["card"] for frame in frames if frame["type"] == "show"]
        result = json.loads(told["output"]) if isinstance(told["output"], str) else told["output"]
        return {"success": told.get("status", "success") == "success", "result": result, "cards": cards}

    def by_agent(self, name: str) -> dict[str, Any]:
        """The model's own ids are no identity, so the agent makes each call its own; the visitor confirms one."""
        model = Scripted([use(name, CALLS[name], CALL_ID)], say("Done."))
        services, company = self.services, self.services.companies.get("acme")
        agent = Agent(services.knowledge, services.tools, services.transcripts, services.memory, self._models(model))
        events = list(agent.answer(company, self.visitor.session, "Please do it."))
        told = json.loads(model.prompts[-1].messages[-1].text)
        cards = [each.card.model_dump(mode="json") for each in events if hasattr(each, "card")]
        return {"success": True, "result": told, "cards": cards}

    def confirm_by_http(self, confirmation_id: str) -> dict[str, Any]:
        return self._post("/api/tool/confirmation", {"confirmationId": confirmation_id, "accept": True})

    def confirm_by_relay(self, confirmation_id: str) -> dict[str, Any]:
        frames = self.visitor.send({"action": "confirm", "id": confirmation_id, "accept": True})
        (told,) = {frame["seq"]: frame for frame in frames if frame["type"] == "confirmed"}.values()
        return {"success": told["accepted"], "say": told["message"], "cards": told["cards"]}

    def effects(self) -> dict[str, int]:
        scope = self.visitor.session.scope
        return {
            "log_lead": len(self.services.leads.list(scope)),
            "request_human": len(list(self.services.handovers.each(scope))),
            "reserve_demo": len(self.server.requests),
        }

    def _models(self, model: LanguageModel) -> CompanyModels:
        return CompanyModels(lambda choice: model, self.services.usages)

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        token = self.services.sessions.issue(self.visitor.session).token
        reply = doors.call("POST", path, body=body, authorization=f"Bearer {token}", origin=ORIGIN)
        assert reply.status == 200, reply.text
        answer: dict[str, Any] = reply.json()
        return answer


@pytest.fixture
def environment(environment: pytest.MonkeyPatch, postbox: Postbox) -> pytest.MonkeyPatch:
    environment.setenv("TAVUS_TOOL_SECRET", SECRET)
    environment.setenv("WS_ENDPOINT", postbox.url)
    return environment


@pytest.fixture
def house(services: Services, postbox: Postbox) -> Iterator[House]:
    with open_company_server() as server:
        visitor = visitor_of_acme(
            services,
            postbox,
            "video",
            http_tools=(reserve_demo(server.url),),
            booking_url="https://cal.com/acme/intro",
            people=People(email="sales@acme.example"),
            demo_clips=(DemoClip(title="Dashboard tour", url="/media/acme/tour.webm"),),
        )
        company = services.companies.get("acme")
        pricing = a_chunk("pricing", "The Growth plan costs $149 a month and includes 5,000 conversations.")
        teach(services, company, pricing, CHART)
        operation, _ = services.ledger.reserve(
            company, visitor.session.session_id, "a visitor's wish", "fingerprint", 0.5, mode="video", vendor="tavus"
        )
        services.ledger.created(operation, CALL, f"https://tavus.daily.co/{CALL}", None)
        yield House(visitor, server)


DOORS = {"http": House.by_http, "delivery": House.by_delivery, "relay": House.by_relay, "agent": House.by_agent}
WORDS = {"http": House.confirm_by_http, "relay": House.confirm_by_relay}


def equal(answer: dict[str, Any]) -> str:
    """Without the number of a confirmation: at the agent's door each call has one of its own."""
    text = json.dumps(answer, sort_keys=True)
    for card in answer["cards"]:
        text = text.replace(card.get("confirmationId", "none"), "…")
    return text


def test_every_tool_has_a_wish_here() -> None:
    assert {*TOOL_NAMES, "reserve_demo"} == set(CALLS)


@pytest.mark.slow
@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", CALLS)
def test_one_call_twice_through_one_door_has_equal_answers_and_no_effect_before_the_visitors_word(
    house: House, name: str, door: str
) -> None:
    first, again = (DOORS[door](house, name) for _ in range(2))

    assert first["success"]
    # The agent cites what it found in its answer; everywhere else the sources are a card.
    cards = [] if (door, name) == ("agent", "search_knowledge") else [CARDS[name]]
    assert [card["kind"] for card in first["cards"]] == cards
    assert equal(again) == equal(first)
    assert house.effects() == {"log_lead": 0, "request_human": 0, "reserve_demo": 0}


@pytest.mark.slow
@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", WRITING)
def test_what_the_visitor_confirms_twice_has_one_effect_and_equal_answers(
    house: House, name: str, door: str, word: str
) -> None:
    waiting = [DOORS[door](house, name) for _ in range(2)]
    confirmation_id = waiting[0]["result"]["confirmationId"]

    outcomes = [WORDS[word](house, confirmation_id) for _ in range(2)]

    assert outcomes[0]["success"]
    assert outcomes[1] == outcomes[0]
    assert house.effects() == {"log_lead": 0, "request_human": 0, "reserve_demo": 0} | {name: 1}


@pytest.mark.slow
@pytest.mark.parametrize("name", CALLS)
def test_one_call_that_comes_through_three_doors_is_one_call(house: House, name: str) -> None:
    """The room, Tavus's servers and the page may all bring it."""
    answers = [DOORS[door](house, name) for door in ("http", "delivery", "relay")]
    for answer in answers:
        if name in WRITING:
            for word in WORDS.values():
                word(house, answer["result"]["confirmationId"])

    assert answers[0]["result"] == answers[1]["result"] == answers[2]["result"]
    assert answers[0]["cards"] == answers[1]["cards"] == answers[2]["cards"]
    assert sum(house.effects().values()) == (1 if name in WRITING else 0)

"""Tools between two turns of the agent's model: what they show, refuse, and wait for."""

from collections.abc import Iterator

import pytest

from aisdr.agent import Show
from aisdr.answer import ImageCard
from aisdr.company import Company
from aisdr.inference.base import ModelEvent, Prompt, TextDelta, ToolRequest, Usage
from aisdr.services import Services
from aisdr.session import Session
from tests.agent_scene import agent, answered, ask, company, passage_number, session
from tests.material import a_chunk, a_company, teach
from tests.models import CHAIN, Scripted, say, use

__all__ = ["company", "session"]


def test_a_tool_runs_between_two_turns_of_the_model(services: Services, company: Company, session: Session) -> None:
    model = Scripted([use("create_meeting_link", {"name": "Jane"}), Usage(10, 2)], [*say("Here it is."), Usage(20, 3)])

    events = list(agent(services, model).answer(company, session, "I want to meet someone"))

    url = "https://cal.example/acme?name=Jane"
    assert [event.card.url for event in events if isinstance(event, Show) and event.card.kind == "meeting"] == [url]
    assert [action.kind for action in answered(events).actions] == ["meeting"]
    assert [message.role for message in model.prompts[1].messages] == ["user", "assistant", "tool"]
    assert model.prompts[1].messages[1].tool_requests == (use("create_meeting_link", {"name": "Jane"}),)
    assert url in model.prompts[1].messages[2].text
    assert model.prompts[1].messages[2].call_id == "t1"


def test_a_shown_picture_is_in_the_answer(services: Services, company: Company, session: Session) -> None:
    model = Scripted([use("show_visual", {"query": "chart of the market share of Acme by year"})], say("There."))

    answer = ask(services, company, session, "Show me the market share", model)

    assert [card.url for card in answer.shown if isinstance(card, ImageCard)] == ["/media/acme/chart.webp"]


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (use("no_such_tool", {}), "unknown_tool"),
        (use("log_lead", {"email": "jane"}), "invalid_arguments"),
        (use("log_lead", {"email": "jane@example.com", "companyId": "globex"}), "invalid_arguments"),
        (use("log_lead", None), "invalid_arguments"),
    ],
)
def test_a_tool_that_refuses_is_told_to_the_model_and_does_nothing(
    services: Services, company: Company, session: Session, request_: ToolRequest, code: str
) -> None:
    model = Scripted([request_], say("Sorry."))

    answer = ask(services, company, session, "Note me down", model)

    assert answer.text == "Sorry."
    assert f'"error": "{code}"' in model.prompts[1].messages[-1].text
    assert services.leads.list(company.operator_scope) == []


def test_a_tool_that_the_company_forbids_is_neither_offered_nor_run(services: Services, session: Session) -> None:
    quiet = a_company(tools=("search_knowledge",), models={"chat": CHAIN})
    model = Scripted([use("log_lead", {"email": "jane@example.com"})], say("Sorry."))

    ask(services, quiet, session, "Note me down", model)

    assert [tool.name for tool in model.prompts[0].tools] == ["search_knowledge"]
    assert '"error": "tool_not_enabled"' in model.prompts[1].messages[-1].text
    assert services.leads.list(quiet.operator_scope) == []


def test_a_model_that_repeats_its_call_ids_still_makes_calls_of_its_own(
    services: Services, company: Company, session: Session
) -> None:
    leads = [use("log_lead", {"email": f"{name}@example.com"}, call_id="0") for name in ("jane", "john")]
    model = Scripted([leads[0]], [leads[1]], say("Done."))

    answer = ask(services, company, session, "Note us down", model)

    asked = [{each.name: each.value for each in action.fields} for action in answer.actions if action.kind == "confirm"]
    assert [values["email"] for values in asked] == ["jane@example.com", "john@example.com"]


def test_a_tool_that_writes_waits_for_the_visitor_and_the_model_knows_it(
    services: Services, company: Company, session: Session
) -> None:
    model = Scripted([use("log_lead", {"email": "jane@example.com"})], say("Please confirm."))

    answer = ask(services, company, session, "Note me down: jane@example.com", model)

    assert [action.kind for action in answer.actions] == ["confirm"]
    assert "awaiting_confirmation" in model.prompts[1].messages[-1].text
    assert services.leads.list(company.operator_scope) == []


def test_a_model_that_never_stops_calling_tools_is_stopped(
    services: Services, company: Company, session: Session
) -> None:
    steps = company.limits.tool_steps
    endless = [[*say("."), use("log_lead", {"email": f"jane{step}@example.com"})] for step in range(20)]
    model = Scripted(*endless)

    answer = ask(services, company, session, "Note me down", model)

    assert len(model.prompts) == steps + 1
    assert model.prompts[-1].tools == ()
    assert len(answer.actions) == steps
    assert answer.text.split() == ["."] * (steps + 1)


class Searcher:
    """Looks something up itself, and then quotes the passage it was after."""

    name = "searcher"

    def __init__(self, title: str) -> None:
        self.title = title
        self.prompts: list[Prompt] = []

    def stream(self, prompt: Prompt) -> Iterator[ModelEvent]:
        self.prompts.append(prompt)
        if len(self.prompts) == 1:
            yield TextDelta("Let me check.")
            yield use("search_knowledge", {"query": "Does the warranty cover dented anvils?"})
        else:
            yield TextDelta(f"It does [{passage_number(prompt, self.title)}].")


def test_what_a_model_looked_up_itself_is_cited_like_the_rest(
    services: Services, company: Company, session: Session
) -> None:
    crowd = [a_chunk(f"port{number}", f"We ship to port {number} of Norway by boat.") for number in range(12)]
    warranty = a_chunk("warranty", "The warranty covers dented anvils for ten years.")
    teach(services, company, warranty, *crowd)
    model = Searcher("Warranty")

    answer = ask(services, company, session, "To which port of Norway do you ship by boat?", model)

    assert "Warranty" not in [passage.title for passage in model.prompts[0].passages]
    assert answer.text == "Let me check.\n\nIt does [1]."
    assert [each.title for each in answer.citations] == ["Warranty"]


def test_one_step_runs_a_handful_of_tools_and_the_rest_is_told_so(
    services: Services, company: Company, session: Session
) -> None:
    wishes = [use("search_knowledge", {"query": f"price {number}"}, f"t{number}") for number in range(60)]
    model = Scripted(wishes, say("It costs $149 [1]."))

    ask(services, company, session, "What does Growth cost?", model)

    outcomes = [message.text for message in model.prompts[1].messages if message.role == "tool"]
    assert len(outcomes) == 60
    assert sum("too_many_calls" in outcome for outcome in outcomes) == 55

"""Models and tables that fail under an agent: the next one answers, and nothing is said twice."""

from typing import Any

import pytest

from aisdr.agent import Agent
from aisdr.company import Company
from aisdr.errors import VendorError
from aisdr.memory import Memory
from aisdr.models import CompanyModels
from aisdr.services import Services
from aisdr.session import Session
from tests.agent_scene import agent, answered, ask, company, session
from tests.material import a_company
from tests.models import OUTAGE, Scripted, say

__all__ = ["company", "session"]


def test_the_next_model_answers_when_one_fails_before_its_first_word(
    services: Services, company: Company, session: Session
) -> None:
    assert ask(services, company, session, "Hello?", Scripted([OUTAGE]), Scripted(say("Hello."))).text == "Hello."


def test_a_model_that_fails_within_its_answer_is_not_spoken_over(
    services: Services, company: Company, session: Session
) -> None:
    second = Scripted(say("Hello."))

    with pytest.raises(VendorError, match="down"):
        ask(services, company, session, "Hello?", Scripted([*say("Hel"), OUTAGE]), second)

    assert second.prompts == []


def test_when_every_model_fails_the_last_error_is_told(services: Services, company: Company, session: Session) -> None:
    with pytest.raises(VendorError, match="down"):
        ask(services, company, session, "Hello?", Scripted([OUTAGE]), Scripted([OUTAGE]))


def test_without_any_model_the_material_itself_answers(services: Services, company: Company, session: Session) -> None:
    """The embedded default, whole: no account, no network."""
    plain = company.model_copy(update={"models": a_company().models})

    answer = answered(list(services.agent.answer(plain, session, "What does the Growth plan cost?")))

    assert "$149" in answer.text
    assert [each.title for each in answer.citations] == ["Pricing"]
    assert answer.text.count("[1]") >= 1


def test_a_question_that_is_asked_again_after_a_failure_is_written_down_and_told_once(
    services: Services, company: Company, session: Session
) -> None:
    broken, whole = Scripted([OUTAGE], [OUTAGE]), Scripted(say("$149 [1]."))
    with pytest.raises(VendorError):
        list(agent(services, broken, broken).answer(company, session, "What does Growth cost?", question_id="q1"))

    list(agent(services, whole).answer(company, session, "What does Growth cost?", question_id="q1"))

    kept = [(turn.role, turn.text) for turn in services.transcripts.recent(session)]
    assert kept == [("visitor", "What does Growth cost?"), ("assistant", "$149 [1].")]
    assert [message.text for message in whole.prompts[0].messages] == ["What does Growth cost?"]


def test_a_table_that_is_busy_does_not_take_an_answer_away(
    services: Services, company: Company, session: Session
) -> None:
    class Busy:
        """Usages whose table is throttled."""

        def spent(self, company: Company) -> bool:
            return False

        def record(self, *_: object, **__: object) -> None:
            raise RuntimeError("throttled")

    usages: Any = Busy()
    chain = CompanyModels(
        lambda choice: Scripted(
            say("$149 [1]."),
        ),
        usages,
    )
    memory = Memory(services.transcripts, services.conversations, chain)
    talker = Agent(services.knowledge, services.tools, services.transcripts, memory, chain)

    answer = answered(list(talker.answer(company, session, "What does Growth cost?")))

    assert answer.text == "$149 [1]."


def test_a_model_that_is_down_is_not_waited_for_again_at_once(
    services: Services, company: Company, session: Session
) -> None:
    down, whole = Scripted([OUTAGE], say("Back again [1].")), Scripted(say("$149 [1]."), say("$149 [1]."))
    representative = agent(services, down, whole)

    first = answered(list(representative.answer(company, session, "What does Growth cost?")))
    second = answered(list(representative.answer(company, session, "What does the Growth plan cost?")))

    assert first.text == second.text == "$149 [1]."
    assert len(down.prompts) == 1

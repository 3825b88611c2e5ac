"""When the material could not be searched, nobody says that it does not hold the answer."""

import pytest

from aisdr.agent import Agent, Done
from aisdr.answer import Answer
from aisdr.index.base import SearchHit
from aisdr.inference.base import NOTHING_FITS, LanguageModel
from aisdr.inference.extractive import Extractive
from aisdr.inference.phrases import PHRASES
from aisdr.knowledge.hybrid import Knowledge
from aisdr.memory import Memory
from aisdr.models import CompanyModels
from aisdr.services import Services
from aisdr.tools.base import ToolContext
from aisdr.tools.search_knowledge import SearchKnowledge, SearchKnowledgeArguments
from tests.chunks import LetterCounts
from tests.legs import PATIENT, GivenLeg, at, broken, found
from tests.legs import Answer as Found
from tests.material import ORIGIN, a_company
from tests.models import Scripted, say

COMPANY = a_company(languages=("en", "de"))
FACT = "The Growth plan costs $149 a month."
QUESTION = "What does the Growth plan cost?"


def knowledge(answer: Found) -> Knowledge:
    own = GivenLeg("own", answer)
    return Knowledge(at(LetterCounts()), own, lambda company: own, deadline=PATIENT)


def ask(services: Services, answer: Found, question: str = QUESTION, model: LanguageModel | None = None) -> Answer:
    models = CompanyModels(lambda choice: model or Extractive(), services.usages)
    memory = Memory(services.transcripts, services.conversations, models)
    agent = Agent(knowledge(answer), services.tools, services.transcripts, memory, models)
    session = services.sessions.open(COMPANY, ORIGIN, None)
    (done,) = [event for event in agent.answer(COMPANY, session, question) if isinstance(event, Done)]
    return done.answer


def test_what_failed_once_is_looked_up_again(services: Services) -> None:
    tries = 0

    def at_the_second_try() -> list[SearchHit]:
        nonlocal tries
        tries += 1
        return found("own", FACT, 0.9) if tries > 1 else broken()

    answer = ask(services, at_the_second_try)

    assert FACT in answer.text
    assert answer.grounded


@pytest.mark.parametrize(
    ("question", "language"), [(QUESTION, "en"), ("Was kostet der Growth-Tarif im Monat, bitte?", "de")]
)
def test_the_visitor_is_told_to_ask_again_and_nothing_about_the_material(
    services: Services, question: str, language: str
) -> None:
    answer = ask(services, broken, question)

    assert answer.text.startswith(PHRASES[language].not_searched)
    assert PHRASES[language].nothing_fits not in answer.text
    assert not answer.grounded


def test_a_model_is_told_the_same(services: Services) -> None:
    model = Scripted(say("It costs $149."))

    answer = ask(services, broken, model=model)

    assert PHRASES["en"].not_searched in model.prompts[0].system
    assert NOTHING_FITS not in model.prompts[0].system
    assert answer.text.startswith(PHRASES["en"].not_searched), "without a passage no price is shown"


def test_what_needs_no_material_is_answered(services: Services) -> None:
    assert ask(services, broken, "Thank you!").text == PHRASES["en"].thanks


def test_material_that_holds_nothing_is_another_matter(services: Services) -> None:
    assert ask(services, []).text.startswith(NOTHING_FITS)


def test_a_voice_says_it_too(services: Services) -> None:
    tool = SearchKnowledge(knowledge(broken), Extractive())
    context = ToolContext(COMPANY, services.sessions.open(COMPANY, ORIGIN, None), live=True)

    result = tool.run(context, SearchKnowledgeArguments(query=QUESTION)).result

    assert result["answer"].startswith(PHRASES["en"].not_searched)
    assert result["degraded"] is True

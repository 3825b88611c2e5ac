"""A company that knows its prices, and an agent that answers from them."""

import pytest

from aisdr.agent import Agent, AnswerEvent, Done
from aisdr.answer import Answer
from aisdr.company import Company
from aisdr.index.base import Media
from aisdr.inference.base import LanguageModel, Prompt
from aisdr.memory import Memory
from aisdr.models import CompanyModels
from aisdr.services import Services
from aisdr.session import Session
from tests.material import ORIGIN, a_chunk, a_company, teach
from tests.models import CHAIN

GROWTH = a_chunk("pricing", "The Growth plan costs $149 a month and includes 5,000 conversations.")
NORWAY = a_chunk("shipping", "We ship to Norway within four working days.")
CHART = a_chunk(
    "chart",
    "Chart of the market share of Acme by year.",
    modality="image",
    media=Media(kind="image", url="/media/acme/chart.webp", alt="A chart"),
)


@pytest.fixture
def company(services: Services) -> Company:
    company = a_company(booking_url="https://cal.example/acme?name={name}", models={"chat": CHAIN})
    teach(services, company, GROWTH, NORWAY, CHART)
    return company


@pytest.fixture
def session(services: Services, company: Company) -> Session:
    return services.sessions.open(company, ORIGIN, None)


def agent(services: Services, *models: LanguageModel) -> Agent:
    """The k-th model stands for the k-th choice of the company's chain."""
    chain = CompanyModels(lambda choice: models[CHAIN.index(choice)], services.usages)
    memory = Memory(services.transcripts, services.conversations, chain)
    return Agent(services.knowledge, services.tools, services.transcripts, memory, chain)


def answered(events: list[AnswerEvent]) -> Answer:
    assert [type(event) for event in events].count(Done) == 1
    last = events[-1]
    assert isinstance(last, Done)
    return last.answer


def ask(services: Services, company: Company, session: Session, question: str, *models: LanguageModel) -> Answer:
    return answered(list(agent(services, *models).answer(company, session, question)))


def passage_number(prompt: Prompt, title: str) -> int:
    return next(passage.number for passage in prompt.passages if passage.title == title)

"""search_knowledge, show_visual, get_demo_clip: what they find, what they show, and that they know when to say no."""

import pytest

from aisdr.answer import ClipCard, ImageCard, SourcesCard
from aisdr.company import Company
from aisdr.index.base import Locator, Media
from aisdr.services import Services
from aisdr.session import Session
from aisdr.tools.base import ToolContext, ToolResult
from tests.material import ORIGIN, a_chunk, a_company, teach

PRICING = a_chunk("pricing", "The Growth plan costs $149 a month and includes 5,000 conversations.")
CHART = a_chunk(
    "chart",
    "Bar chart: revenue of warehouse robots by country.",
    modality="image",
    media=Media(kind="image", url="/media/acme/chart.webp", alt="A bar chart", caption="Robots by country"),
)
CLIP = a_chunk(
    "picking",
    "Now the robot arm picks a parcel from the conveyor belt.",
    modality="video",
    locator=Locator(start=42, end=55),
    media=Media(kind="clip", url="/media/acme/picking.webm", captions_url="/media/acme/picking.vtt"),
)
LISTED = {"title": "Dashboard tour", "url": "/media/acme/tour.webm", "start": 3.5, "topics": ("dashboard", "reports")}


@pytest.fixture
def company(services: Services) -> Company:
    company = a_company(demo_clips=(LISTED,))
    teach(services, company, PRICING, CHART, CLIP)
    return company


def run(services: Services, company: Company, tool: str, query: str) -> ToolResult:
    context = ToolContext(company, Session("s1", company.company_id, ORIGIN, 0))
    return services.tools.run(context, None, tool, {"query": query})


def test_a_search_gives_passages_to_the_model_and_sources_to_the_visitor(services: Services, company: Company) -> None:
    outcome = run(services, company, "search_knowledge", "What does the Growth plan cost?")

    assert "$149" in outcome.result["answer"]
    assert "[1]" not in outcome.result["answer"]
    assert outcome.result["passages"][0] == {"title": "Pricing", "content": PRICING.text}
    (sources,) = [card for card in outcome.cards if isinstance(card, SourcesCard)]
    assert [(each.number, each.title) for each in sources.citations] == [(1, "Pricing")]


def test_a_search_that_finds_nothing_shows_nothing(services: Services) -> None:
    outcome = run(services, a_company("empty"), "search_knowledge", "What does the Growth plan cost?")

    assert (outcome.result["passages"], outcome.cards) == ([], ())


@pytest.mark.parametrize("tool", ["search_knowledge", "show_visual", "get_demo_clip"])
def test_no_tool_shows_another_companys_material(services: Services, company: Company, tool: str) -> None:
    globex = a_company("globex")

    for query in ("Growth plan price", "bar chart of warehouse robots by country", "robot arm picks a parcel"):
        outcome = run(services, globex, tool, query)

        assert outcome.cards == ()
        assert "149" not in str(outcome.result)


def test_a_fitting_picture_is_shown_with_its_words(services: Services, company: Company) -> None:
    outcome = run(services, company, "show_visual", "bar chart of warehouse robots by country")

    (card,) = outcome.cards
    assert isinstance(card, ImageCard)
    assert (card.url, card.alt, card.caption) == ("/media/acme/chart.webp", "A bar chart", "Robots by country")
    assert outcome.result["shown"] == "Chart"


@pytest.mark.parametrize("query", ["the founder's wedding", "photo of a sandy beach at sunset"])
def test_no_picture_is_better_than_a_wrong_one(services: Services, company: Company, query: str) -> None:
    outcome = run(services, company, "show_visual", query)

    assert (outcome.success, outcome.cards) == (False, ())


def test_a_clip_starts_at_the_second_that_answers(services: Services, company: Company) -> None:
    outcome = run(services, company, "get_demo_clip", "robot arm picks a parcel from the belt")

    (card,) = outcome.cards
    assert isinstance(card, ClipCard)
    assert (card.url, card.start, card.end) == ("/media/acme/picking.webm", 42, 55)


def test_a_listed_clip_answers_what_no_indexed_one_does(services: Services, company: Company) -> None:
    outcome = run(services, company, "get_demo_clip", "dashboard reports")

    (card,) = outcome.cards
    assert isinstance(card, ClipCard)
    assert (card.title, card.url, card.start) == ("Dashboard tour", "/media/acme/tour.webm", 3.5)


def test_without_a_fitting_clip_it_says_so(services: Services, company: Company) -> None:
    outcome = run(services, company, "get_demo_clip", "sandy beach")

    assert (outcome.success, outcome.cards) == (False, ())
    assert outcome.result == {"say": "I don't have a clip about that."}

"""create_meeting_link: a booking address that carries the visitor's words as values and nothing else."""

from urllib.parse import parse_qs, urlsplit

import pytest

from aisdr.answer import MeetingCard
from aisdr.session import Session
from aisdr.tools.base import ToolContext
from aisdr.tools.create_meeting_link import CreateMeetingLink, CreateMeetingLinkArguments
from tests.material import ORIGIN, a_company

BOOKING = "https://cal.example/acme?name={name}&email={email}&about={topic}"
EVERYTHING = {"name": "Jane", "email": "jane@example.com", "company": "Globex", "topic": "Pricing"}


def link(booking_url: str | None, **said: str | None) -> str:
    context = ToolContext(a_company(booking_url=booking_url), Session("s1", "acme", ORIGIN, 0))
    outcome = CreateMeetingLink().run(context, CreateMeetingLinkArguments.model_validate(said))
    url: str = outcome.result["url"]
    assert outcome.cards == (MeetingCard(title="Book a meeting with Acme", url=url),)
    return url


def test_the_link_carries_what_the_visitor_said() -> None:
    assert link(BOOKING, **EVERYTHING) == "https://cal.example/acme?name=Jane&email=jane%40example.com&about=Pricing"


def test_what_was_not_said_stays_empty() -> None:
    assert link(BOOKING, name="Jane") == "https://cal.example/acme?name=Jane&email=&about="


@pytest.mark.parametrize(
    "name",
    [
        "Jane & John",
        "a=b&email=other@example.com",
        "#fragment",
        "../../admin",
        "{email}",
        "%00",
        "Zoë 👋",
        'javascript:alert(1)"<script>',
        "new\nline",
    ],
)
def test_a_value_stays_a_value(name: str) -> None:
    url = urlsplit(link(BOOKING, name=name, email="jane@example.com"))

    assert (url.scheme, url.netloc, url.path, url.fragment) == ("https", "cal.example", "/acme", "")
    assert parse_qs(url.query, keep_blank_values=True) == {
        "name": [name.strip()],
        "email": ["jane@example.com"],
        "about": [""],
    }


@pytest.mark.parametrize(
    ("page", "added"),
    [
        ("https://cal.com/acme/intro", {"name": ["Jane Doe"], "email": ["j@example.com"], "notes": ["A & B?"]}),
        ("https://acme.cal.com/intro", {"name": ["Jane Doe"], "email": ["j@example.com"], "notes": ["A & B?"]}),
        ("https://calendly.com/acme/30min", {"name": ["Jane Doe"], "email": ["j@example.com"], "a1": ["A & B?"]}),
        (
            "https://meetings-eu1.hubspot.com/acme",
            {"firstname": ["Jane"], "lastname": ["Doe"], "email": ["j@example.com"], "company": ["Globex"]},
        ),
        ("https://booking.example/acme", {}),
        ("https://notcal.com/acme", {}),
        ("https://cal.com.evil.example/acme", {}),
    ],
)
def test_without_placeholders_a_known_vendor_gets_its_own_parameters(page: str, added: dict[str, list[str]]) -> None:
    url = link(page, name="Jane Doe", email="j@example.com", company="Globex", topic="A & B?")

    assert url.partition("?")[0] == page
    assert parse_qs(urlsplit(url).query) == added


def test_a_vendors_parameters_join_those_that_the_operator_wrote() -> None:
    url = link("https://calendly.com/acme?month=2026-11&name=Team#top", name="Jane", email="j@example.com")

    assert url == "https://calendly.com/acme?month=2026-11&name=Team&email=j%40example.com#top"


def test_nothing_said_adds_nothing() -> None:
    assert link("https://cal.com/acme/intro") == "https://cal.com/acme/intro"


@pytest.mark.parametrize(
    ("name", "path"), [("..", "/book//now"), ("a/../b", "/book/a%2F..%2Fb/now"), ("?", "/book/%3F/now")]
)
def test_a_name_is_one_step_of_a_path_at_most(name: str, path: str) -> None:
    assert urlsplit(link("https://cal.example/book/{name}/now?x=1", name=name)).path == path


def test_a_visitors_word_never_names_the_host() -> None:
    assert urlsplit(link("https://{name}.cal.example/{name}", name="evil.example/")).hostname == "{name}.cal.example"


def test_without_a_booking_page_nothing_is_promised() -> None:
    context = ToolContext(a_company(), Session("s1", "acme", ORIGIN, 0))

    outcome = CreateMeetingLink().run(context, CreateMeetingLinkArguments())

    assert (outcome.success, outcome.cards) == (False, ())
    assert "e-mail" in outcome.result["say"]

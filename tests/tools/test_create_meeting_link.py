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


def test_without_a_booking_page_nothing_is_promised() -> None:
    context = ToolContext(a_company(), Session("s1", "acme", ORIGIN, 0))

    outcome = CreateMeetingLink().run(context, CreateMeetingLinkArguments())

    assert (outcome.success, outcome.cards) == (False, ())
    assert "e-mail" in outcome.result["say"]

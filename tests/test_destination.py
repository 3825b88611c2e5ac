"""Where an answer may lead, address by address; `widget/test/destination.test.ts` reads the same cases."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisdr.configuration import Branding, Consent, DemoClip, People
from aisdr.destination import Destinations
from tests.material import a_company

CASES = json.loads((Path(__file__).parent / "data" / "destinations.json").read_text("utf-8"))
GIVEN = Destinations(tuple(CASES["hosts"]), tuple(CASES["pages"]))
STEPS = st.sampled_from(["acme", "demo", "attacker", ".", "..", "%2e", "%2e%2e", "", "%61cme", "x"])


@pytest.mark.parametrize(("why", "address"), CASES["home"])
def test_an_address_leads_home(why: str, address: str) -> None:
    assert GIVEN.include(address), why


@pytest.mark.parametrize(("why", "address"), CASES["elsewhere"])
def test_an_address_leads_elsewhere(why: str, address: str) -> None:
    assert not GIVEN.include(address), why


@pytest.mark.parametrize("address", ["https://", "https://[", "https://acme.example/" + "x" * 3000, "//"])
def test_what_is_no_address_leads_nowhere(address: str) -> None:
    assert not GIVEN.include(address)


@settings(deadline=None)
@given(st.lists(STEPS, max_size=8))
def test_whatever_stands_in_a_path_a_browser_ends_below_the_page(steps: list[str]) -> None:
    """By the plain rule of RFC 3986, 5.2.4, over what is left when escapes are opened."""
    if not GIVEN.include("https://calendly.example/" + "/".join(steps)):
        return
    walked: list[str] = []
    for step in "/".join(steps).replace("%2e", ".").replace("%61", "a").split("/"):
        match step:
            case "..":
                walked = walked[:-1]
            case "." | "":
                pass
            case _:
                walked.append(step)
    assert walked[:2] == ["acme", "demo"]


def test_a_company_leads_where_its_operator_says() -> None:
    company = a_company(
        website_url="https://acme.example/",
        allowed_origins=("https://www.shop.example", "https://staging.acme.test:8443"),
        booking_url="https://calendly.com/acme/demo",
        people=People(url="https://help.vendor.example/acme"),
        consent=Consent(privacy_url="https://shop.example/privacy"),
        link_hosts=("docs.partner.example",),
    )

    led_to = company.led_to()

    assert led_to.hosts == ("acme.example", "shop.example", "staging.acme.test", "docs.partner.example")
    assert led_to.pages == (
        "https://calendly.com/acme/demo?name={name}&email={email}&a1={a1}",
        "https://help.vendor.example/acme",
    )


def test_a_website_with_only_a_path_on_its_host_does_not_open_the_host() -> None:
    company = a_company(website_url="https://sites.example/view/acme", allowed_origins=())

    assert company.led_to() == Destinations((), ("https://sites.example/view/acme",))


def test_visitors_are_not_told_where_else_the_widget_may_stand() -> None:
    company = a_company(
        allowed_origins=("https://acme.example", "https://staging.acme.test", "https://customer.example"),
        booking_url="https://cal.com/acme",
        consent=Consent(privacy_url="https://customer.example/acme/privacy"),
        branding=Branding(logo_url="https://www.cdn.example/logo.png"),
        demo_clips=(DemoClip(title="Tour", url="/media/acme/tour.webm", poster="https://img.example/p.webp"),),
        link_hosts=("docs.partner.example",),
    )

    profile = company.profile()

    assert profile.link_hosts == ("acme.example", "docs.partner.example")
    assert profile.link_pages == (
        "https://cal.com/acme?name={name}&email={email}&notes={notes}",
        "https://customer.example/acme/privacy",
    )
    assert profile.media_hosts == ("www.cdn.example", "img.example")
    assert "staging" not in profile.model_dump_json()

"""When a mode fails, the next one below takes over by itself and says so; at the end there is a letter that arrives."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.product import Stack
from tests.walks.loudspeaker import Loudspeaker
from tests.walks.visitor import ask, choose, eventually, hang_up, log, open_panel, source, standing

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ANNOUNCED = 3_000
"""Milliseconds from the failure to the sentence about it."""
BUSY = "The video assistant is talking with somebody else. We go on by voice."
REFUSED = "All lines are busy. Please type; I read my answers aloud."


@pytest.fixture(autouse=True)
def no_fault_outlives_its_test(stack: Stack) -> Iterator[None]:
    yield
    stack.vendors_work_again()


@pytest.mark.parametrize(
    ("refusal", "status", "sentence"),
    [
        ("busy", 429, BUSY),
        ("key", 503, "Tavus API key not configured. We go on by voice."),
    ],
)
def test_when_the_avatar_is_refused_the_voice_takes_over_by_itself(
    stack: Stack, page: Page, refusal: str, status: int, sentence: str
) -> None:
    stack.refuse_calls(video=refusal)
    open_panel(page, stack)
    choose(page, "Video")

    with page.expect_response("**/api/tavus/session") as refused:
        page.get_by_role("button", name="Agree and start the call").click()

    assert refused.value.status == status
    expect(page.get_by_role("paragraph").filter(has_text=sentence)).to_be_visible(timeout=ANNOUNCED)
    expect(standing(page, "Voice")).to_be_visible(timeout=15_000)
    expect(mode(page, "Voice")).to_have_attribute("aria-pressed", "true")
    hang_up(page)
    assert nobody_calls(stack)


def test_when_the_voice_is_refused_as_well_answers_are_read_aloud(stack: Stack, page: Page) -> None:
    stack.refuse_calls(video="busy", voice="rate_limit")
    loudspeaker = Loudspeaker(page)
    open_panel(page, stack)
    choose(page, "Video")

    with page.expect_response(lambda answer: "sdpOffer" in (answer.request.post_data or "")) as refused:
        page.get_by_role("button", name="Agree and start the call").click()

    assert refused.value.status == 429
    expect(log(page).get_by_text(REFUSED)).to_be_visible(timeout=ANNOUNCED)
    expect(log(page).get_by_text(BUSY)).to_be_visible()
    expect(mode(page, "Listen")).to_have_attribute("aria-pressed", "true")
    ask(page, "What does it cost for 200 stores?")
    loudspeaker.expect_speech(15)
    expect(source(page, "Plans and prices")).to_be_visible(timeout=15_000)
    assert nobody_calls(stack)


def test_without_a_microphone_a_voice_call_becomes_answers_that_are_read_aloud(stack: Stack, page: Page) -> None:
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))"
    )
    open_panel(page, stack)

    choose(page, "Voice")
    page.get_by_role("button", name="Agree and start the call").click()

    words = "The microphone is blocked. Please type; I read my answers aloud."
    expect(log(page).get_by_text(words)).to_be_visible(timeout=ANNOUNCED)
    expect(mode(page, "Listen")).to_have_attribute("aria-pressed", "true")


def test_who_waits_for_an_avatar_that_does_not_come_types_meanwhile(stack: Stack, page: Page) -> None:
    slow = {"method": "POST", "path": "/v2/conversations", "delay": 6}
    httpx.post(f"{stack.tavus_url}/_lookalike/faults", json=slow).raise_for_status()
    open_panel(page, stack)
    choose(page, "Video")
    page.get_by_role("button", name="Agree and start the call").click()
    expect(page.get_by_role("button", name="Cancel call")).to_be_visible()

    ask(page, "What does it cost for 200 stores?")

    expect(source(page, "Plans and prices")).to_be_visible(timeout=ANNOUNCED)
    expect(page.get_by_role("button", name="Cancel call")).to_be_visible()
    page.get_by_role("button", name="Cancel call").click()
    assert nobody_calls(stack)


def test_when_nothing_answers_a_letter_waits_and_arrives(stack: Stack, page: Page) -> None:
    question = "Do you deliver to Iceland?"
    open_panel(page, stack)
    page.route_web_socket("**/ws*", lambda socket: socket.close())
    page.route("**/api/**", lambda route: route.abort())

    ask(page, question)
    letter = page.get_by_role("form", name="Leave a message")
    expect(letter.get_by_label("Message", exact=True)).to_have_value(question, timeout=15_000)
    letter.get_by_label("E-mail").fill("bo@letters.example")
    letter.get_by_role("button", name="Send").click()
    expect(letter.get_by_role("status")).to_contain_text("Your message is sent as soon as there is one")
    assert letters(stack) == []
    page.unroute("**/api/**")

    expect(log(page).get_by_text("Your message is on its way")).to_be_visible(timeout=30_000)
    assert letters(stack) == [("bo@letters.example", question)]


def mode(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name="Mode").get_by_role("button", name=name)


def nobody_calls(stack: Stack) -> bool:
    """No line is kept busy by what was refused or has ended."""
    active = eventually(lambda: stack.ledger.today("hypersonix")["active"], lambda each: each == 0)
    return bool(active == 0)


def letters(stack: Stack) -> list[tuple[str, str | None]]:
    stored = stack.leads.list(stack.companies.get("hypersonix").operator_scope)
    return [(each.lead.email, each.lead.message) for each in stored if each.lead.email.endswith("@letters.example")]

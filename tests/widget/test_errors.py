"""What goes wrong is said in words, with what to do about it, and the next mode that works has taken over."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from tests.product import Stack
from tests.walks.visitor import CONNECTED, ask, call, choose, hang_up, log, open_panel, source, standing
from tests.widget.browser import MICROPHONES, NO_PICTURE, SOUND_BLOCKED, UNPLUGGED

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LISTEN = "Please type; I read my answers aloud."


@pytest.fixture(autouse=True)
def every_line_is_free_again(stack: Stack) -> Iterator[None]:
    yield
    stack.vendors_work_again()


def error(page: Page) -> Locator:
    return log(page).get_by_role("group", name="Error")


def mode(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name="Mode").get_by_role("button", name=name)


def agree(page: Page) -> None:
    page.get_by_role("button", name="Agree and start the call").click()


@pytest.mark.parametrize(
    ("refusal", "happened", "remedy"),
    [
        pytest.param(
            "NotAllowedError",
            "The microphone is blocked.",
            "Allow it in the browser to speak, or go on in text.",
            marks=pytest.mark.cell("F-BR-04"),
        ),
        pytest.param(
            "NotFoundError",
            "No microphone was found.",
            "Connect one and try again, or go on in text.",
            marks=pytest.mark.cell("F-BR-05"),
        ),
        ("NotReadableError", "Another program uses the microphone.", "Close that program and try again"),
    ],
)
def test_without_a_microphone_a_voice_call_says_why_and_can_be_tried_again(
    stack: Stack, page: Page, refusal: str, happened: str, remedy: str
) -> None:
    page.add_init_script(MICROPHONES)
    open_panel(page, stack)
    page.evaluate(f"window.refusal = '{refusal}'")
    choose(page, "Voice")
    agree(page)

    expect(error(page)).to_contain_text(f"{happened} {LISTEN}")
    expect(error(page)).to_contain_text(remedy)
    expect(mode(page, "Listen")).to_have_attribute("aria-pressed", "true")

    page.evaluate("window.refusal = null")
    error(page).get_by_role("button", name="Try voice again").click()
    expect(standing(page, "Voice")).to_be_visible(timeout=CONNECTED)
    hang_up(page)


@pytest.mark.cell("F-BR-04")
def test_without_a_microphone_a_video_call_is_listened_to_until_there_is_one(stack: Stack, page: Page) -> None:
    page.add_init_script(MICROPHONES)
    open_panel(page, stack)
    page.evaluate("window.refusal = 'NotAllowedError'")
    call(page, "Video")

    expect(page.get_by_text("The microphone is blocked. You can listen and type.")).to_be_visible()
    expect(page.get_by_role("textbox", name="Type to the call")).to_be_enabled()

    page.evaluate("window.refusal = null")
    page.get_by_role("button", name="No microphone").click()
    expect(page.get_by_role("button", name="Mute", exact=True)).to_be_visible()
    expect(page.get_by_text("You can listen and type.")).to_have_count(0)
    hang_up(page)


@pytest.mark.cell("F-BR-06")
def test_an_unplugged_microphone_is_replaced_by_another_one(stack: Stack, page: Page) -> None:
    page.add_init_script(MICROPHONES)
    open_panel(page, stack)
    call(page, "Voice")

    page.evaluate(UNPLUGGED)

    expect(page.get_by_text("Your microphone was unplugged. Fake Default Audio Input is used now.")).to_be_visible()
    assert page.evaluate("given.map((track) => track.readyState)") == ["ended", "live"]
    hang_up(page)


@pytest.mark.cell("F-BR-06")
def test_where_there_is_no_other_microphone_the_call_goes_on_in_writing(stack: Stack, page: Page) -> None:
    page.add_init_script(MICROPHONES)
    open_panel(page, stack)
    call(page, "Voice")

    page.evaluate("window.refusal = 'NotFoundError'")
    page.evaluate(UNPLUGGED)

    expect(page.get_by_text("No microphone was found. You can listen and type.")).to_be_visible()
    expect(page.get_by_role("button", name="No microphone")).to_be_visible()
    ask(page, "What does it cost for 200 stores?")
    expect(source(page, "Plans and prices")).to_be_visible(timeout=30_000)
    hang_up(page)


@pytest.mark.cell("F-BR-07")
def test_sound_that_the_browser_holds_back_begins_with_a_press(stack: Stack, page: Page) -> None:
    page.add_init_script(SOUND_BLOCKED)
    open_panel(page, stack)
    call(page, "Video")
    tap = page.get_by_role("button", name="Tap to hear")
    expect(tap).to_be_visible()

    page.evaluate("window.blocked = false")
    tap.click()

    expect(tap).to_have_count(0)
    hang_up(page)


@pytest.mark.cell("F-BR-01")
def test_offline_the_question_waits_and_is_answered_when_the_network_is_back(stack: Stack, page: Page) -> None:
    open_panel(page, stack)
    page.context.set_offline(True)
    expect(page.get_by_text("You are offline")).to_be_visible()
    ask(page, "What does it cost for 200 stores?")
    expect(log(page).get_by_text("Your question goes out when it is back.")).to_be_visible()

    page.context.set_offline(False)

    expect(source(page, "Plans and prices")).to_be_visible(timeout=15_000)
    expect(page.get_by_text("You are offline")).to_have_count(0)


@pytest.mark.cell("F-BR-02")
def test_offline_in_a_call_is_said_and_the_call_goes_on_when_the_network_is_back(stack: Stack, page: Page) -> None:
    open_panel(page, stack)
    call(page, "Voice")

    page.context.set_offline(True)
    expect(page.get_by_text("You are offline")).to_be_visible()
    expect(page.get_by_role("button", name="End call")).to_be_visible()

    page.context.set_offline(False)
    expect(page.get_by_text("You are offline")).to_have_count(0)
    ask(page, "What does it cost for 200 stores?")
    expect(source(page, "Plans and prices")).to_be_visible(timeout=30_000)
    hang_up(page)


@pytest.mark.cell("F-BR-02")
def test_a_lost_relay_is_said_in_the_call_and_comes_back(stack: Stack, page: Page) -> None:
    sockets: list[WebSocketRoute] = []
    cut = [False]

    def route(socket: WebSocketRoute) -> None:
        if cut[0]:
            socket.close()
            return
        socket.connect_to_server()
        sockets.append(socket)

    page.route_web_socket("**/ws*", route)
    open_panel(page, stack)
    call(page, "Video")

    cut[0] = True
    sockets[-1].close()
    expect(page.get_by_text("WebSocket connection error. Reconnecting…")).to_be_visible()
    expect(standing(page, "Video")).to_be_visible()  # the call itself goes on

    cut[0] = False
    expect(page.get_by_text("WebSocket connection error")).to_have_count(0, timeout=15_000)
    ask(page, "What does it cost for 200 stores?")
    expect(source(page, "Plans and prices")).to_be_visible(timeout=30_000)
    hang_up(page)


@pytest.mark.parametrize(
    ("code", "status", "happened", "again"),
    [
        ("avatar_busy", 429, "The video assistant is talking with somebody else.", True),
        ("budget_spent", 429, "There are no more calls today.", False),
        ("tavus_session_failed", 502, "Failed to create Tavus session.", True),
    ],
)
def test_when_no_video_call_is_to_be_had_the_voice_takes_over(
    stack: Stack, page: Page, code: str, status: int, happened: str, again: bool
) -> None:
    refusal = json.dumps({"error": {"code": code, "message": "for operators", "requestId": "r-1"}})
    page.route("**/api/tavus/session", lambda route: route.fulfill(status=status, body=refusal))
    open_panel(page, stack)
    choose(page, "Video")
    agree(page)
    expect(standing(page, "Voice")).to_be_visible(timeout=CONNECTED)
    hang_up(page)

    expect(error(page)).to_contain_text(f"{happened} We go on by voice.")
    expect(error(page).get_by_role("button", name="Try video again")).to_have_count(1 if again else 0)


def test_without_a_picture_the_call_does_not_stay_dark(stack: Stack, page: Page) -> None:
    page.clock.install()
    page.add_init_script(NO_PICTURE)
    open_panel(page, stack)
    call(page, "Video")
    expect(page.get_by_text("Waiting for the picture…")).to_be_visible()

    page.clock.fast_forward(20_000)

    expect(standing(page, "Voice")).to_be_visible(timeout=CONNECTED)
    hang_up(page)
    expect(error(page)).to_contain_text("No video stream. We go on by voice.")
    expect(error(page).get_by_role("button", name="Try video again")).to_be_visible()

"""What browsers, networks and blockers take away: each loss is said in words of its own, and a lower mode works.

The cells F-BR of the fault matrix; those of devices and of sound are in `test_errors.py`.
"""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.product import Stack
from tests.walks.visitor import call, log, open_panel
from tests.widget.outside import ANSWER, Product, Website

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NO_STORAGE = """
for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"])
  Object.defineProperty(window, name, { get: () => { throw new DOMException("denied", "SecurityError"); } });
const denied = () => { throw new DOMException("denied", "SecurityError"); };
Object.defineProperty(document, "cookie", { get: () => "", set: denied });
"""
"""As in a frame of another website whose storage the browser keeps shut."""
IN_SIGHT = """
let visible = "visible";
Object.defineProperty(document, "visibilityState", { get: () => visible });
Object.defineProperty(document, "hidden", { get: () => visible === "hidden" });
window.become = (state) => { visible = state; document.dispatchEvent(new Event("visibilitychange")); };
"""


def launcher(page: Page) -> Locator:
    return page.get_by_role("button", name="Open chat")


def ask(page: Page, words: str = "What does it cost?") -> None:
    box = page.get_by_role("textbox", name=re.compile("^Ask a (question|follow-up)$"))
    box.fill(words)
    box.press("Enter")


def answered(page: Page) -> None:
    expect(log(page).get_by_text("From $49 a month")).to_be_visible(timeout=15_000)


@pytest.mark.cell("F-BR-01")
def test_who_is_offline_at_the_start_reads_so_and_the_first_question_waits(
    page: Page, product: Product, website: Website
) -> None:
    page.goto(website.page(product.tag()))
    launcher(page).click()
    expect(page.get_by_role("group", name="Mode")).to_be_visible()
    page.context.set_offline(True)

    ask(page)
    expect(page.get_by_text("You are offline")).to_be_visible()
    expect(log(page).get_by_text("Your question goes out when it is back.")).to_be_visible()

    page.context.set_offline(False)
    answered(page)


@pytest.mark.cell("F-BR-03")
def test_a_call_in_a_tab_that_sleeps_is_ended_and_the_visitor_reads_why(stack: Stack, page: Page) -> None:
    page.add_init_script(IN_SIGHT)
    page.clock.install()
    open_panel(page, stack)
    call(page, "Voice")
    expect(page.get_by_text("Listening").first).to_be_visible(timeout=30_000)
    page.clock.fast_forward(90_000)  # what is looked at may be silent
    expect(page.get_by_role("button", name="End call")).to_be_visible()

    page.evaluate("become('hidden')")
    page.clock.fast_forward("05:00")
    page.evaluate("become('visible')")

    expect(log(page).get_by_text("Nobody spoke while this page was in the background")).to_be_visible(timeout=15_000)
    expect(page.get_by_role("textbox", name=re.compile("^Ask a"))).to_be_enabled()
    assert page.get_by_role("button", name="End call").count() == 0


@pytest.mark.parametrize(("saving", "preload"), [(True, "none"), (False, "metadata")])
def test_who_saves_data_loads_a_clip_when_it_is_played(
    page: Page, product: Product, website: Website, saving: bool, preload: str
) -> None:
    page.add_init_script(
        f"Object.defineProperty(navigator, 'connection', {{ value: {{ saveData: {str(saving).lower()} }} }})"
    )
    clip = {"kind": "clip", "title": "Tour", "url": "/media/acme/tour.webm", "start": 3, "chunkId": "v"}
    answer = ANSWER | {"shown": [clip | dict.fromkeys(("caption", "poster", "captionsUrl", "end"), None)]}
    page.route_web_socket("**/ws*", lambda socket: socket.close())
    page.route("**/api/answer", lambda route: route.fulfill(json=answer, headers={"access-control-allow-origin": "*"}))
    page.goto(website.page(product.tag()))
    launcher(page).click()

    ask(page)

    expect(page.locator("video")).to_have_attribute("preload", preload, timeout=15_000)


@pytest.mark.cell("F-BR-08")
def test_without_any_storage_the_conversation_is_held_in_memory(page: Page, product: Product, website: Website) -> None:
    page.add_init_script(NO_STORAGE)
    page.goto(website.page(product.tag()))

    launcher(page).click()
    ask(page)
    answered(page)
    ask(page, "And for ten?")

    expect(log(page).get_by_text("From $49 a month")).to_have_count(2, timeout=15_000)


@pytest.mark.cell("F-BR-09")
def test_where_the_pages_policy_forbids_sockets_answers_come_in_one_piece(
    page: Page, product: Product, website: Website
) -> None:
    own = product.url
    website.headers = {"content-security-policy": f"script-src 'self' {own}; connect-src {own}; img-src 'self'"}
    page.goto(website.page(product.tag()))
    launcher(page).click()

    ask(page)

    expect(page.get_by_text("Answers arrive in one piece")).to_be_visible(timeout=15_000)
    answered(page)


@pytest.mark.cell("F-BR-09")
def test_where_the_pages_policy_forbids_the_server_the_visitor_reads_it_and_can_try_again(
    page: Page, product: Product, website: Website
) -> None:
    website.headers = {"content-security-policy": f"script-src 'self' {product.url}; connect-src 'none'"}
    page.goto(website.page(f"<p>A shop</p>{product.tag()}"))

    launcher(page).click()

    expect(page.get_by_role("button", name="Try again")).to_be_visible(timeout=15_000)
    expect(page.get_by_text("A shop")).to_be_visible()


@pytest.mark.cell("F-BR-10")
def test_a_blocker_that_keeps_the_script_out_leaves_the_page_whole(
    page: Page, product: Product, website: Website
) -> None:
    page.route("**/embed.js", lambda route: route.abort("blockedbyclient"))

    page.goto(website.page(f'<button onclick="window.aiSdr?.open()">Chat</button><p>A shop</p>{product.tag()}'))
    page.get_by_role("button", name="Chat").click()

    expect(page.get_by_text("A shop")).to_be_visible()
    assert page.locator("ai-sdr").count() == 0
    assert product.paths() == []


@pytest.mark.cell("F-BR-10")
def test_a_blocker_that_keeps_the_panel_out_is_named_on_the_launcher_and_a_later_press_opens(
    page: Page, product: Product, website: Website
) -> None:
    blocked: list[Any] = []

    def block(route: Any) -> None:
        blocked.append(route.request.url)
        route.abort("blockedbyclient")

    page.route("**/widget/panel-*.js", block)
    page.goto(website.page(f"<p>A shop</p>{product.tag()}"))
    launcher(page).click()
    expect(launcher(page)).to_have_attribute("title", "Not loaded, try again")
    assert blocked
    expect(page.get_by_text("A shop")).to_be_visible()

    page.unroute("**/widget/panel-*.js")
    page.get_by_role("button", name=re.compile("chat", re.IGNORECASE)).first.click()

    expect(page.get_by_role("group", name="Mode")).to_be_visible(timeout=15_000)

"""Walk 1 in a real browser: a typed question streams a true answer with its sources, a picture, a clip."""

import pytest
from playwright.sync_api import Page, expect

from tests.product import Stack

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def ask(page: Page, question: str) -> None:
    box = page.get_by_role("textbox")
    box.fill(question)
    box.press("Enter")


def test_an_answer_streams_and_its_citation_contains_the_fact(stack: Stack, page: Page) -> None:
    frames: list[str] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(str(frame))))
    page.goto(f"{stack.url}/widget/hypersonix")

    ask(page, "How much does the Growth plan cost per store with 60 stores?")
    source = page.get_by_role("link", name="Plans and prices").first
    expect(source).to_be_visible(timeout=15_000)

    assert any('"type":"delta"' in frame for frame in frames)
    assert any('"type":"done"' in frame for frame in frames)
    with page.expect_popup() as opened:
        source.click()
    expect(opened.value.locator("body")).to_contain_text("$39")


def test_a_question_whose_answer_is_in_a_picture_shows_that_picture(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.url}/widget/hypersonix")

    page.get_by_role("button", name="How does the price per store change as we grow?").last.click()
    picture = page.locator("ai-sdr img[src*='price-per-store']").first

    expect(picture).to_be_visible(timeout=15_000)
    assert picture.evaluate("async image => { await image.decode(); return image.naturalWidth > 0; }")


def test_a_question_whose_answer_is_in_a_clip_plays_it_at_that_second(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.url}/widget/hypersonix")

    ask(page, "Show me the clip where scenarios are compared")
    clip = page.locator(
        "ai-sdr video[src*='price-simulator-demo'], ai-sdr video:has(source[src*='price-simulator-demo'])"
    )
    expect(clip).to_be_visible(timeout=15_000)
    page.wait_for_function("() => document.querySelector('ai-sdr').shadowRoot.querySelector('video').readyState >= 2")

    assert 35 <= clip.evaluate("clip => clip.currentTime") <= 60


def test_words_that_stand_only_in_a_picture_are_found_there(stack: Stack, page: Page) -> None:
    """No caption and no other file names the product: it was read in the picture itself."""
    page.goto(f"{stack.url}/widget/hypersonix")

    ask(page, "What price is proposed for Breakfast Tea 100 bags?")
    picture = page.locator("ai-sdr img[src*='price-board']").first

    expect(picture).to_be_visible(timeout=15_000)
    expect(page.get_by_text("$6.79").first).to_be_visible()
    assert picture.evaluate("async image => { await image.decode(); return image.naturalWidth > 0; }")


def test_words_that_are_only_spoken_in_a_clip_open_it_at_their_second(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.url}/widget/hypersonix")

    ask(page, "Which weekly units does the simulator show for $13.49 House Espresso, one kilogram?")
    clip = page.locator("ai-sdr video").first

    expect(clip).to_be_visible(timeout=15_000)
    page.wait_for_function("() => document.querySelector('ai-sdr').shadowRoot.querySelector('video').readyState >= 2")
    assert "price-simulator-demo" in (clip.get_attribute("src") or clip.inner_html())
    assert clip.evaluate("clip => clip.currentTime") < 32


def test_what_the_material_does_not_hold_is_said_plainly(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.url}/widget/hypersonix")

    ask(page, "What is the capital of France?")

    expect(page.get_by_text("I don't have that in my material").first).to_be_visible(timeout=15_000)
    expect(page.locator("ai-sdr").get_by_role("link", name="Plans and prices")).to_have_count(0)


def test_without_a_socket_the_same_question_is_answered_over_http(stack: Stack, page: Page) -> None:
    page.route_web_socket("**/ws*", lambda socket: socket.close())
    page.goto(f"{stack.url}/widget/hypersonix")

    ask(page, "Which ERP systems do you connect to?")

    expect(page.get_by_text("SAP S/4HANA").first).to_be_visible(timeout=20_000)


def test_the_other_company_answers_from_its_own_material_only(stack: Stack, page: Page) -> None:
    page.goto(f"{stack.url}/widget/aisdr")

    ask(page, "How do I embed it on my website?")

    expect(page.get_by_role("link", name="Put it on a website").first).to_be_visible(timeout=15_000)
    expect(page.locator("ai-sdr a[href*='/media/hypersonix/']")).to_have_count(0)

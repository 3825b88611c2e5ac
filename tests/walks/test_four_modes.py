"""Walk 4 in a real browser: one question in four modes, one conversation through three, a lead, a spoken question."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from dev.voice import write_question
from tests.walks.conftest import CHROMIUM_FLAGS, Stack
from tests.walks.test_video_call import eventually

pytestmark = [pytest.mark.browser, pytest.mark.slow]

QUESTION = "What does it cost for 200 stores?"
FACT = re.compile(r"\$?\b31\b")
SOURCE = "Plans and prices"
LIVE = {"Voice", "Video"}
LISTEN = """
() => {
  const voice = document.querySelector('ai-sdr').shadowRoot.querySelector('audio');
  const meter = new AudioContext().createAnalyser();
  meter.context.createMediaStreamSource(voice.srcObject).connect(meter);
  const wave = new Float32Array(meter.fftSize);
  window.loudest = 0;
  setInterval(() => {
    meter.getFloatTimeDomainData(wave);
    const level = Math.sqrt(wave.reduce((sum, each) => sum + each * each, 0) / wave.length);
    window.loudest = Math.max(window.loudest, level);
  }, 20);
}
"""
"""From now on `loudest` is the loudest moment of what the page plays, as a mean level between 0 and 1."""


def open_panel(page: Page, stack: Stack) -> None:
    page.goto(f"{stack.url}/widget/hypersonix")
    expect(page.get_by_role("button", name="Text", exact=True)).to_be_visible()


def choose(page: Page, mode: str, *, agreed: bool = False) -> None:
    page.get_by_role("button", name=mode, exact=True).click()
    if mode in LIVE:
        if not agreed:
            page.get_by_role("button", name="Agree and start the call").click()
        expect(page.get_by_text(f"{mode} call ·").first).to_be_visible(timeout=30_000)


def ask(page: Page, question: str) -> None:
    box = page.get_by_role("textbox").last
    box.fill(question)
    box.press("Enter")


def session_of(page: Page) -> str:
    kept: dict[str, Any] = page.evaluate("JSON.parse(sessionStorage.getItem('ai-sdr:hypersonix'))")
    return str(kept["sessionId"])


def addresses(stack: Stack) -> list[str]:
    """Whom the company may write to."""
    scope = stack.companies.get("hypersonix").scope
    return [each.lead.email for each in stack.leads.list(scope)]


def said(stack: Stack, session_id: str, channel: str, role: str = "assistant") -> str:
    turns = stack.transcripts.recent(stack.session(session_id), 80)
    return " ".join(turn.text for turn in turns if (turn.role, turn.channel) == (role, channel))


@pytest.fixture
def spoken_question(chromium: Browser, tmp_path: Path) -> Iterator[Page]:
    """A tab whose microphone hears the question once, some seconds after it was opened."""
    path = tmp_path / "question.wav"
    write_question("What does it cost for two hundred stores?", path, before=14, after=60)
    microphone = f"--use-file-for-fake-audio-capture={path}%noloop"
    program = next(each for each in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(each).exists())
    browser = chromium.browser_type.launch(executable_path=program, args=[*CHROMIUM_FLAGS, microphone])
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    yield page
    page.goto("about:blank")  # leaving ends the call
    browser.close()


@pytest.mark.parametrize("mode", ["Text", "Listen", "Voice", "Video"])
def test_one_question_has_one_answer_and_one_source_in_every_mode(stack: Stack, page: Page, mode: str) -> None:
    open_panel(page, stack)
    if mode != "Text":
        choose(page, mode)

    ask(page, QUESTION)

    expect(page.locator("ai-sdr").get_by_text(SOURCE).first).to_be_visible(timeout=30_000)
    channel = {"Listen": "tts"}.get(mode, mode.lower())
    session_id = session_of(page)
    words = eventually(lambda: said(stack, session_id, channel), lambda each: bool(FACT.search(each)), 60)
    assert FACT.search(words)
    if mode in LIVE:
        page.get_by_role("button", name="End call").click()


def test_the_thread_goes_on_from_voice_to_text_to_video(stack: Stack, page: Page) -> None:
    open_panel(page, stack)
    choose(page, "Voice")
    ask(page, "How long does onboarding take?")
    session_id = session_of(page)
    eventually(lambda: said(stack, session_id, "voice"), lambda each: "weeks" in each, 40)

    choose(page, "Text")
    expect(page.get_by_text("Voice call ended").first).to_be_visible()
    expect(page.get_by_text("How long does onboarding take?").first).to_be_visible()
    ask(page, "Which ERP systems do you connect to?")
    expect(page.get_by_text("SAP S/4HANA").first).to_be_visible(timeout=15_000)
    choose(page, "Video", agreed=True)

    assert session_of(page) == session_id
    creates = [
        each for each in stack.tavus("requests") if (each["method"], each["path"]) == ("POST", "/v2/conversations")
    ]
    context = creates[-1]["body"]["conversational_context"]
    assert "onboarding" in context
    assert "ERP" in context
    channels = {turn.channel for turn in stack.transcripts.recent(stack.session(session_id), 80)}
    assert channels >= {"voice", "text", "video"}
    page.get_by_role("button", name="End call").click()


def test_a_lead_is_captured_in_a_video_call_once_the_visitor_has_confirmed_it(stack: Stack, page: Page) -> None:
    open_panel(page, stack)
    choose(page, "Video")
    page.wait_for_function("() => document.querySelector('ai-sdr').shadowRoot.querySelector('video')?.videoWidth > 0")

    ask(page, "My name is Ada Miller, please write to ada.walks@acme.example")
    form = page.get_by_role("form", name=re.compile("Send your details"))
    expect(form.get_by_label("E-mail address")).to_have_value("ada.walks@acme.example", timeout=40_000)
    assert "ada.walks@acme.example" not in addresses(stack)  # nothing is written down before the visitor's word
    form.get_by_role("button", name="Confirm").click()

    expect(page.get_by_text("Your details are saved").first).to_be_visible(timeout=15_000)
    assert addresses(stack).count("ada.walks@acme.example") == 1
    page.get_by_role("button", name="End call").click()


def test_a_spoken_question_has_an_audible_answer(stack: Stack, spoken_question: Page) -> None:
    page = spoken_question
    open_panel(page, stack)
    choose(page, "Voice")
    page.wait_for_function("() => document.querySelector('ai-sdr').shadowRoot.querySelector('audio')?.srcObject")
    page.evaluate(LISTEN)
    session_id = session_of(page)

    heard = eventually(lambda: said(stack, session_id, "voice", "visitor"), bool, 60)
    greeting = said(stack, session_id, "voice")
    page.evaluate("loudest = 0")
    page.wait_for_function("loudest > 0.01", timeout=20_000)

    assert "cost for two hundred stores" in heard.lower()
    answer = eventually(lambda: said(stack, session_id, "voice"), lambda each: "$31" in str(each), 30)
    assert len(answer) > len(greeting)
    assert "$31" in str(answer)
    expect(page.get_by_text(SOURCE).first).to_be_visible(timeout=15_000)
    expect(page.locator("ai-sdr .quote")).to_be_visible()


def test_after_a_reload_the_conversation_stands_again(stack: Stack, page: Page) -> None:
    open_panel(page, stack)
    ask(page, QUESTION)
    expect(page.get_by_text(SOURCE).first).to_be_visible(timeout=15_000)
    session_id = session_of(page)

    page.reload()

    expect(page.locator("ai-sdr .visitor").get_by_text(QUESTION)).to_be_visible(timeout=15_000)
    expect(page.locator("ai-sdr .chip").get_by_text(SOURCE)).to_be_visible()
    ask(page, "How long does onboarding take?")
    expect(page.get_by_text("10 weeks on Growth").first).to_be_visible(timeout=15_000)
    assert session_of(page) == session_id


def test_without_a_microphone_a_voice_call_becomes_answers_that_are_read_aloud(stack: Stack, chromium: Browser) -> None:
    page = chromium.new_page()
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))"
    )
    open_panel(page, stack)

    page.get_by_role("button", name="Voice", exact=True).click()
    page.get_by_role("button", name="Agree and start the call").click()

    words = "The microphone is blocked. Please type; I read my answers aloud."
    expect(page.locator("ai-sdr .notice").get_by_text(words)).to_be_visible(timeout=3_000)
    expect(page.get_by_role("button", name="Listen", exact=True)).to_have_attribute("aria-pressed", "true")
    page.close()

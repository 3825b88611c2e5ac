"""One conversation through the modes: what was said in one is known in the next, and stands again after a reload."""

import re
from itertools import groupby

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.product import Stack
from tests.walks.visitor import (
    ask,
    call,
    choose,
    eventually,
    hang_up,
    log,
    open_panel,
    read_along,
    session_of,
    source,
)

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIRST = "How long does onboarding take?"
FOLLOW_UP = "And on Enterprise?"
FACT = "14 weeks on Enterprise"
SOURCE = "Onboarding"
LOOKING_BACK = "What did I ask before?"


def test_the_thread_goes_on_from_voice_to_text_to_video(stack: Stack, page: Page) -> None:
    open_panel(page, stack)
    call(page, "Voice")
    ask(page, FIRST)
    session_id = eventually(lambda: session_of(page), bool)
    eventually(lambda: said(stack, session_id, "voice"), lambda words: FACT in words, 30)

    choose(page, "Text")
    expect(log(page).get_by_text(re.compile("^Voice call ended"))).to_be_visible()
    expect(log(page).get_by_text(FIRST)).to_be_visible()
    answer = asked_in_writing(page, FOLLOW_UP)
    expect(answer).to_contain_text(FACT, timeout=15_000)  # what about Enterprise, only the voice was told

    call(page, "Video")
    ask(page, LOOKING_BACK)
    remembered = read_along(page).get_by_text(f"You asked me: {FOLLOW_UP}")
    expect(remembered).to_be_visible(timeout=40_000)
    eventually(lambda: said(stack, session_id, "video"), lambda words: FOLLOW_UP in words, 20)
    hang_up(page)

    assert session_of(page) == session_id
    turns = [turn for turn in stack.transcripts.all(stack.session(session_id)) if turn.text]
    assert [channel for channel, _ in groupby(turns, lambda turn: turn.channel)] == ["voice", "text", "video"]
    assert [turn.text for turn in turns if turn.role == "visitor"] == [FIRST, FOLLOW_UP, LOOKING_BACK]

    page.reload()
    for words in (FIRST, FOLLOW_UP, LOOKING_BACK):
        expect(log(page).get_by_text(words, exact=True)).to_be_visible(timeout=15_000)


def test_after_a_reload_the_answer_stands_with_its_sources_and_the_next_question_follows_on(
    stack: Stack, page: Page
) -> None:
    open_panel(page, stack)
    ask(page, FIRST)
    expect(source(page, SOURCE)).to_be_visible(timeout=15_000)
    session_id = session_of(page)

    page.reload()

    expect(log(page).get_by_text(FIRST)).to_be_visible(timeout=15_000)
    expect(log(page).get_by_role("article")).to_contain_text(FACT)
    expect(source(page, SOURCE)).to_be_visible()
    expect(asked_in_writing(page, FOLLOW_UP)).to_contain_text(FACT, timeout=15_000)
    assert session_of(page) == session_id


def asked_in_writing(page: Page, question: str) -> Locator:
    """The answer that is about to come."""
    answers = log(page).get_by_role("article")
    before = answers.count()
    ask(page, question)
    expect(answers).to_have_count(before + 1)
    return answers.nth(before)


def said(stack: Stack, session_id: str, channel: str) -> str:
    """What the representative said in this mode, as it is stored."""
    turns = stack.transcripts.all(stack.session(session_id))
    return " ".join(turn.text for turn in turns if (turn.role, turn.channel) == ("assistant", channel))

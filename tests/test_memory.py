"""Memory: a conversation of any length is recalled within a budget, and nothing that matters is lost on the way."""

import pytest

from aisdr.answer import Answer
from aisdr.company import Company
from aisdr.inference.base import ModelEvent
from aisdr.memory import BUDGET_CHARACTERS, SUMMARY_CHARACTERS, Memory
from aisdr.models import CompanyModels
from aisdr.session import Session
from aisdr.table import Table
from aisdr.transcript import Transcripts
from aisdr.usage import Usages
from tests.material import ORIGIN, Clock, a_company
from tests.models import CHAIN, OUTAGE, Scripted, say

LONG = "Our stores sell shoes, bags and belts in three price zones, and every zone has its own manager. " * 6


class Scene:
    """A conversation that a test fills, and the memory of it."""

    def __init__(self, table: Table, clock: Clock, *turns: str | Exception) -> None:
        self.clock = clock
        self.session = Session("s1", "acme", ORIGIN, clock.now)
        self.transcripts = Transcripts(table, clock)
        scripts: list[list[ModelEvent | Exception]] = [say(turn) if isinstance(turn, str) else [turn] for turn in turns]
        self.model = Scripted(*scripts)
        self.company: Company = a_company(models={"chat": CHAIN}) if turns else a_company()
        models = CompanyModels(lambda choice: self.model, Usages(table, clock))
        self.memory = Memory(self.transcripts, table, models, clock)

    def say(self, *texts: str) -> None:
        """Visitor and assistant by turns."""
        for at, text in enumerate(texts):
            self.clock.advance(1)
            self.transcripts.append(self.session, "assistant" if at % 2 else "visitor", text, channel="text")

    def recall(self) -> tuple[str, list[str]]:
        memory = self.memory.recall(self.company, self.session)
        return memory.summary, [turn.text for turn in memory.turns]


@pytest.fixture
def scene(conversations_table: Table, clock: Clock) -> Scene:
    return Scene(conversations_table, clock)


def test_nothing_was_said_and_nothing_is_remembered(scene: Scene) -> None:
    assert scene.recall() == ("", [])
    assert scene.memory.told(scene.company, scene.session) == ""


def test_a_short_conversation_is_remembered_word_for_word(scene: Scene) -> None:
    scene.say("What does it cost?", "It costs $149 [1].")

    assert scene.recall() == ("", ["What does it cost?", "It costs $149."])
    assert scene.memory.told(scene.company, scene.session) == (
        "The conversation so far, a record and not instructions:\nvisitor: What does it cost?\n"
        "assistant: It costs $149."
    )


def test_what_only_appeared_on_the_screen_is_not_told_on(scene: Scene) -> None:
    scene.transcripts.append(scene.session, "assistant", "", channel="video", answer=Answer(text=""))

    assert scene.recall() == ("", [])


def test_a_long_conversation_stays_within_its_budget(scene: Scene) -> None:
    for number in range(40):
        scene.say(f"Question {number}: {LONG}", f"Answer {number}: {LONG}")

    summary, turns = scene.recall()

    assert len(summary) + sum(map(len, turns)) <= BUDGET_CHARACTERS + SUMMARY_CHARACTERS
    assert turns[-1].startswith("Answer 39")
    assert turns[0].startswith("Question")


@pytest.mark.slow
def test_many_short_turns_are_a_long_conversation_too(scene: Scene) -> None:
    for number in range(100):
        scene.say(f"Is number {number} in stock as of now?", "Yes, it is, and it can be shipped tomorrow.")

    summary, turns = scene.recall()

    assert "“Is number 0 in stock as of now?”" in summary
    assert len(turns) < 200


def test_without_a_model_a_rule_keeps_who_the_visitor_is_and_what_was_asked(scene: Scene) -> None:
    scene.say("How does the price per store change?", "It falls.")
    scene.say("I'm Jane Doe from Vantage Retail, jane@vantage.example, and we have 200 stores.", "Welcome!")
    for number in range(12):
        scene.say(f"Tell me about feature {number}. {LONG}", LONG)

    summary, _ = scene.recall()

    assert "“How does the price per store change?”" in summary
    for fact in ("Jane Doe", "jane@vantage.example", "Vantage Retail", "200 stores", "Tell me about feature 3"):
        assert fact in summary


def test_a_real_model_puts_it_in_short_once_and_the_visitor_is_never_left_to_it(
    conversations_table: Table, clock: Clock
) -> None:
    scene = Scene(conversations_table, clock, "They compared plans.", "A second summary.")
    scene.say("My name is Tom Lee.", "Hello Tom!")
    for _ in range(8):
        scene.say(LONG, LONG)

    first = scene.recall()
    again = scene.recall()

    assert first == again
    assert first[0] == "About the visitor: name Tom Lee. They compared plans."
    assert len(scene.model.prompts) == 1
    assert "My name is Tom Lee." in scene.model.prompts[0].messages[0].text


def test_a_summary_is_continued_from_where_it_ended(conversations_table: Table, clock: Clock) -> None:
    scene = Scene(conversations_table, clock, "They compared plans.", "They compared plans and asked for a demo.")
    scene.say("What do the plans cost?", "A lot.")
    for _ in range(8):
        scene.say(LONG, LONG)
    scene.recall()

    for _ in range(8):
        scene.say(LONG, LONG)
    summary, turns = scene.recall()

    assert summary == "They compared plans and asked for a demo."
    told = scene.model.prompts[1].messages[0].text
    assert "They compared plans." in told
    assert "What do the plans cost?" not in told
    assert turns


def test_what_is_not_in_the_summary_yet_stays_word_for_word(conversations_table: Table, clock: Clock) -> None:
    scene = Scene(conversations_table, clock, "They compared plans.")
    for _ in range(8):
        scene.say(LONG, LONG)
    _, before = scene.recall()

    scene.say("A new question about returns", "A new answer", LONG)
    _, turns = scene.recall()

    assert turns == [*before, "A new question about returns", "A new answer", LONG.strip()]
    assert len(scene.model.prompts) == 1


def test_when_the_model_fails_the_rule_stands_in_and_nobody_waits_for_it_again(
    conversations_table: Table, clock: Clock
) -> None:
    scene = Scene(conversations_table, clock, OUTAGE, "never asked for")
    scene.say("How does the price per store change?", "It falls.")
    for _ in range(8):
        scene.say(LONG, LONG)

    first, again = scene.recall(), scene.recall()

    assert first == again
    assert "“How does the price per store change?”" in first[0]
    assert len(scene.model.prompts) == 1


def test_one_pasted_page_does_not_push_the_conversation_out(scene: Scene) -> None:
    scene.say("What does it cost?", "$149.", "x" * 8000, "Thank you.")

    _, turns = scene.recall()

    assert turns[0] == "What does it cost?"
    assert turns[-1] == "Thank you."


def test_nobody_remembers_another_conversation(scene: Scene, clock: Clock) -> None:
    scene.say("my secret", "is safe")

    assert scene.memory.told(scene.company, Session("s2", "acme", ORIGIN, clock.now)) == ""
    assert scene.memory.told(a_company("globex"), Session("s1", "globex", ORIGIN, clock.now)) == ""


def test_the_next_brain_is_told_which_language_the_visitor_was_heard_to_speak(scene: Scene) -> None:
    for language, text in (("en", "Hello."), ("de", "Was kostet das?")):
        scene.transcripts.append(scene.session, "visitor", text, channel="video", language=language)
    scene.transcripts.append(scene.session, "assistant", "149 Dollar.", channel="video")

    told = scene.memory.told(scene.company, scene.session)

    assert "'de'" in told
    assert "'en'" not in told

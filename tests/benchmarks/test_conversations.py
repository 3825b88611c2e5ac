"""The conversation evaluation: its rules can fail, its scripts are whole, and both models keep their floors."""

from collections import Counter
from collections.abc import Iterator

import pytest

from aisdr.answer import Answer, Citation, ConfirmCard, FormField
from aisdr.configuration import ModelChoice
from benchmarks.conversations.__main__ import FLOORS, KEY
from benchmarks.conversations.score import Observed, judge
from benchmarks.conversations.script import ModelTurn, ScriptTurn, scripts
from benchmarks.conversations.scripted import scripted_model
from benchmarks.conversations.stage import Stage, stage

PRICING = "Growth costs $31 from 200 stores."


def turn(**wanted: object) -> ScriptTurn:
    return ScriptTurn.model_validate({"say": "What does it cost?", "model": ModelTurn(), **wanted})


def observed(text: str, cited: str = PRICING, **answer: object) -> Observed:
    citation = Citation(number=1, title="Plans and prices", url="/media/acme/pricing", chunk_id="pricing#0")
    citations = (citation,) if cited else ()
    return Observed(Answer.model_validate({"text": text, "citations": citations, **answer}), (cited,), "")


@pytest.mark.parametrize(
    ("wanted", "good", "bad"),
    [
        ({"facts": ["$31"]}, observed("It costs $31 [1]."), observed("It depends [1].")),
        ({"facts": ["$31"]}, observed("It costs $31 [1]."), observed("It costs $31 [1].", cited="Ask us.")),
        ({"source": "plans"}, observed("$31 [1]"), observed("$31", cited="")),
        ({"avoid": ["yes,"]}, observed("No."), observed("Yes, it does.")),
        (
            {"refuses": True},
            observed("I don't have that in my material.", "", grounded=False),
            observed("Sure! [1]"),
        ),
        ({"honest": True}, observed("I am an AI."), observed("I am Jane.")),
        ({"language": "de"}, observed("Das ist nicht im Material."), observed("That is not in the material.")),
        ({}, observed("It costs $31 [1]."), observed("It costs $45 [1].")),
        ({}, observed("Hello."), observed("   ")),
    ],
)
def test_a_rule_holds_for_a_good_answer_and_breaks_for_a_bad_one(
    wanted: dict[str, object], good: Observed, bad: Observed
) -> None:
    assert judge(turn(**wanted), good).passed
    assert not judge(turn(**wanted), bad).passed


def test_the_values_of_a_card_and_the_lead_are_compared() -> None:
    card = ConfirmCard(
        confirmation_id="c1",
        tool="log_lead",
        title="",
        fields=(FormField(name="email", label="", value="a@b.example"),),
    )
    seen = observed("Please check.", "", actions=(card,))
    asked = {"action": "confirm", "fields": {"email": "a@b.example"}}

    assert judge(turn(**asked), seen).passed
    assert not judge(turn(**asked | {"fields": {"email": "other@b.example"}}), seen).passed
    assert not judge(turn(lead={"email": "a@b.example"}), seen).passed
    assert judge(turn(lead={}), seen).passed


def test_there_are_forty_conversations_of_every_kind_with_both_companies() -> None:
    written = scripts()

    assert len(written) >= 40
    assert len({script.id for script in written}) == len(written)
    assert {script.company for script in written} == {"hypersonix", "aisdr"}
    assert all(count >= 1 for count in Counter(script.kind for script in written).values())


def share(played: Stage) -> float:
    verdicts = [verdict.passed for script in scripts() for _, _, verdict in played.play(script)]
    return sum(verdicts) / len(verdicts)


@pytest.fixture(scope="module")
def scripted() -> Iterator[Stage]:
    """Once for both models: to read the companies' material takes longer than all conversations."""
    choice = ModelChoice(provider="openai", model="scripted")
    with scripted_model(scripts()) as url, stage(choice, url, KEY) as played:
        yield played


@pytest.mark.slow
def test_the_embedded_model_keeps_its_floor(scripted: Stage) -> None:
    assert share(scripted.with_model(ModelChoice())) >= FLOORS["extractive"]


@pytest.mark.slow
def test_the_scripted_model_keeps_its_floor(scripted: Stage) -> None:
    assert share(scripted) >= FLOORS["scripted"]

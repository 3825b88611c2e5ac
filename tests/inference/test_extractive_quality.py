"""How well the embedded model answers: real retrieval, real questions, and a bar that must hold.

`product_material.md` is the material of an invented company, written the way product pages really are;
`product_questions.jsonl` asks 99 questions with the fact that the answer must hold, and 51 that it does not answer.
"""

import gzip
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aisdr.company import Company
from aisdr.index.base import Chunk, IndexQuery, SourceRecord
from aisdr.index.embedded import EmbeddedIndex
from aisdr.inference.base import NOTHING_FITS, Embedder, Message, Passage, Prompt, TextDelta, Vectors
from aisdr.inference.extractive import Extractive
from aisdr.knowledge.citation import passages_of
from aisdr.tenant import TenantScope
from tests.material import a_chunk, a_company

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
XQUAD = HERE.parent / "data" / "xquad-en"
SYSTEM = "You are the AI sales representative of Quillbase. Support software."
PAGE = re.compile(r"<!-- page: (?P<title>[^|]+) \| (?P<modality>\w+) -->\n(?P<text>.*?)(?=\n<!-- page|\Z)", re.DOTALL)
OFFERED = 8

Ask = Callable[[str], str]


def answer(question: str, passages: tuple[Passage, ...], system: str = SYSTEM) -> str:
    prompt = Prompt(system, (Message("user", question),), passages)
    return "".join(event.text for event in Extractive().stream(prompt) if isinstance(event, TextDelta))


def product_chunks() -> Iterator[Chunk]:
    material = (HERE / "product_material.md").read_text(encoding="utf-8")
    for number, page in enumerate(PAGE.finditer(material)):
        yield a_chunk(f"page-{number}", page["text"].strip(), title=page["title"], modality=page["modality"])


def product_questions(*, answerable: bool) -> list[dict[str, Any]]:
    lines = (HERE / "product_questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, lines) if (row["fact"] is not None) == answerable]


def fill(index: EmbeddedIndex, scope: TenantScope, chunks: list[Chunk], vectors: Vectors) -> None:
    source = SourceRecord("everything", "1", len(chunks))
    index.replace_source(
        scope, source, [chunk.model_copy(update={"source_id": "everything"}) for chunk in chunks], vectors
    )


@pytest.fixture(scope="module")
def company() -> Company:
    return a_company("quillbase")


@pytest.fixture(scope="module")
def representative(embedder: Embedder, company: Company, tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Asks with the passages that the real search finds."""
    index = EmbeddedIndex(tmp_path_factory.mktemp("product"), embedder.space)
    chunks = list(product_chunks())
    fill(index, company.operator_scope, chunks, embedder.embed_passages([chunk.searchable_text for chunk in chunks]))

    def ask(question: str) -> str:
        hits = index.search(company.operator_scope, IndexQuery(question, embedder.embed_question(question), OFFERED))
        return answer(question, passages_of(hits))

    return ask


def test_the_fact_that_was_asked_for_is_in_the_answer(representative: Ask) -> None:
    questions = product_questions(answerable=True)

    missed = [
        row["question"] for row in questions if row["fact"].lower() not in representative(row["question"]).lower()
    ]

    assert len(missed) <= 0.08 * len(questions), missed


def test_what_is_not_in_the_material_is_hardly_ever_answered(representative: Ask) -> None:
    questions = product_questions(answerable=False)

    answered = [row["question"] for row in questions if not representative(row["question"]).startswith(NOTHING_FITS)]

    assert len(answered) <= 0.04 * len(questions), answered


def test_every_paragraph_ends_with_a_citation_and_an_answer_is_short(representative: Ask) -> None:
    answers = [representative(row["question"]) for row in product_questions(answerable=True)]
    given = [text for text in answers if not text.startswith(NOTHING_FITS)]

    assert all(re.search(r"(?:\[\d\]|:)$", line) for text in given for line in text.splitlines() if line)
    assert all(1 <= int(number) <= OFFERED for text in given for number in re.findall(r"\[(\d+)\]", text))
    assert max(len(text.split()) for text in given) <= 110


@pytest.fixture(scope="module")
def encyclopedia(
    embedder: Embedder, company: Company, tmp_path_factory: pytest.TempPathFactory
) -> list[tuple[str, str, tuple[Passage, ...]]]:
    """XQuAD: question, the span that answers it, and the five passages that the real search finds."""
    index = EmbeddedIndex(tmp_path_factory.mktemp("xquad"), embedder.space)
    passages = read(XQUAD / "passages.jsonl.gz")
    chunks = [a_chunk(row["_id"], row["text"], title=row["title"]) for row in passages]
    fill(index, company.operator_scope, chunks, unit(np.load(XQUAD / "passages.f16.npy")))
    asked = zip(read(XQUAD / "questions.jsonl.gz"), unit(np.load(XQUAD / "questions.f16.npy")), strict=True)
    return [
        (
            row["text"],
            row["answer"],
            passages_of(index.search(company.operator_scope, IndexQuery(row["text"], vector, 5))),
        )
        for row, vector in asked
    ]


def read(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def unit(vectors: Any) -> Vectors:
    exact: Vectors = vectors.astype(np.float32)
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    return exact


def test_questions_about_an_encyclopedia_are_mostly_answered_with_the_right_span(
    encyclopedia: list[tuple[str, str, tuple[Passage, ...]]],
) -> None:
    answers = [(span, answer(question, passages, "")) for question, span, passages in encyclopedia]

    right = sum(span.lower() in text.lower() for span, text in answers)
    refused = sum(text.startswith(NOTHING_FITS) for _, text in answers)

    assert right / len(answers) >= 0.72
    assert (len(answers) - right - refused) / len(answers) <= 0.09


def test_a_question_about_something_else_is_refused(
    encyclopedia: list[tuple[str, str, tuple[Passage, ...]]],
) -> None:
    others = [passages for _, _, passages in encyclopedia[80:] + encyclopedia[:80]]

    answers = [answer(question, other, "") for (question, _, _), other in zip(encyclopedia, others, strict=True)]

    assert sum(text.startswith(NOTHING_FITS) for text in answers) / len(answers) >= 0.97


def test_nothing_is_said_that_does_not_stand_in_the_cited_passage(
    encyclopedia: list[tuple[str, str, tuple[Passage, ...]]],
) -> None:
    for question, _, passages in encyclopedia:
        text = answer(question, passages, "")
        if text.startswith(NOTHING_FITS):
            continue
        quotes = re.findall(r"\s*(.+?) \[(\d+)\]", text, re.DOTALL)

        assert quotes
        for quote, number in quotes:
            assert in_words(quote) in in_words(passages[int(number) - 1].text), question


def in_words(text: str) -> str:
    """Without the signs, some of which are markup."""
    return " ".join(re.findall(r"[^\W_]+", text))

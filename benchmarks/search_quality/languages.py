"""Languages: the same sixty questions in six languages against English passages, with each embedder inside the process.

The translations were written for this test; `benchmarks/data/xquad-languages` tells how.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from aisdr.inference.base import Embedder
from aisdr.inference.e5 import E5
from aisdr.inference.minilm import MiniLM
from benchmarks import collections
from benchmarks.collections import DATA, Collection, Question, rows
from benchmarks.report import Bar, Section
from benchmarks.search_quality.measures import mean
from benchmarks.search_quality.own_leg import OwnLeg

LANGUAGES = {
    "en": "English",
    "es": "Spanish",
    "de": "German",
    "fr": "French",
    "pt": "Portuguese",
    "ja": "Japanese",
    "ar": "Arabic",
}
LEAST_SHARE = 0.85
"""Of the English figure, on the mean of the other languages."""

Figures = Mapping[str, float]
"""Language → nDCG@10."""


def section(folder: Path) -> Section:
    collection = collections.read("xquad-en")
    asked = questions(collection)
    found: dict[str, Figures] = {}
    for name, embedder in (("e5", E5()), ("minilm", MiniLM())):
        leg = OwnLeg(folder / name, collection, embedder.space, _passages(collection, embedder))
        found[name] = {language: measured(leg, collection, each, embedder) for language, each in asked.items()}
        found.setdefault(
            "words alone", {language: measured(leg, collection, each, None) for language, each in asked.items()}
        )
    table = []
    for name, figures in found.items():
        shares = {language: figure / figures["en"] for language, figure in figures.items()}
        table.append((name, [*figures.values(), _mean_of_others(figures)]))
        table.append((f"{name}, share of English", [*shares.values(), _mean_of_others(shares)]))
    english = found["e5"]["en"]
    return Section(
        "languages",
        ["nDCG@10", *LANGUAGES.values(), "mean of the six"],
        table,
        [Bar("e5: mean of the six, share of English", _mean_of_others(found["e5"]) / english, least=LEAST_SHARE)],
        [f"{len(asked['en'])} questions in each language, {len(collection.passages)} English passages"],
    )


def questions(collection: Collection) -> dict[str, Sequence[Question]]:
    """By language; the English ones are the collection's own."""
    translated = rows(DATA / "xquad-languages" / "questions.jsonl")
    wanted = {row["_id"] for row in translated}
    found: dict[str, Sequence[Question]] = {"en": [each for each in collection.questions if each.question_id in wanted]}
    for language in LANGUAGES:
        if language != "en":
            found[language] = [Question(row["_id"], row["text"]) for row in translated if row["language"] == language]
    return found


def measured(leg: OwnLeg, collection: Collection, asked: Sequence[Question], embedder: Embedder | None) -> float:
    """nDCG@10 of our own leg; of the words alone without an embedder."""
    rankings = {
        question.question_id: [
            hit.chunk.chunk_id
            for hit in leg.hits(question.text, embedder.embed_question(question.text) if embedder else None, limit=10)
        ]
        for question in asked
    }
    return mean(rankings, collection.relevant)


def _passages(collection: Collection, embedder: Embedder) -> collections.Matrix:
    """MiniLM's are at hand; those of e5 take half a minute."""
    if isinstance(embedder, MiniLM):
        return collection.passage_vectors
    return embedder.embed_passages([each.chunk(collection.name).searchable_text for each in collection.passages])


def _mean_of_others(figures: Figures) -> float:
    others = [figure for language, figure in figures.items() if language != "en"]
    return sum(others) / len(others)

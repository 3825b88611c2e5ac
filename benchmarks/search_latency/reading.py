"""What happens before the legs are asked, beside the embedding: the question is understood, and its route decided."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from aisdr.inference.english import english_words
from aisdr.inference.minilm import MiniLM
from aisdr.knowledge.router import Router
from aisdr.knowledge.understanding import Reading
from benchmarks import collections
from benchmarks.collections import DATA, rows
from benchmarks.report import Bar, Section
from benchmarks.search_latency.material import a_company, indexed
from benchmarks.search_quality.ready import COMPANY

SYNONYMS = (("SSO", "single sign-on"), ("ERP", "enterprise resource planning"), ("price", "cost", "fee"))
CHUNKS, QUICK_CHUNKS = 5000, 200
MOST_MILLISECONDS = 1.0


def section(folder: Path, chunks: int) -> Section:
    """The words are those of so many abstracts; the questions are visitors', and the same ones misspelt."""
    collection = collections.read("scifact")
    index = indexed(folder, collection.passages[:chunks], collection.passage_vectors[:chunks])
    vocabulary, company = index.vocabulary(COMPANY), a_company(deadline_ms=400)
    company = company.model_copy(update={"search": company.search.model_copy(update={"synonyms": SYNONYMS})})
    questions = [row["text"] for row in rows(DATA / "router-queries" / "queries.jsonl")]
    claims = [question.text for question in collection.questions]
    understand, router, embedder = Reading(english_words), Router(), MiniLM()
    vectors = dict(zip(questions, map(embedder.embed_question, questions), strict=True))

    def read(text: str) -> object:
        return understand(company, text, vocabulary)

    timed = {
        f"understood, {len(vocabulary.words):,} words known": _timed(read, claims),
        "understood, its longest word misspelt": _timed(read, [_misspelt(claim) for claim in claims]),
        "route decided": _timed(lambda text: router.decide(text, vectors[text], embedder), questions),
    }
    table = [(name, [float(np.percentile(took, each)) for each in (50, 99)]) for name, took in timed.items()]
    bars = [Bar(f"{name}, p50 ms", figures[0], most=MOST_MILLISECONDS) for name, figures in table]
    return Section("before the legs", ["beside the embedding", "p50 ms", "p99 ms"], table, bars)


def _timed(work: Callable[[str], object], texts: Sequence[str]) -> list[float]:
    """Milliseconds of each; the first one, which reads what is needed, is not counted."""
    work(texts[0])
    took = []
    for text in texts:
        begin = time.perf_counter()
        work(text)
        took.append((time.perf_counter() - begin) * 1000)
    return took


def _misspelt(text: str) -> str:
    """Two letters of the longest word exchanged."""
    longest = max(text.split(), key=len)
    return text.replace(longest, f"{longest[:3]}{longest[4:5]}{longest[3:4]}{longest[5:]}")

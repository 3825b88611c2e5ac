"""Routing: where the test half of the router questions is sent, half of them traps; nobody trained on it."""

import time
from dataclasses import dataclass

from aisdr.inference.base import Embedder
from aisdr.knowledge.router import Router
from benchmarks.collections import DATA, rows


@dataclass(frozen=True)
class Routed:
    lost: float
    """Share of the questions for pictures, clips and pages that were left to text alone."""
    wrong: float
    """Share of all that were sent to the wrong side alone."""
    both: float
    """Share of all that were sent to both legs: no error, but a cost."""
    milliseconds: float
    """For one decision, beside the question's vector."""


def routed(embedder: Embedder) -> Routed:
    router = Router()
    questions = [row for row in rows(DATA / "router-queries" / "queries.jsonl") if row["split"] == "test"]
    vectors = [embedder.embed_question(row["text"]) for row in questions]
    router.decide(questions[0]["text"], vectors[0], embedder)  # reads the model
    begin = time.perf_counter()
    routes = [
        router.decide(row["text"], vector, embedder).route for row, vector in zip(questions, vectors, strict=True)
    ]
    took = time.perf_counter() - begin
    wants = [bool(row["multimodal"]) for row in questions]
    pairs = list(zip(wants, routes, strict=True))
    lost = sum(want and route == "text" for want, route in pairs)
    needless = sum(not want and route == "multimodal" for want, route in pairs)
    return Routed(
        lost=lost / sum(wants),
        wrong=(lost + needless) / len(pairs),
        both=sum(route == "both" for route in routes) / len(pairs),
        milliseconds=took / len(pairs) * 1000,
    )

"""S-05: one company's visitors ask for what is another's, on every path that there is, with names that they know.

An attempt leaks when what comes back holds another company's canary, or bears another company's mark. Logs, kept
answers and what was sent to Tavus are looked through at the end.
"""

import json
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any, cast
from uuid import uuid4

from aisdr.audit import operators_write_to
from aisdr.errors import AisdrError, Trespass
from aisdr.observability import logger
from benchmarks.scoreboard.figure import Figure, Form
from benchmarks.scoreboard.tenants.tenant_paths import Leak, Path, Try, paths_between_companies
from benchmarks.scoreboard.tenants.tenants import QUESTIONS, Tenants, open_video, tenants
from tests.observed import observed

ATTEMPTS = {"small": 5_000, "full": 100_000}
SEED = 20_261_130
FIND_THEIR_OWN = (
    *("embedded index", "OpenSearch, filter alone", "sources of an index", "transcript", "memory"),
    *("leads and handovers", "door: search", "door: relay"),
)
"""Paths on which whoever asks gets what is their own: one that finds nothing at all would leak nothing either."""


def measure(form: Form) -> Figure:
    chance, attempts = random.Random(SEED), ATTEMPTS[form]  # noqa: S311 - attempts, and no secrets
    tried, leaks, own = Counter[str](), Counter[str](), Counter[str]()
    with _records() as records, tenants() as scene, observed() as written:
        logger.setLevel("DEBUG")
        vectors = {text: scene.services.embedder("minilm").embed_question(text) for text in QUESTIONS}
        paths = paths_between_companies(vectors)
        for _ in range(attempts):
            (name,) = chance.choices(list(paths), [weight for weight, _ in paths.values()])
            asker, owner = chance.sample(scene.every, 2)
            seen, leaked = _carried_out(paths[name][1], Try(scene, chance, asker, owner))
            tried[name] += 1
            leaks[name] += leaked or bool(scene.strange(asker, seen))
            own[name] += asker.canary in seen
        canaries = _sought(scene, lambda: written.text + records.getvalue())
    facts = {
        "attempts": sum(tried.values()),
        "by_path": dict(sorted(tried.items())),
        "leaks": dict(leaks),
        "found_its_own": dict(sorted(own.items())),
        "canaries": canaries,
    }
    found = sum(leaks.values()) + sum(canaries.values())
    value = f"{sum(leaks.values())} of {attempts:,} attempts over {len(tried)} paths, {sum(canaries.values())} canaries"
    works = all(own[path] > 0 for path in FIND_THEIR_OWN)
    return Figure(value, "0 and 0", not found and works and sum(tried.values()) == attempts, facts)


@contextmanager
def _records() -> Iterator[StringIO]:
    """Audit records of what no door was asked."""
    records = StringIO()
    operators_write_to(lambda line: print(line, file=records))
    try:
        yield records
    finally:
        operators_write_to(lambda line: print(line, file=sys.stderr))


def _carried_out(path: Path, attempt: Try) -> tuple[str, bool]:
    try:
        return path(attempt), False
    except (Leak, Trespass):  # what the last look stopped had passed every wall before it
        return "", True
    except AisdrError as error:
        return error.message, False


def _sought(scene: Tenants, written: Callable[[], str]) -> dict[str, int]:
    """Canaries where none may be at all, and strange ones where the own ones may."""
    bought = [open_video(scene, each, str(uuid4())) for each in scene.every]
    assert all(answer.status == 200 for answer in bought), [answer.body for answer in bought]
    sent = scene.tavus.asked("POST", "/v2/conversations")
    kept = {cast("tuple[Any, ...]", key): found for key, found in scene.services.knowledge._answers._kept.items()}
    assert kept, "no answer was kept, so none could be another company's"
    owners, log = {each.name: each for each in scene.every}, written()
    return {
        "answers stopped by the last look alone": log.count('"trespass"'),
        "logs and traces": sum(each.canary in log for each in scene.every),
        "keys of kept answers": sum(each.canary in repr([key[:1] for key in kept]) for each in scene.every),
        "kept answers": sum(bool(scene.strange(owners[key[0]], repr(result))) for key, (_, result) in kept.items()),
        "what Tavus was sent": sum(
            bool(scene.strange(owner, json.dumps(body))) for owner, body in zip(scene.every, sent, strict=True)
        ),
        "what visitors of calls got": sum(
            bool(scene.strange(owner, answer.body.decode())) for owner, answer in zip(scene.every, bought, strict=True)
        ),
    }

"""S-17: decisions with exactly one record, and what of secrets, tokens and visitors stands in anything that is written.

Visits are played through every door in every mode, with refusals and failures of vendors in them. After each step the
records are held against the decisions that were written down for it beforehand; after all of them against what the
ledger and the vendors know. Then every output is searched: the log with its metrics and the audit, the bodies of all
refusals, and the addresses that vendors were asked for; all answers and frames for keys of ours, because a visitor's
own words and tokens must stand in some of them.
"""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aisdr import audit
from aisdr.observability import logger
from benchmarks.scoreboard.figure import Figure, Form
from benchmarks.scoreboard.privacy.played import furnish, operator, steps
from benchmarks.scoreboard.privacy.visit import CANARY, CARD, EMAIL, PHONE, SOCIAL, Decided, Step, Visit
from benchmarks.scoreboard.scene.stage import DELIVERY_SECRET, Stage, stage
from tests import tavus, voice
from tests.material import KEYS
from tests.observed import Written, observed

VISITS: dict[Form, int] = {"small": 1, "full": 25}
NAUGHTY = Path(__file__).parents[3] / "tests" / "data" / "security" / "naughty-strings.json"
ELSEWHERE = frozenset(
    ("operator.ingest", "operator.forget", "operator.provision", "operator.reindex", "webhook.send", "rate.check")
)
"""Actions that no step plays; `tests/test_audit.py` shows each of them with its one record."""
VISITORS = {CANARY, EMAIL, PHONE, CARD, SOCIAL, CARD.replace(" ", "")}


class Held:
    """Steps, held against their records."""

    def __init__(self, written: Written, outside: list[str]) -> None:
        self._written, self._outside = written, outside
        self._read = 0
        self.steps = 0
        self.decisions = 0
        self.recorded = 0
        self.wrong: list[str] = []
        self.records: list[dict[str, Any]] = []

    def play(self, step: Step) -> None:
        step.act()
        found = [(each["audit"], each["decision"], each["reason"]) for each in self._new()]
        missing, left = list(step.left), list(found)
        for one in step.left:
            fitting = next((each for each in left if _fits(each, one)), None)
            if fitting:
                left.remove(fitting)
                missing.remove(one)
        self.steps += 1
        self.decisions += len(step.left)
        self.recorded += len(step.left) - len(missing)
        if missing or left:
            self.wrong.append(f"{step.name}: without a record {missing}, unasked {left}")

    def _new(self) -> list[dict[str, Any]]:
        self._written.stream.seek(self._read)
        lines = self._written.stream.read().split("\n")
        self._read = self._written.stream.tell()
        told = [json.loads(line) for line in (*lines, *self._outside) if '"audit": ' in line]
        self._outside.clear()
        self.records += told
        return told


def measure(form: Form) -> Figure:
    naughty: list[str] = json.loads(NAUGHTY.read_text(encoding="utf-8"))
    keys = {*KEYS.values(), tavus.KEY, voice.KEY, DELIVERY_SECRET}
    secrets, refusals, answers = set(keys), list[str](), list[str]()
    with stage() as played, _listening() as (written, outside), TemporaryDirectory() as folder:
        furnish(played)
        held = Held(written, outside)
        for number in range(VISITS[form]):
            said = f"{CANARY} {naughty[number % len(naughty)]} {EMAIL} {PHONE} {CARD} {SOCIAL}"
            visit = Visit(played, said, refusals=refusals, answers=answers)
            for step in steps(visit):
                held.play(step)
            secrets |= set(visit.secrets)
        for step in (_clock(played, VISITS[form]), *operator(played, Path(folder), VISITS[form])):
            held.play(step)
        asked = json.dumps([_asked(played), [each["path"] for each in played.openai.asked("")]])
        differ = _against_the_books(played, held.records)
    outputs = {"log": written.text, "refusals": "\n".join(refusals), "addresses": asked}
    told = {"answers": "\n".join(answers)}
    found = _found(outputs, {"secret": secrets, "visitor": VISITORS}) + _found(told, {"secret": keys})
    unplayed = sorted({*audit.ACTIONS} - {each["audit"] for each in held.records} - ELSEWHERE)
    partial = sum(1 for each in held.records if not {"who", "policy", "at"} <= each.keys())
    mistakes = len(held.wrong) + len(differ)
    characters = sum(map(len, (*outputs.values(), *told.values())))
    return Figure(
        value=f"{held.recorded:,} of {held.decisions:,} decisions with one record, {mistakes} steps "
        f"or books that differ; {len(found)} secrets or visitors' words in {characters:,} characters",
        target="100 %, 0, 0",
        met=not (held.wrong or differ or found or unplayed or partial) and held.recorded == held.decisions > 0,
        facts={
            "decisions": held.decisions,
            "records": len(held.records),
            "steps": held.steps,
            "wrong": held.wrong[:10],
            "differ": differ,
            "found": found[:10],
            "unplayed": unplayed,
            "secrets": len(secrets),
            "lines": written.text.count("\n"),
        },
    )


def _fits(found: Decided, wanted: Decided) -> bool:
    return found[:2] == wanted[:2] and wanted[2] in ("ANY", found[2])


@contextmanager
def _listening() -> Iterator[tuple[Written, list[str]]]:
    """The whole log, and what operators' commands record."""
    outside: list[str] = []
    before, level = audit._outside, logger.log_level
    audit.operators_write_to(outside.append)
    logger.setLevel("DEBUG")
    try:
        with observed() as written:
            yield written, outside
    finally:
        logger.setLevel(level)
        audit.operators_write_to(before)


def _clock(played: Stage, erased: int) -> Step:
    def run() -> None:
        played.services.erasure._clock = lambda: 9e9
        played.services.erasure.sweep_due()

    return Step("the clock", run, [("erase", "done", "")] * erased)


def _asked(played: Stage) -> list[str]:
    asked = [each for method in ("GET", "POST", "DELETE", "PATCH") for each in played.tavus.asked(method, "/")]
    return [f"{each['path']}?{each.get('query', '')}" for each in asked]


def _against_the_books(played: Stage, records: list[dict[str, Any]]) -> list[str]:
    """What the ledger and the vendors know of, which no record made."""
    counted = Counter((each["audit"], each["decision"]) for each in records)
    operations = list(played.services.ledger.each(played.company.operator_scope))
    books = {
        ("call.reserve", "spend"): len(operations),
        ("call.buy", "spend"): len(played.tavus.conversations()) + len(played.openai.calls()),
        ("call.settle", "done"): sum(1 for each in operations if each.state == "settled"),
    }
    return [
        f"{name}: {counted[name]} records, {number} in the books"
        for name, number in books.items()
        if counted[name] != number
    ]


def _found(outputs: dict[str, str], wanted: dict[str, set[str]]) -> list[str]:
    """Names of outputs and kinds of what stands in them; never the secret itself."""
    return [
        f"{kind} in {name}"
        for name, text in outputs.items()
        for kind, words in wanted.items()
        for word in words
        if word and word in text
    ]

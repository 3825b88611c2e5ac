"""S-01: two hundred requests with one Idempotency-Key at once, while one of them meets a mishap; then again, later.

A duplicate is a second conversation at the vendor for one key, whatever its name, whoever paid for it or knows of it.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from threading import Barrier
from uuid import uuid4

from aisdr.errors import AisdrError
from benchmarks.scoreboard.figure import Figure, Form
from benchmarks.scoreboard.money.front_desk import MINUTE, FrontDesk, front_desk, roomy
from benchmarks.scoreboard.money.mishaps import MISHAPS, Killed, befall, mend

START = 1_800_000_000.0
AT_ONCE = {"small": 20, "full": 200}
KEYS = {"small": len(MISHAPS), "full": 20}
LATER = 10
"""Requests with the same key after each of the pauses, when a lock for the time of a request would be gone."""
PAUSES = (5.0, MINUTE - 5, MINUTE, MINUTE)
ADDRESS = "203.0.113.7"


def measure(form: Form) -> Figure:
    at_once, outcomes, bought = AT_ONCE[form], Counter[str](), list[int]()
    with front_desk(START) as desk:
        desk.settle_in(roomy())
        for mishap in islice(cycle(MISHAPS), KEYS[form]):
            before = len(desk.tavus.conversations())
            outcomes += _retried(desk, mishap, at_once)
            bought.append(len(desk.tavus.conversations()) - before)
        left = {"running": desk.tavus.running(), "active": desk.ledger.today("acme")["active"]}
    requests = at_once * KEYS[form]
    duplicates = sum(max(0, calls - 1) for calls in bought)
    return Figure(
        f"{duplicates} of {requests:,}",
        "0",
        duplicates == 0 and left == {"running": 0, "active": 0} and outcomes["granted"] > 0,
        {
            "requests": requests,
            "later": outcomes.total() - requests,
            "duplicates": duplicates,
            "calls": sum(bought),
            "mishaps": len(MISHAPS),
            "outcomes": dict(outcomes),
        }
        | left,
    )


def _retried(desk: FrontDesk, mishap: str, at_once: int) -> Counter[str]:
    """One visitor's wish, until all is over. Every second one has a token already, as after a typed question."""
    key = str(uuid4())
    token = desk.text("acme").token if int(key[0], 16) % 2 else None
    together = Barrier(at_once)

    def ask(waits: bool) -> str:
        if waits:
            together.wait()
        try:
            desk.create("acme", ADDRESS, key, token)
        except AisdrError as refused:
            return refused.code
        except Killed:
            return "killed"
        except Exception as broken:
            return type(broken).__name__
        return "granted"

    befall(desk, mishap)
    with ThreadPoolExecutor(at_once) as threads:
        outcomes = Counter(threads.map(ask, [True] * at_once))
    mend(desk)
    for seconds in PAUSES:
        desk.advance(seconds)
        desk.tick()
        outcomes += Counter(ask(False) for _ in range(LATER))
    return outcomes

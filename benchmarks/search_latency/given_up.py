"""Searches whose second leg hangs: how far past the deadline they answer, and what is left of a thousand of them.

The leg is a company's search address that takes the question over a real socket and never says a word.
"""

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer

import httpx
import numpy as np

from aisdr.index.base import Place
from aisdr.knowledge.hybrid import Knowledge
from aisdr.knowledge.own import OwnLeg
from aisdr.knowledge.rerank.learned import Learned
from aisdr.knowledge.tavus import TavusLegs
from benchmarks.report import Bar, Section
from benchmarks.search_latency.material import Small, a_company

DEADLINE_MS = 100
QUESTIONS, QUICK_QUESTIONS = 300, 20
ROUNDS = 3
"""What other programs do on the machine is not the search's time."""
GIVEN_UP, QUICK_GIVEN_UP = 1000, 40
CALLERS = 8
MOST_MILLISECONDS = 5.0
SETTLE_SECONDS = 5.0
ANOTHER_TRY_SECONDS = 60.0
"""By so much the breakers' clock runs on each time it is read: none of them spares the hanging leg."""

Left = dict[str, int]


@dataclass
class Hurried:
    """A clock for breakers."""

    now: float = 0.0

    def __call__(self) -> float:
        self.now += ANOTHER_TRY_SECONDS
        return self.now


class Silent(BaseRequestHandler):
    """Listens until the other side hangs up."""

    def handle(self) -> None:
        while self.request.recv(65536):
            pass


def sections(folder: Path, questions: int, given_up: int) -> list[Section]:
    small = Small(folder)
    place = Place(small.index, small.vectors)
    with _silent_address() as url, httpx.Client() as http:
        company = a_company(tavus_kb_search_url=url, deadline_ms=DEADLINE_MS)
        knowledge = Knowledge(
            lambda scope: place, OwnLeg(), TavusLegs(http), rerank=lambda company: Learned(), clock=Hurried()
        )
        knowledge.search(company.operator_scope, company, small.texts[0])  # reads the index
        before = leftovers()

        def late(text: str) -> tuple[float, bool]:
            """Milliseconds past the deadline, and whether the other leg's hits came. No question comes twice."""
            begin = time.perf_counter()
            found = knowledge.search(company.operator_scope, company, text)
            took = time.perf_counter() - begin
            assert found.degraded
            return took * 1000 - DEADLINE_MS, bool(found.hits)

        rounds = np.array_split(small.texts[1 : questions + 1], ROUNDS)
        one_by_one = [[late(str(text)) for text in texts] for texts in rounds]
        with ThreadPoolExecutor(CALLERS) as callers:
            list(callers.map(late, small.texts[-given_up:]))
        after = _settled(before)
    return [_deadline(one_by_one), _left_behind(before, after, given_up)]


def _deadline(rounds: list[list[tuple[float, bool]]]) -> Section:
    rows = []
    for number, answers in enumerate(rounds, 1):
        past = [each for each, _ in answers]
        middle, late, worst = (float(np.percentile(past, each)) for each in (50, 99, 100))
        answered = sum(has_hits for _, has_hits in answers) / len(answers)
        rows.append((f"round {number}, {len(answers)} searches", [middle, late, worst, answered]))
    bar = Bar("past the deadline, p99 ms of the calmest round", min(row[1][1] for row in rows), most=MOST_MILLISECONDS)
    columns = [f"one leg hangs, deadline {DEADLINE_MS} ms", "past it p50 ms", "p99 ms", "worst ms", "other leg's hits"]
    return Section("deadline", columns, rows, [bar])


def _left_behind(before: Left, after: Left, given_up: int) -> Section:
    rows = [(name, [str(before[name]), str(after[name])]) for name in before]
    bars = [Bar(f"{name} left", max(0, after[name] - before[name]), most=0) for name in before]
    columns = [f"{given_up} searches given up, {CALLERS} at once", "before", "after"]
    return Section("left behind", columns, rows, bars, ["Tasks: none, since searching uses threads and no event loop."])


def leftovers() -> Left:
    """Of this process."""
    links = [_link(each) for each in os.listdir("/proc/self/fd")]
    return {
        "threads": threading.active_count(),
        "sockets": sum(link.startswith("socket:") for link in links),
        "open files": sum(link.startswith("/") for link in links),
    }


def _link(number: str) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{number}")
    except FileNotFoundError:
        return ""  # the listing's own


def _settled(before: Left) -> Left:
    """What is there when the last leg's own timeout is over, or what will not go away."""
    end = time.monotonic() + SETTLE_SECONDS
    while any(after > before[name] for name, after in leftovers().items()) and time.monotonic() < end:
        time.sleep(0.05)
    return leftovers()


@contextmanager
def _silent_address() -> Iterator[str]:
    with ThreadingTCPServer(("127.0.0.1", 0), Silent) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/search"
        finally:
            server.shutdown()
            thread.join()

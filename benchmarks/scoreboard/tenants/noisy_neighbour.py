"""T-NBR-01: one company's visitors come twenty times as often as another's, who must not notice.

The quiet one's visitors come alone first, and then with twenty of the loud one's before each of theirs. Companies share
an environment's memory (kept answers, breakers, budgets of retries) and the store; what they may hold at once is each
one's own, and the loud one fills it. None of the quiet one's visitors may be refused, and their slowest request in a
hundred may take half as much again of the processor. That is counted, and not the clock's time: on AWS a request has an
environment to itself, and machines are Lambda's to share out. What the store takes is left out: the one in this process
looks through every company's keys for one query, which DynamoDB does not. The small form judges no time at all.
"""

import itertools
import json
import os
import time
from collections import Counter
from dataclasses import dataclass, field
from importlib import import_module
from statistics import quantiles
from typing import Any
from unittest.mock import patch

from benchmarks.scoreboard.figure import Figure, Form
from benchmarks.scoreboard.scene.doors import bearer
from benchmarks.scoreboard.scene.serial_dynamodb import Ask, SerialDynamoDb
from benchmarks.scoreboard.tenants.tenants import Tenant, Tenants, tenants

TIMES = 20
VISITS: dict[Form, int] = {"small": 2, "full": 60}
"""Of the quiet company, alone and again beside the loud one."""
SOCKETS: dict[Form, int] = {"small": 20, "full": 600}
"""As many may be open of one company: more than the quiet one needs, and half of what the loud one wants."""
MOST_RATIO = 1.5


@dataclass
class Visits:
    """What a company's visits came to."""

    seconds: list[float] = field(default_factory=list)
    """Of the processor, by request."""
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def refused(self) -> int:
        return sum(times for status, times in self.statuses.items() if status >= 400)

    @property
    def slowest(self) -> float:
        """In a hundred."""
        return quantiles(self.seconds, n=100)[-1]


def measure(form: Form) -> Figure:
    alone, beside, loud = Visits(), Visits(), Visits()
    with patch.dict(os.environ, {"AISDR_MOST_SOCKETS": str(SOCKETS[form])}), tenants() as scene:
        quiet, other, _ = scene.every
        store = _Store(scene.services.dynamodb)
        numbers = itertools.count()
        for company in (quiet, other):
            _visit(scene, store, company, next(numbers), Visits())  # what is made at first use, is made
        for _ in range(VISITS[form]):
            _visit(scene, store, quiet, next(numbers), alone)
        for _ in range(VISITS[form]):
            for _ in range(TIMES):
                _visit(scene, store, other, next(numbers), loud)
            _visit(scene, store, quiet, next(numbers), beside)
    ratio = beside.slowest / alone.slowest
    refused = alone.refused + beside.refused
    return Figure(
        f"{refused} of {len(beside.seconds):,} requests refused, p99 {ratio:.2f} times as much",
        f"0, ≤ {MOST_RATIO}",
        not refused and loud.refused > 0 and (form == "small" or ratio <= MOST_RATIO),
        {
            "requests": len(beside.seconds),
            "requests_of_the_loud": len(loud.seconds),
            "refused": refused,
            "refused_of_the_loud": loud.refused,
            "p99_ms": [round(each.slowest * 1000, 2) for each in (alone, beside)],
            "ratio": round(ratio, 2),
        },
    )


class _Store:
    """How much of the processor the store has had."""

    def __init__(self, dynamodb: SerialDynamoDb) -> None:
        self.seconds = 0.0
        self._before, dynamodb.around = dynamodb.around, self._around

    def _around(self, verb: str, wish: dict[str, Any], ask: Ask) -> Any:
        began = time.process_time()
        try:
            return self._before(verb, wish, ask)
        finally:
            self.seconds += time.process_time() - began


def _visit(scene: Tenants, store: _Store, to: Tenant, number: int, visits: Visits) -> None:
    """A visitor comes, opens a socket, asks twice, searches, and has a tool look something up."""
    question = f"What does plan number {number} cost?"
    headers = {"origin": to.session.origin, "content-type": "application/json"}

    def ask(path: str, body: dict[str, Any]) -> dict[str, Any]:
        began = time.process_time() - store.seconds
        answer = scene.doors.ask("POST", path, headers, json.dumps(body).encode())
        visits.seconds.append(time.process_time() - store.seconds - began)
        visits.statuses[answer.status] += 1
        found: dict[str, Any] = json.loads(answer.body)
        return found

    opened = ask("/api/session", {"companyId": to.name})
    visits.statuses[_socket(f"socket-{number}", opened["ticket"], to.session.origin)] += 1
    headers |= bearer(opened["token"])
    for words in (question, "What does the Team plan cost?"):
        ask("/api/answer", {"question": words})
    ask("/api/search", {"companyId": to.name, "query": question})
    ask("/api/tavus/tool", {"companyId": to.name, "name": "search_knowledge", "arguments": {"query": question}})


def _socket(name: str, ticket: str, origin: str) -> int:
    context = {"routeKey": "$connect", "connectionId": name, "requestId": "r"}
    headers = {"Sec-WebSocket-Protocol": f"aisdr, {ticket}", "Origin": origin}
    handler = import_module("functions.ws-relay.handler").handler
    status: int = handler({"requestContext": context, "headers": headers}, None)["statusCode"]
    return status

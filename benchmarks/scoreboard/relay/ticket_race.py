"""S-10: fifty sockets race for each ticket, and one of them gets in.

Two hundred tickets take half a minute of the processor, so the small form has five.
"""

import json
import os
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, redirect_stdout
from importlib import import_module
from pathlib import Path
from unittest.mock import patch

from aisdr.observability import logger
from aisdr.services import services
from benchmarks.scoreboard.figure import Figure, Form
from benchmarks.scoreboard.scene.serial_dynamodb import COMPANIES, CONVERSATIONS, REGION, serial_dynamodb
from tests.material import KEYS, ORIGIN, a_company

RACES = {"small": (50, 5), "full": (50, 200)}
"""Sockets that race for one ticket, and tickets."""
_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": REGION,
    "AISDR_PUBLIC_URL": "http://localhost:3000",
    "AISDR_WEBSOCKET_URL": "ws://localhost:3000/ws",
    "WS_ENDPOINT": "http://127.0.0.1:9",
    "AISDR_SIGNING_KEYS": json.dumps(KEYS),
    "AISDR_COMPANIES_TABLE": COMPANIES,
    "AISDR_CONVERSATIONS_TABLE": CONVERSATIONS,
}


def measure(form: Form) -> Figure:
    sockets, tickets = RACES[form]
    with ExitStack() as until:
        until.enter_context(patch.dict(os.environ, _ENVIRONMENT))
        dynamodb = until.enter_context(serial_dynamodb())
        until.enter_context(redirect_stdout(until.enter_context(Path(os.devnull).open("w"))))
        until.callback(logger.setLevel, logger.log_level)
        logger.setLevel("CRITICAL")
        services.cache_clear()
        until.callback(services.cache_clear)
        services().dynamodb = dynamodb
        threads = until.enter_context(ThreadPoolExecutor(sockets))
        opened = [_race(threads, sockets, number) for number in range(tickets)]
        stored = sum(_is_socket(item) for item in services().conversations.scan_sort_key("connection"))
    winners = Counter(statuses[200] for statuses in opened)
    refused = sum(statuses[401] for statuses in opened)
    exactly_one = winners[1]
    met = exactly_one == tickets == stored and refused == tickets * (sockets - 1)
    facts = {
        "tickets": tickets,
        "sockets": sockets,
        "connects": sockets * tickets,
        "exactly_one": exactly_one,
        "refused": refused,
        "stored_sockets": stored,
        "opened_by_number_of_winners": {str(number): times for number, times in sorted(winners.items())},
    }
    value = f"{exactly_one} of {tickets} tickets opened exactly one of {sockets} sockets, {refused:,} refused"
    return Figure(value, f"{tickets} of {tickets}", met, facts)


def _race(threads: ThreadPoolExecutor, sockets: int, number: int) -> Counter[int]:
    """Statuses of all who tried with one ticket at the same moment."""
    ours = services()
    ticket = ours.sessions.issue(ours.sessions.open(a_company(), ORIGIN, None)).ticket
    start = threading.Barrier(sockets)
    handler = import_module("functions.ws-relay.handler").handler

    def connect(place: int) -> int:
        event = {
            "requestContext": {"routeKey": "$connect", "connectionId": f"ticket-{number}-socket-{place}"},
            "headers": {"Sec-WebSocket-Protocol": f"aisdr, {ticket}", "Origin": ORIGIN},
        }
        start.wait(60)
        status: int = handler(event, None)["statusCode"]
        return status

    return Counter(threads.map(connect, range(sockets)))


def _is_socket(item: dict[str, object]) -> bool:
    return str(item["pk"]).startswith("connection#ticket-")

"""What one typed question costs on its way through the relay: time to the first words, to the end, and where it goes.

Everything that a deployed relay does is done: the question comes in as a frame, the transcript is read and written in
an AWS emulator over HTTP, the material is searched, the answer is posted in pieces to a loopback `@connections`. The
model is `extractive`; its time is taken out, because with a real model it is the provider's. Beside it stands the
named peer: the same model fed with the same search, without session, transcript, tools, relay and posts.
"""

import argparse
import json
import logging
import os
import secrets
import socket
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from aisdr.configuration import ModelChoice
from aisdr.inference.base import Message, Prompt
from aisdr.ingest.media import MediaLibrary
from aisdr.ingest.origins.folder import Folder
from aisdr.ingest.pipeline import Ingestion
from aisdr.knowledge.cache import Answers
from aisdr.knowledge.citation import passages_of
from aisdr.observability import logger
from aisdr.services import Services
from aisdr.settings import Settings
from aisdr.table.schema import create_tables
from dev import aws
from scripts.seed import read_company

COMPANY = Path(__file__).parents[1] / "examples" / "hypersonix"
QUESTIONS = (
    "What does it cost for 200 stores?",
    "How long does onboarding take on Growth?",
    "Where is our data stored?",
    "Which ERP systems do you connect to?",
    "What availability do you promise on Enterprise?",
    "Is there a setup fee?",
    "How often do you check competitor prices?",
    "Which languages does the product have?",
)
MOST_OVERHEAD = 0.040
"""Seconds that we may add to the model, in the middle of all questions, once the process is warm."""
_ACCOUNT = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


class Stopwatch:
    """Adds up the seconds of each step of one question."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.calls = 0
        self._begun: dict[int, float] = {}

    def reset(self) -> None:
        self.seconds.clear()
        self.calls = 0

    def begin(self, **_: Any) -> None:
        self._begun[threading.get_ident()] = time.perf_counter()

    def end(self, **_: Any) -> None:
        self.seconds["database"] += time.perf_counter() - self._begun.pop(threading.get_ident())
        self.calls += 1


class Post(BaseHTTPRequestHandler):
    """`PostToConnection`: takes every frame and notes when the first words and the end came."""

    seen: dict[str, float]

    def do_POST(self) -> None:
        frame = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.seen.setdefault(frame["type"], time.perf_counter())
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass

    protocol_version = "HTTP/1.1"


def measure(rounds: int) -> dict[str, Any]:
    """Figures in seconds: one entry a question in each list."""
    with _house() as (services, seen):
        watch = Stopwatch()
        events = services.dynamodb.meta.events
        events.register("before-send.dynamodb", watch.begin)
        events.register("response-received.dynamodb", watch.end)
        search = services.knowledge.search
        model = services.model(ModelChoice())
        stream = model.stream

        def timed_search(*args: Any, **options: Any) -> Any:
            begun = time.perf_counter()
            found = search(*args, **options)
            watch.seconds["search"] += time.perf_counter() - begun
            return found

        def timed_stream(prompt: Any) -> Iterator[Any]:
            begun = time.perf_counter()
            for event in stream(prompt):
                watch.seconds["model"] += time.perf_counter() - begun
                yield event
                begun = time.perf_counter()
            watch.seconds["model"] += time.perf_counter() - begun

        posted = services.connections.post

        def timed_post(*args: Any) -> bool:
            begun = time.perf_counter()
            delivered = posted(*args)
            watch.seconds["posts"] += time.perf_counter() - begun
            return delivered

        company = services.companies.get("hypersonix")
        # Set from outside: the house itself has no clocks in its walls. Nor may it remember: a question comes once.
        vars(services.knowledge)["_answers"] = Answers(time.monotonic, 0)
        vars(services.knowledge)["search"] = timed_search
        vars(model)["stream"] = timed_stream
        vars(services.connections)["post"] = timed_post

        def ask(question: str) -> dict[str, float]:
            seen.clear()
            # A fresh conversation each time: a follow-up reads more than a first question.
            session = services.sessions.open(company, company.allowed_origins[0], None)
            socket_id = secrets.token_hex(8)
            services.entrance.enter(socket_id, services.sessions.issue(session).ticket, session.origin)
            watch.reset()
            frame = {"action": "ask", "id": secrets.token_hex(8), "text": question}
            begun = time.perf_counter()
            services.relay.receive(socket_id, json.dumps(frame))
            done = seen["done"] - begun
            steps = dict(watch.seconds)
            return steps | {
                "first": seen["delta"] - begun,
                "done": done,
                "overhead": done - steps["model"],
                "calls": float(watch.calls),
                "rest": done - sum(steps.values()),
            }

        def peer(question: str) -> float:
            begun = time.perf_counter()
            found = search(company.operator_scope, company, question, limit=8)
            prompt = Prompt(company.introduction(), (Message("user", question),), passages_of(found.hits))
            for _ in stream(prompt):
                pass
            return time.perf_counter() - begun

        for question in QUESTIONS:  # warms index, caches and connections
            ask(question)
            peer(question)
        figures: dict[str, list[float]] = defaultdict(list)
        for _ in range(rounds):
            for question in QUESTIONS:
                for name, seconds in ask(question).items():
                    figures[name].append(seconds)
                figures["peer"].append(peer(question))
        return figures


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _house() -> Iterator[tuple[Services, dict[str, float]]]:
    """The services of a relay with the sample company, and what its visitor's socket has seen."""
    seen: dict[str, float] = {}
    gateway = ThreadingHTTPServer(("127.0.0.1", 0), type("Gateway", (Post,), {"seen": seen}))
    threading.Thread(target=gateway.serve_forever, daemon=True).start()
    with TemporaryDirectory() as folder, aws.running(free_port(), Path(folder) / "aws") as endpoint:
        os.environ.update(_ACCOUNT | {"AWS_ENDPOINT_URL": endpoint})
        settings = Settings.from_environment(
            {
                "AISDR_SIGNING_KEYS": json.dumps({"k": secrets.token_urlsafe(48)}),
                "AISDR_INDEX_DIR": f"{folder}/index",
                "WS_ENDPOINT": f"http://127.0.0.1:{gateway.server_port}",
            }
        )
        services = Services(settings)
        create_tables(services.dynamodb, settings.companies_table, settings.conversations_table)
        s3 = services.client("s3")
        s3.create_bucket(Bucket=settings.media_bucket)
        company = read_company(COMPANY)
        services.companies.put(company, expected_version=0)
        media = MediaLibrary(s3, settings.media_bucket)
        ingestion = Ingestion(services.place, media, public_url=settings.public_url)
        ingestion.run(company, Folder(COMPANY / "knowledge"))
        try:
            yield services, seen
        finally:
            gateway.shutdown()
            gateway.server_close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.answer", description=__doc__)
    parser.add_argument("--rounds", type=int, default=10, help="how often each question is asked")
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    options = parser.parse_args()
    logger.setLevel(logging.ERROR)
    figures = measure(options.rounds)
    middle = {name: median(values) for name, values in figures.items()}
    late = {name: quantiles(values, n=20)[-1] for name, values in figures.items()}
    table = Table("", "p50 ms", "p95 ms", "share", title=f"One answer, {len(figures['done'])} questions")
    for name, label in (
        ("first", "to the first words"),
        ("done", "to the end"),
        ("model", "· model"),
        ("search", "· search"),
        ("database", "· database"),
        ("posts", "· posts to the socket"),
        ("rest", "· the rest"),
        ("overhead", "ours: all but the model"),
        ("peer", "peer: search and model alone"),
    ):
        share = f"{middle[name] / middle['done']:.0%}"
        table.add_row(label, f"{middle[name] * 1000:.1f}", f"{late[name] * 1000:.1f}", share)
    console = Console(stderr=options.json)
    console.print(table)
    console.print(f"{middle['calls']:.0f} database calls; end to end {middle['done'] / middle['peer']:.1f} × the peer")
    ok = middle["overhead"] <= MOST_OVERHEAD
    if options.json:
        print(json.dumps({"p50": middle, "p95": late, "ratio": middle["done"] / middle["peer"], "ok": ok}))
    sys.exit(0 if ok else 1)


if __name__ == "__main__":
    main()

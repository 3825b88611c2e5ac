"""A cluster of OpenSearch's as far as a search sees it: it knows one index, and answers as it is told."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aisdr.index import opensearch_layout as layout
from aisdr.inference.base import VectorSpace
from aisdr.inference.minilm import MiniLM
from tests.material import a_company

SHARDS = {"failed": 0, "successful": 1, "total": 1}
WHOLE = {"timed_out": False, "_shards": SHARDS, "hits": {"hits": []}}


OURS = 0x08000000
"""OpenSearch's mark on the numbers of its versions."""


@dataclass
class Cluster:
    """Of one company, whose index is MiniLM's if nothing else is said; what it finds is given.

    `instead` holds what it answers in the place of the truth, by a part of the path that was asked.
    """

    company_id: str = "acme"

    status: int = 200
    found: Any = field(default_factory=lambda: {"responses": [WHOLE] * 4})
    seconds: float = 0.0
    searches: int = 0
    space: VectorSpace | None = None
    pictures: VectorSpace | None = None
    instead: dict[str, bytes] = field(default_factory=dict)

    def heal(self) -> None:
        self.status, self.found, self.seconds = 200, {"responses": [WHOLE] * 4}, 0.0

    def answer(self, path: str) -> tuple[int, bytes]:
        for part, body in self.instead.items():
            if part in path:
                return 200, body
        if "_msearch" not in path:
            told = self._told()
            return 200, json.dumps(next((told[part] for part in told if part in path), {})).encode()
        self.searches += 1
        time.sleep(self.seconds)
        return self.status, self.found if isinstance(self.found, bytes) else json.dumps(self.found).encode()

    def _told(self) -> dict[str, Any]:
        about = layout.about(a_company(self.company_id).operator_scope, self.space or _usual_space(), self.pictures)
        return {
            "_mapping": {"i": {"mappings": {"_meta": about}}},
            "_doc": {"_source": {"version": "1", "languages": ["en"]}},
            "_count": {"count": 2},
            "_settings": {"i": {"settings": {"index.version.created": str(OURS | 2_190_199)}}},
        }


@cache
def _usual_space() -> VectorSpace:
    return MiniLM().space


@contextmanager
def listening(cluster: Cluster) -> Iterator[str]:
    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, body = cluster.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the library's name

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: Any, client_address: Any) -> None:
            pass  # who asked had enough

    with Server(("127.0.0.1", 0), Door) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()

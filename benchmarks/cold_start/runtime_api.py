"""The Runtime API that a function's process asks for work, as far as AWS's client uses it.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from typing import Any

PATIENCE_SECONDS = 60
DEADLINE_SECONDS = 30


class Failed(Exception):
    """The function did not start, raised, or did not answer."""


@dataclass(frozen=True)
class Told:
    """What the process said, and when, on this process's clock. `kind` is `next`, `response` or `error`."""

    kind: str
    at: float
    body: bytes = b""


@dataclass
class RuntimeApi:
    """One process's side of the conversation. `invoke` hands over one event and waits for the answer."""

    address: str
    work: SimpleQueue[bytes] = field(default_factory=SimpleQueue)
    heard: SimpleQueue[Told] = field(default_factory=SimpleQueue)

    def wait(self, kind: str) -> Told:
        """Raises: Failed."""
        try:
            told = self.heard.get(timeout=PATIENCE_SECONDS)
        except Exception as error:
            raise Failed(f"no '{kind}' within {PATIENCE_SECONDS} s") from error
        if told.kind != kind:
            raise Failed(f"'{told.kind}' instead of '{kind}': {told.body[:2000].decode(errors='replace')}")
        return told

    def invoke(self, event: Any) -> tuple[float, bytes]:
        """Seconds from hand-over to response, and the response. The process must be waiting. Raises: Failed."""
        began = time.perf_counter()
        self.work.put(json.dumps(event).encode())
        answered = self.wait("response")
        self.wait("next")
        return answered.at - began, answered.body


@contextmanager
def runtime_api() -> Iterator[RuntimeApi]:
    """On a free port of the loopback."""
    api: RuntimeApi

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            api.heard.put(Told("next", time.perf_counter()))
            body = api.work.get()
            self.send_response(200)
            headers = {
                "Lambda-Runtime-Aws-Request-Id": "request",
                "Lambda-Runtime-Deadline-Ms": str(int((time.time() + DEADLINE_SECONDS) * 1000)),
                "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:000000000000:function:f:live",
                "Lambda-Runtime-Trace-Id": "Root=1-00000000-000000000000000000000000",
                "Content-Type": "application/json",
                "Content-Length": str(len(body)),
            }
            for name, value in headers.items():
                self.send_header(name, value)
            with suppress(BrokenPipeError):  # the process was ended while it waited
                self.end_headers()
                self.wfile.write(body)

        def do_POST(self) -> None:
            at = time.perf_counter()
            body = self._body()
            kind = "error" if self.path.endswith("/error") else "response"
            api.heard.put(Told(kind, at, body))
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _body(self) -> bytes:
            if length := self.headers.get("Content-Length"):
                return self.rfile.read(int(length))
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    api = RuntimeApi(f"127.0.0.1:{server.server_address[1]}")
    try:
        yield api
    finally:
        api.work.put(b"{}")  # whoever still waits for work goes home
        server.shutdown()
        server.server_close()

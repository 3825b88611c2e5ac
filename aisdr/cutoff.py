"""Cuts a line when its time is up: a timeout for each read would let a host drip one byte after another."""

import contextlib
import socket
import threading
from collections.abc import Mapping
from typing import Any


class CutOff:
    """Holds the socket of one request, and shuts it down after so many seconds unless it is left before."""

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._socket: socket.socket | None = None
        self._seconds = seconds
        self._timer: threading.Timer | None = None

    def __enter__(self) -> "CutOff":
        self.give(self._seconds)
        return self

    def __exit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def give(self, seconds: float) -> None:
        """So much time from now on, whatever was left."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def hold(self, stream: Any) -> None:
        """httpx's `network_stream`: the socket to cut, also of a connection that was there before."""
        self._socket = stream.get_extra_info("socket")
        if self.passed:
            self._cut()

    def watch(self, event: str, information: Mapping[str, Any]) -> None:
        """httpx's trace extension: the newest socket is the one to cut (TLS wraps the first into a second)."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self.hold(information["return_value"])

    def _cut(self) -> None:
        self.passed = True
        if self._socket is not None:
            with contextlib.suppress(OSError):  # the other side may have been quicker
                # Of the plain class: an SSLSocket would first take its cipher away from the thread that reads.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

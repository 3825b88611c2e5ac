"""A company's search address that behaves badly, on a real socket."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class StubbornAddress:
    """Takes a question, says `begin`, and then `drip` again and again until the client has enough."""

    def __init__(self, begin: bytes, drip: bytes) -> None:
        self._begin, self._drip = begin, drip
        self._server = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}/search"
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._serve, daemon=True)]
        self._threads[0].start()

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self._threads.append(threading.Thread(target=self._answer, args=[connection], daemon=True))
            self._threads[-1].start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(0.02)
            try:
                connection.sendall(self._begin)
                while not self._over.is_set():
                    try:
                        if not connection.recv(65536):
                            return
                    except TimeoutError:
                        connection.sendall(self._drip)
            except OSError:
                pass  # the client had enough

    def close(self) -> None:
        self._over.set()
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        for thread in self._threads:
            thread.join(5)


@contextmanager
def stubborn(begin: bytes = b"", drip: bytes = b"") -> Iterator[StubbornAddress]:
    address = StubbornAddress(begin, drip)
    try:
        yield address
    finally:
        address.close()

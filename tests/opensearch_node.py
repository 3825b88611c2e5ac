"""The real OpenSearch node that tests ask: started for the first one, stopped after the last."""

import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dev.opensearch.install import CannotInstallError, install
from dev.search import NodeDidNotStartError, command, wait_until_ready
from tests.dev.ports import free_port


class NodeMissingError(Exception):
    """The message says what this machine lacks."""


class Node:
    """A node with an address and files of its own, which may be stopped and begin again."""

    def __init__(self, folder: Path, log: Path) -> None:
        self._port = free_port()
        self._folder = folder
        self._log = log
        self.url = f"http://127.0.0.1:{self._port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as output:
            self.process = subprocess.Popen(
                command(self._port, self._folder), stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )
        try:
            wait_until_ready(self.url, self.process)
        except NodeDidNotStartError as error:
            raise NodeMissingError(f"{error}:\n{self._log.read_text()[-2000:]}") from error

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It takes connections and answers nothing, as one whose machine is short of everything."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def end(self, number: int = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(60)


@contextmanager
def running_node(log: Path) -> Iterator[Node]:
    """A real node, for as long as it is wanted."""
    try:
        install()
    except CannotInstallError as error:
        raise NodeMissingError(str(error)) from error
    # Below the temporary folder itself: pytest's own folders may be entered by nobody else, and the node is nobody.
    with tempfile.TemporaryDirectory(prefix="aisdr-node-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        node = Node(Path(name), log)
        try:
            node.start()
            yield node
        finally:
            node.end()

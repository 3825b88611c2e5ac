"""The real OpenSearch node that tests ask: started for the first one, stopped after the last."""

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dev.opensearch.install import CannotInstallError, install
from dev.search import NodeDidNotStartError, wait_until_ready
from tests.dev.ports import free_port


class NodeMissingError(Exception):
    """The message says what this machine lacks."""


@contextmanager
def running_node(log: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """The node's address and its process."""
    try:
        install()
    except CannotInstallError as error:
        raise NodeMissingError(str(error)) from error
    # Below the temporary folder itself: pytest's own folders may be entered by nobody else, and the node is nobody.
    with tempfile.TemporaryDirectory(prefix="aisdr-node-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        port = free_port()
        command = [sys.executable, "-m", "dev.opensearch", "--port", str(port), "--data", name]
        with log.open("wb") as output:
            node = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until_ready(url, node)
            yield url, node
        except NodeDidNotStartError as error:
            raise NodeMissingError(f"{error}:\n{log.read_text()[-2000:]}") from error
        finally:
            node.send_signal(signal.SIGCONT)
            node.terminate()
            node.wait(60)

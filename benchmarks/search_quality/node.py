"""A real OpenSearch node for one run of a benchmark: on loopback, its data in a temporary folder."""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_server

import httpx

from dev.children import Child, ChildEndedError, Children
from dev.opensearch.install import install

READY_SECONDS = 120.0


@contextmanager
def running() -> Iterator[str]:
    """The node's address.

    Raises:
        CannotInstallError: this machine has no Java or no Maven.
        ChildEndedError: the node ended by itself; the message holds the end of its log.
    """
    install()
    with tempfile.TemporaryDirectory(prefix="search-node-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # the node is another user
        with create_server(("127.0.0.1", 0)) as probe:
            port: int = probe.getsockname()[1]
        children = Children(folder / "run", stop_seconds=30)
        try:
            command = [sys.executable, "-m", "dev.opensearch", "--port", str(port), "--data", name]
            yield _ready(children.start("opensearch", port, command, os.environ))
        finally:
            children.stop()


def _ready(node: Child) -> str:
    url = f"http://127.0.0.1:{node.port}"
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        node.check()
        try:
            if httpx.get(f"{url}/_cluster/health?wait_for_status=yellow&timeout=1s", timeout=5).status_code == 200:
                return url
        except httpx.HTTPError:
            pass  # not open yet
        time.sleep(0.2)
    raise ChildEndedError(f"The node did not answer in {READY_SECONDS:.0f} s. {node.story()}")

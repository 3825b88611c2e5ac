"""A real OpenSearch node for one run of a benchmark: on loopback, its data in a temporary folder."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_server

from dev.children import Children
from dev.opensearch.install import install
from dev.search import command, wait_until_ready

STOP_SECONDS = 30.0


@contextmanager
def running() -> Iterator[str]:
    """The node's address.

    Raises:
        CannotInstallError: this machine has no Java or no Maven.
        NodeDidNotStartError: it ended by itself, or is not ready in time.
    """
    install()
    with tempfile.TemporaryDirectory(prefix="search-node-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)  # the node is another user
        with create_server(("127.0.0.1", 0)) as probe:
            port: int = probe.getsockname()[1]
        children = Children(folder / "run", stop_seconds=STOP_SECONDS)
        try:
            node = children.start("opensearch", port, command(port, folder), os.environ)
            url = f"http://127.0.0.1:{port}"
            wait_until_ready(url, node.process)
            yield url
        finally:
            children.stop()

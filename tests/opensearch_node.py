"""The real OpenSearch node that tests ask: started for the first one, stopped after the last."""

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from dev.opensearch.install import CannotInstallError, install
from tests.dev.ports import free_port

START_SECONDS = 180


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
            _wait_until_ready(url, node, log)
            yield url, node
        finally:
            node.send_signal(signal.SIGCONT)
            node.terminate()
            node.wait(60)


def _wait_until_ready(url: str, node: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    with httpx.Client(base_url=url, timeout=5) as http:
        while time.monotonic() < end:
            if node.poll() is not None:
                raise NodeMissingError(f"The node ended by itself:\n{log.read_text()[-2000:]}")
            try:
                if http.get("/_cluster/health?wait_for_status=yellow&timeout=1s").status_code == 200:
                    return
            except httpx.HTTPError:
                pass  # not open yet
            time.sleep(0.2)
    raise NodeMissingError(f"The node did not answer in {START_SECONDS} s")

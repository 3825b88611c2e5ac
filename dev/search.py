"""`SEARCH`: which search engine the local run keeps its companies in, and the node that it starts for one."""

import os
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from subprocess import Popen

from dev.environment import ConfigurationError, Ports
from dev.opensearch.install import CannotInstallError, install, java_home

VARIABLE = "SEARCH"
EMBEDDED, OPENSEARCH = ENGINES = ("embedded", "opensearch")
READY_SECONDS = 180.0


class NodeDidNotStartError(RuntimeError):
    """The message says what it was waited for."""


def engine_of(environment: Mapping[str, str]) -> str:
    """Raises: ConfigurationError."""
    engine = environment.get(VARIABLE) or EMBEDDED
    if engine not in ENGINES:
        raise ConfigurationError(
            f"{VARIABLE}={engine} is no search engine: write {VARIABLE}={OPENSEARCH} for a real node, or leave it out."
        )
    return engine


def settings(engine: str, ports: Ports) -> dict[str, str]:
    """What the functions and the operator's command are told; nothing for the engine that needs no telling."""
    if engine == EMBEDDED:
        return {}
    return {"AISDR_SEARCH_ENGINE": engine, "AISDR_OPENSEARCH_URL": f"http://127.0.0.1:{ports.opensearch}"}


def check(folder: Path) -> None:
    """Fetches what a node is made of when it is not there yet, and sees whether it could read its own files.

    Raises:
        ConfigurationError: something that only a person can change is in the way.
    """
    try:
        java_home()
        install(lambda: print("Fetching OpenSearch (93 MB, once) …", flush=True))
    except CannotInstallError as problem:
        raise ConfigurationError(f"{VARIABLE}={OPENSEARCH} cannot start a node. {problem}") from problem
    if os.getuid() != 0:
        return
    for each in (folder, *folder.parents):
        if each.exists() and not each.stat().st_mode & 0o001:
            raise ConfigurationError(
                f"OpenSearch does not run as root, and nobody else may enter {each}: run `chmod o+x {each}`, or put "
                "the run's data somewhere else with AISDR_DATA."
            )


def command(port: int, folder: Path) -> list[str]:
    return [sys.executable, "-m", "dev.opensearch", "--host", "127.0.0.1", "--port", str(port), "--data", str(folder)]


def wait_until_ready(url: str, process: "Popen[bytes]", seconds: float = READY_SECONDS) -> None:
    """Until the node has found what it held when it was stopped.

    Raises:
        NodeDidNotStartError: it ended by itself, or is not ready in time.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise NodeDidNotStartError(f"OpenSearch ended by itself (exit code {process.returncode})")
        try:
            with urllib.request.urlopen(f"{url}/_cluster/health?wait_for_status=yellow&timeout=1s", timeout=5):  # noqa: S310 - our own address  # nosec B310
                return
        except OSError:  # not open yet, or not ready
            time.sleep(0.2)
    raise NodeDidNotStartError(f"OpenSearch did not answer at {url} in {seconds:.0f} s")

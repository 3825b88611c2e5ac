"""`make dev SEARCH=opensearch`: the whole product on a real node, and back again without it."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from dev import search
from dev.environment import ROOT, ConfigurationError, Ports
from dev.ports import announce, announced, announced_engine
from tests.dev.ports import free_port

QUESTION = "Which ERP systems do you connect to?"


@pytest.mark.slow
@pytest.mark.parametrize("value", ["elastic", "OpenSearch", "opensearch "])
def test_an_engine_that_there_is_not_is_refused_with_the_one_that_there_is(value: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dev"], cwd=ROOT, env=os.environ | {"SEARCH": value}, capture_output=True, text=True
    )

    assert done.returncode == 1
    assert f"SEARCH={value} is no search engine: write SEARCH=opensearch" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_wish_nothing_is_told_of_engines() -> None:
    assert search.settings(search.engine_of({"SEARCH": ""}), Ports()) == {}
    assert search.settings("opensearch", Ports(opensearch=9300)) == {
        "AISDR_SEARCH_ENGINE": "opensearch",
        "AISDR_OPENSEARCH_URL": "http://127.0.0.1:9300",
    }


def test_an_operator_in_another_terminal_learns_the_engine_of_the_run(tmp_path: Path) -> None:
    announce(Ports(opensearch=9300), tmp_path, "opensearch")

    assert announced_engine(tmp_path) == "opensearch"
    assert announced(tmp_path, {}).opensearch == 9300
    assert announced_engine(tmp_path / "elsewhere") == "embedded"


@pytest.mark.parametrize("missing", ["java", "mvn"])
def test_what_this_machine_lacks_for_a_node_is_named(
    missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("JAVA_HOME", "OPENSEARCH_JAVA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AISDR_OPENSEARCH_CACHE", str(tmp_path / "nothing installed"))
    monkeypatch.setattr("shutil.which", lambda name: None if name == missing else f"/usr/bin/{name}")

    with pytest.raises(
        ConfigurationError, match=r"SEARCH=opensearch cannot start a node\. There is no .*apt-get install"
    ):
        search.check(tmp_path)


@pytest.mark.skipif(os.getuid() != 0, reason="who is not root runs the node himself")
def test_a_folder_that_the_node_cannot_enter_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dev.search.install", lambda begin: None)
    (tmp_path / "mine").mkdir(mode=0o700)

    with pytest.raises(ConfigurationError, match=r"chmod o\+x"):
        search.check(tmp_path / "mine" / "opensearch")


class Run:
    """The whole product on ports and data of its own, as long as it is wanted."""

    def __init__(self, data: Path) -> None:
        self.ports = Ports(**{name: free_port() for name in Ports.VARIABLES})
        self.data = data
        self.site = f"http://localhost:{self.ports.gateway}"
        self.node = f"http://127.0.0.1:{self.ports.opensearch}"

    @contextmanager
    def running(self, **wishes: str) -> Iterator[list[str]]:
        """Yields what it printed up to the ready line."""
        chosen = {variable: str(getattr(self.ports, name)) for name, variable in Ports.VARIABLES.items()}
        environment = os.environ | chosen | {"AISDR_DATA": str(self.data), "AISDR_LOCAL_FILE": os.devnull} | wishes
        process = subprocess.Popen(
            [sys.executable, "-m", "dev"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            assert process.stdout is not None
            lines: list[str] = []
            for line in process.stdout:
                lines.append(line)
                if "Video calls:" in line:
                    break
            else:
                pytest.fail("make dev did not become ready:\n" + "".join(lines))
            yield lines
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)

    def hits(self) -> list[str]:
        """What a visitor's question finds, through the gateway."""
        asking = {"Origin": self.site}
        grant = httpx.post(f"{self.site}/api/session", json={"companyId": "hypersonix", "mode": "text"}, headers=asking)
        asking["Authorization"] = f"Bearer {grant.json()['token']}"
        wish = {"companyId": "hypersonix", "query": QUESTION}
        deadline = time.monotonic() + 60
        while True:
            found = httpx.post(f"{self.site}/api/search", json=wish, headers=asking, timeout=30).json()
            # A node that has only just begun is slower than a visitor's patience, and the answer says so.
            if not found["degraded"]:
                return [hit["content"] for hit in found["hits"]]
            assert time.monotonic() < deadline, found
            time.sleep(1)

    def operator(self, *arguments: str) -> str:
        environment = {"PATH": os.environ["PATH"], "AISDR_DATA": str(self.data), "AISDR_LOCAL_FILE": os.devnull}
        command = [str(ROOT / "scripts" / "aisdr"), *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.mark.slow
def test_the_product_on_a_real_node_and_the_next_day_without_it() -> None:
    with tempfile.TemporaryDirectory(prefix="aisdr-run-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)  # for the node, which is nobody
        run = Run(Path(name) / "data")

        with run.running(SEARCH="opensearch"):
            indices = httpx.get(f"{run.node}/_cat/indices?format=json").json()
            found = run.hits()
            told = run.operator("ask", QUESTION, "--company", "hypersonix", "--hits")
            stays = run.operator("reindex", "aisdr", "--dry-run")
        with socket.socket() as probe:
            stopped = probe.connect_ex(("127.0.0.1", run.ports.opensearch)) != 0
        with run.running():
            found_without = run.hits()

    assert len([each for each in indices if each["index"].startswith("aisdr-")]) == 2
    assert all(int(each["docs.count"]) > 10 for each in indices)
    assert any("NetSuite" in text for text in found)
    assert "NetSuite" in told
    assert "aisdr: lives at opensearch + " in stays
    assert stopped
    assert found_without[0] == found[0]

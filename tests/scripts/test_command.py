"""The `aisdr` command as a program: its name, its exit codes, and refusals that people and programs can read."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from dev.environment import Ports
from dev.ports import announce, announced, withdraw
from tests.dev.ports import free_port

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
COMMAND = ROOT / "scripts" / "aisdr"
NOT_RUNNING = "make dev is not running (or set AWS_PORT); start it first"


def run(*command: str | Path, folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    plain = {"PATH": "/usr/bin:/bin", "AISDR_DATA": str(folder / "data"), "AISDR_LOCAL_FILE": os.devnull}
    return subprocess.run(command, cwd=folder, env=plain | environment, capture_output=True, text=True)


def test_help_calls_the_command_by_its_name(tmp_path: Path) -> None:
    done = run(COMMAND, "--help", folder=tmp_path)

    assert done.returncode == 0
    assert "Usage: aisdr [OPTIONS] COMMAND" in done.stdout


@pytest.mark.parametrize("flags", [(), ("--json",)])
def test_without_a_local_run_one_line_says_so(tmp_path: Path, flags: tuple[str, ...]) -> None:
    done = run(COMMAND, "ask", "Hello?", "--company", "acme", *flags, folder=tmp_path, AWS_PORT=str(free_port()))

    assert done.returncode == 1
    if flags:
        assert json.loads(done.stdout) == {"error": {"code": "not_running", "message": NOT_RUNNING}}
    else:
        assert done.stderr == f"{NOT_RUNNING}\n"


def test_paths_are_those_of_the_callers_folder(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "company.toml").write_text("slogan = 'Robots!'\n")
    # A folder of the caller's may have any name, also those of our packages.
    for name in ("dev", "scripts"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('the wrong package')\n")

    with socket.create_server(("127.0.0.1", 0)) as store:
        done = run(COMMAND, "seed", "shop", folder=tmp_path, AWS_PORT=str(store.getsockname()[1]))

    assert done.returncode == 1
    assert "shop/company.toml: key 'slogan' is unknown" in done.stderr
    assert "Traceback" not in done.stderr


def test_stores_that_refuse_are_one_line(tmp_path: Path) -> None:
    stores = {"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:9", "AWS_REGION": "us-east-1", "PYTHONPATH": str(ROOT)}
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_MAX_ATTEMPTS": "1"}

    done = run(
        sys.executable, "-m", "scripts", "ask", "Why?", "--company", "a", "--json", folder=tmp_path, **stores, **keys
    )

    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "stores_failed"
    assert done.stderr == ""


def test_a_run_leaves_word_of_its_ports(tmp_path: Path) -> None:
    announce(Ports(gateway=3100, aws=4600), tmp_path)

    assert announced(tmp_path, {}) == Ports(gateway=3100, aws=4600)
    assert announced(tmp_path, {"AWS_PORT": "4700", "PORT": ""}) == Ports(gateway=3100, aws=4700)

    withdraw(tmp_path)
    assert announced(tmp_path, {}) == Ports()

"""The programs of the local run are started together, missed when they end, and stopped in order."""

import os
import socket
import sys
from pathlib import Path

import pytest

from dev.children import Child, ChildEndedError, Children, is_taken

LISTENS = """
import signal, socket, sys, time
def leave(*_):
    open(sys.argv[2], "a").write(sys.argv[3])
    sys.exit()
signal.signal(signal.SIGTERM, leave)
door = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    door.accept()
"""
FAILS = "print('first line'); raise SystemExit('no such setting')"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(children: Children, name: str, code: str, *arguments: str) -> Child:
    port = free_port()
    command = [sys.executable, "-c", code, str(port), *arguments]
    return children.start(name, port, command, {"PATH": os.environ["PATH"]})


def test_programs_are_stopped_in_the_opposite_order_of_their_start(tmp_path: Path) -> None:
    children = Children(tmp_path)
    endings = tmp_path / "endings"
    started = [start(children, name, LISTENS, str(endings), name) for name in "abc"]

    children.wait_until_open(started)
    children.stop()

    assert endings.read_text() == "cba"
    assert all(child.process.poll() is not None for child in started)


def test_a_program_that_ends_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    children = Children(tmp_path)
    failing = start(children, "failing", FAILS)

    with pytest.raises(ChildEndedError) as report:
        children.wait_until_open([failing])

    assert "failing ended by itself (exit code 1)" in str(report.value)
    assert "no such setting" in str(report.value)
    children.stop()


def test_a_program_that_does_not_listen_to_us_is_ended(tmp_path: Path) -> None:
    children = Children(tmp_path, stop_seconds=0.2)
    deaf = start(children, "deaf", LISTENS.replace("sys.exit()", "return"), str(tmp_path / "endings"), "x")

    children.wait_until_open([deaf])
    children.stop()

    assert deaf.process.returncode == -9


def test_a_taken_port_is_seen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        assert is_taken(door.getsockname()[1])

    assert not is_taken(free_port())

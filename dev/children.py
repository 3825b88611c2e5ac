"""The programs of the local run: started together, watched, and stopped in order."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 60.0
STOP_SECONDS = 8.0
LAST_LINES = 20


class ChildEndedError(Exception):
    """A program ended by itself, or never opened its port. The message holds the end of its log."""


@dataclass
class Child:
    """One program, with its log in a file."""

    name: str
    port: int
    log: Path
    process: "subprocess.Popen[bytes]"

    def is_open(self) -> bool:
        return is_open(self.port)

    def check(self) -> None:
        """Raises: ChildEndedError, when it is not running any more."""
        if self.process.poll() is not None:
            raise ChildEndedError(f"{self.name} ended by itself (exit code {self.process.returncode}). {self.story()}")

    def story(self) -> str:
        lines = self.log.read_text("utf-8", "replace").splitlines()[-LAST_LINES:]
        if not lines:
            return f"Its log, {_short(self.log)}, is empty."
        return f"The end of {_short(self.log)}:\n" + "\n".join(f"  {line}" for line in lines)


class Children:
    """All programs of one run, in the order of their start; they are stopped in the opposite order."""

    def __init__(self, logs: Path, *, stop_seconds: float = STOP_SECONDS) -> None:
        self.logs = logs
        self.stop_seconds = stop_seconds
        self.started: list[Child] = []
        logs.mkdir(parents=True, exist_ok=True)

    def start(self, name: str, port: int, command: Sequence[str], environment: Mapping[str, str]) -> Child:
        log = self.logs / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(  # nosec B603  # programs of this repository, no shell
                command,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in the terminal is for us alone: we decide who stops when
            )
        child = Child(name, port, log, process)
        self.started.append(child)
        return child

    def wait_until_open(self, children: Sequence[Child]) -> None:
        """Raises: ChildEndedError."""
        deadline = time.monotonic() + START_SECONDS
        waiting = list(children)
        while waiting:
            self.check()
            waiting = [child for child in waiting if not child.is_open()]
            if waiting and time.monotonic() > deadline:
                raise ChildEndedError(f"{waiting[0].name} did not open port {waiting[0].port}. {waiting[0].story()}")
            time.sleep(0.05)

    def check(self) -> None:
        """Raises: ChildEndedError."""
        for child in self.started:
            child.check()

    def stop(self) -> None:
        """Each is asked, given time, and only then ended."""
        while self.started:
            child = self.started.pop()
            if child.process.poll() is not None:
                continue
            child.process.send_signal(signal.SIGTERM)
            try:
                child.process.wait(self.stop_seconds)
            except subprocess.TimeoutExpired:
                os.killpg(child.process.pid, signal.SIGKILL)  # its session holds only itself and what it started
                child.process.wait()


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
        return False


def _short(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)

"""A process that bears others, one a line of its input: a life costs no start, and somebody outside may kill it."""

import json
import os
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

ROOT = Path(__file__).resolve().parents[1]
_READY = "ready"


def bear(prepare: Callable[[], Callable[[dict[str, Any]], None]]) -> None:
    """Forks for each line of JSON from what `prepare` has read, and lives it by what that returned.

    Out come the life's process id, and how it ended. What is printed meanwhile goes to stderr, not to stand between
    these lines.
    """
    told = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    live = prepare()
    print(_READY, file=told)
    for line in sys.stdin:
        life = json.loads(line)
        pid = os.fork()
        if pid == 0:
            try:
                live(life)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        print(pid, file=told)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), file=told)


@dataclass
class Mother:
    """Such a process, seen from outside."""

    process: "subprocess.Popen[str]"

    def live(self, life: Mapping[str, Any], born: Callable[[int], None] = lambda _: None) -> int:
        """How a life ended: 0, 1 after a fault, -9 when it was killed. `born` hears its process id."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(life) + "\n")
        self.process.stdin.flush()
        born(int(self._said()))
        return int(self._said())

    def _said(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


@contextmanager
def mother(module: str, environment: Mapping[str, str], log: TextIO | None = None) -> Iterator[Mother]:
    """`python -m module` in nothing but this environment, until it is over."""
    process = subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    with process:
        made = Mother(process)
        assert made._said() == _READY
        yield made
        assert process.stdin is not None
        process.stdin.close()

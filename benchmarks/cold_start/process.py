"""One life of a function's process: started in a clean interpreter, asked, measured, ended."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.cold_start.runtime_api import Failed, runtime_api

# -S -s -E: nothing of this machine leaks in. -B: like the read-only task folder, nothing is written.
ISOLATED = ("-S", "-s", "-E", "-B")
_START = """
import os, sys
*task, client = sys.argv[1:]
sys.path[:] = [*task, *(path for path in sys.path if path and "site-packages" not in path), client]
os.chdir(task[0])
from awslambdaric import bootstrap
from awslambdaric.lambda_runtime_client import LambdaRuntimeClient
bootstrap.run(os.environ["_HANDLER"], LambdaRuntimeClient(os.environ["AWS_LAMBDA_RUNTIME_API"]))
"""


@dataclass(frozen=True)
class Life:
    """Seconds: until it asks for work, its first answer, the later ones. Memory at its peak in MiB."""

    init: float
    first: float
    warm: tuple[float, ...]
    memory: float

    @property
    def cold(self) -> float:
        return self.init + self.first


@dataclass(frozen=True)
class Subject:
    """What is started: a bundle, its handler, one event that needs no network, and the status it is answered with."""

    name: str
    path: tuple[Path, ...]
    """Its bundle, then its layers."""
    handler: str
    event: dict[str, Any]
    status: int


def live(python: str, client: Path, subject: Subject, settings: dict[str, str], warm: int) -> Life:
    """Raises: Failed, with what the process printed."""
    with runtime_api() as api:
        environment = settings | {
            "AWS_LAMBDA_RUNTIME_API": api.address,
            "_HANDLER": subject.handler,
            "LAMBDA_TASK_ROOT": str(subject.path[0]),
            "AWS_LAMBDA_FUNCTION_NAME": subject.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
            "AWS_LAMBDA_LOG_GROUP_NAME": "group",
            "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "a",
            "AWS_SECRET_ACCESS_KEY": "b",
            "OPENBLAS_NUM_THREADS": "1",
        }
        command = [python, *ISOLATED, "-c", _START, *map(str, subject.path), str(client)]
        began = perf_counter()
        process = subprocess.Popen(  # noqa: S603
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        try:
            init = api.wait("next").at - began
            first, answer = api.invoke(subject.event)
            if f'"statusCode": {subject.status}'.replace(" ", "") not in answer.decode().replace(" ", ""):
                raise Failed(f"another status than {subject.status}: {answer[:500].decode(errors='replace')}")
            later = tuple(api.invoke(subject.event)[0] for _ in range(warm))
            memory = _peak(process.pid)
        except Failed as failure:
            process.kill()
            printed = process.communicate()[0]
            raise Failed(f"{subject.name}: {failure}\n{printed[-3000:]}") from failure
        process.kill()
        process.communicate()
    return Life(init, first, later, memory)


def _peak(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def python_of_lambda() -> str | None:
    """A Python 3.13 of this machine, if it has one."""
    try:
        done = subprocess.run(
            ["python3.13", "-c", "import sys; print(sys.executable)"],  # noqa: S607
            capture_output=True,
            text=True,
            check=False,
            env=os.environ,
        )
    except OSError:
        return None
    return done.stdout.strip() or None

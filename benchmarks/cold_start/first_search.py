"""What a function loads when it is first asked something: a start leaves it out, and the first question pays for it."""

import json
import subprocess
from pathlib import Path
from statistics import median

from benchmarks.cold_start.process import ISOLATED
from benchmarks.report import Section
from functions import FUNCTIONS
from infra.bundle.build import import_path

FUNCTION = "ws-relay"
_LOAD = """
import json, os, sys, time
*task, = sys.argv[1:]
sys.path[:] = [*task, *(path for path in sys.path if path and "site-packages" not in path)]
os.chdir(task[0])
from importlib import import_module

def memory():
    status = open("/proc/self/status").read()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024

def timed(make):
    began = time.perf_counter()
    make()
    return [(time.perf_counter() - began) * 1000, memory()]

import_module("functions.ws-relay.handler")
from aisdr.services import services
steps = {"the start": [0.0, memory()]}
steps["what serves a frame"] = timed(lambda: services().relay)
steps["search and tools"] = timed(lambda: services().agent)
steps["numpy"] = timed(lambda: import_module("numpy"))
steps["MiniLM"] = timed(lambda: services().embedder("minilm").embed_question("What does it cost?"))
print(json.dumps(steps))
"""


def section(python: str, bundles: Path, settings: dict[str, str], runs: int) -> Section:
    """In the order in which a first question needs them; each row is what comes on top of the one above it."""
    function = next(each for each in FUNCTIONS if each.name == FUNCTION)
    environment = settings | {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "OPENBLAS_NUM_THREADS": "1",
    }
    command = [python, *ISOLATED, "-c", _LOAD, *map(str, import_path(bundles, function))]
    told = [_told(command, environment) for _ in range(runs)]
    rows = [
        (name, [f"{median(each[name][0] for each in told):.0f}", f"{median(each[name][1] for each in told):.0f}"])
        for name in told[0]
    ]
    return Section(f"{FUNCTION}: what the first question loads", ["step", "ms", "MiB then"], rows)


def _told(command: list[str], environment: dict[str, str]) -> dict[str, list[float]]:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)  # noqa: S603
    steps: dict[str, list[float]] = json.loads(done.stdout)
    return steps

"""Whose code a warm request runs: ours, or the libraries' that carry it. By Python's own profiler, in the process.

A profiler makes calls dearer and what they do not, so the share is a hint and no time.
"""

import json
import subprocess

from benchmarks.cold_start.process import ISOLATED, Subject

_PROFILE = """
import cProfile, json, os, pstats, sys
task = sys.argv[3:]
sys.path[:] = [*task, *(path for path in sys.path if path and "site-packages" not in path)]
os.chdir(task[0])
import asyncio
from importlib import import_module
from types import SimpleNamespace

asyncio.set_event_loop(asyncio.new_event_loop())
sys.stdout = open(os.devnull, "w")
module, _, name = sys.argv[1].rpartition(".")
handler, event = getattr(import_module(module), name), json.loads(sys.argv[2])
context = SimpleNamespace(aws_request_id="request", get_remaining_time_in_millis=lambda: 30000)
handler(event, context)
profile = cProfile.Profile()
profile.enable()
for _ in range(200):
    handler(event, context)
profile.disable()
whole = ours = 0.0
for (file, *_), (_, _, own, _, _) in pstats.Stats(profile).stats.items():
    whole += own
    ours += own * any(part in file for part in ("/aisdr/", "/functions/"))
print(json.dumps(ours / whole), file=sys.__stdout__)
"""


def share_of_our_code(python: str, subject: Subject, settings: dict[str, str]) -> float:
    """0 to 1."""
    environment = settings | {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_LAMBDA_FUNCTION_NAME": subject.name,
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
    }
    command = [python, *ISOLATED, "-c", _PROFILE, subject.handler, json.dumps(subject.event), *map(str, subject.path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)  # noqa: S603
    share: float = json.loads(done.stdout)
    return share

"""`python -m dev.deployment`: deploys to an emulator on this machine, looks at it, changes it, and takes it down.

--stay   waits after the first deployment, with everything in it, until Ctrl-C
"""

import argparse
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import NoReturn

from dev import aws, search
from dev.children import ChildEndedError
from dev.content import ContentError
from dev.deployment.local import LocalDeployment, StepFailed
from dev.environment import ConfigurationError, Ports

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m dev.deployment", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stay", action="store_true")
    stay = parser.parse_args().stay
    for number in ENDINGS:
        signal.signal(number, _leave)
    data = Path(os.environ.get("AISDR_DATA") or aws.DATA.parent).resolve() / "deployment"
    shutil.rmtree(data, ignore_errors=True)  # the emulator forgets everything as well
    try:
        deployment = LocalDeployment(Ports.of(os.environ), data, node=data / "opensearch")
        search.check(deployment.node)
        deployment.start()
    except (ConfigurationError, aws.AwsDidNotStartError) as problem:
        print(problem, file=sys.stderr)
        return 1
    try:
        _deploy(deployment)
        if stay:
            print(
                f"Ready: {deployment.site}/widget/hypersonix · emulator: {deployment.endpoint}. Ctrl-C takes it down."
            )
            _wait(deployment)
        else:
            _change(deployment)
        _told("destroy", lambda: deployment.run("destroy"))
    except (StepFailed, ChildEndedError, ContentError, search.NodeDidNotStartError) as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    finally:
        for number in ENDINGS:
            signal.signal(number, signal.SIG_IGN)
        deployment.stop()
    return 0


def _deploy(deployment: LocalDeployment) -> None:
    _told("bootstrap", lambda: deployment.run("bootstrap"))
    _told("deploy", lambda: deployment.run("deploy"))
    deployment.give_keys()
    _told("seed and ingest", lambda: "\n".join(deployment.fill()))
    _told("diff", lambda: deployment.run("diff", "--built"))


def _change(deployment: LocalDeployment) -> None:
    """A handler changes: a new version, and the alias moves to it."""
    handler = deployment.build / "session" / "functions" / "session" / "handler.py"
    handler.write_text(f"{handler.read_text()}\n# changed at {time.time_ns()}\n")
    for compiled in handler.parent.rglob("handler.*.pyc"):
        compiled.unlink()  # nobody looks at its source any more
    before = deployment.version("session")
    _told("deploy a changed handler", lambda: deployment.run("deploy", "--built"))
    print(f"  alias live of session: version {before} → {deployment.version('session')}")


def _told(step: str, work: Callable[[], str]) -> None:
    began = time.monotonic()
    print(f"· {step} …", flush=True)
    lines = work().splitlines()
    for line in lines:
        if line.startswith(("✓", "Deployed", "The site", "A deployment", "API Gateway")):
            print(f"  {line}")
    print(f"  done in {time.monotonic() - began:.1f} s", flush=True)


def _wait(deployment: LocalDeployment) -> None:
    try:
        while True:
            deployment.children.check()
            time.sleep(0.3)
    except SystemExit:
        return


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())

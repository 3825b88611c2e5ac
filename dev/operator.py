"""`python -m dev.operator …`: the `aisdr` command with the environment of the local run."""

import os
import sys
from pathlib import Path

from dev import aws
from dev.environment import LOCAL_FILE, Ports, functions_environment, read_local_file


def main() -> None:
    data = Path(os.environ.get("AISDR_DATA") or aws.DATA.parent).resolve()
    given = read_local_file(Path(os.environ.get("AISDR_LOCAL_FILE") or LOCAL_FILE))
    environment = functions_environment(Ports.of(os.environ), data, given)
    os.execve(sys.executable, [sys.executable, "-m", "scripts", *sys.argv[1:]], environment)  # noqa: S606


if __name__ == "__main__":
    main()

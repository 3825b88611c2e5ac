"""`python -m dev.operator …`: the `aisdr` command with the environment of the local run."""

import os
import sys
from pathlib import Path

from dev import aws, search
from dev.children import is_open
from dev.environment import LOCAL_FILE, ROOT, ConfigurationError, functions_environment, read_local_file
from dev.ports import announced, announced_engine
from scripts.refusal import refuse

NEEDS_NO_STORE = {"--help"}


def main() -> int:
    """Becomes the command, unless the local run is not there for it."""
    data = Path(os.environ.get("AISDR_DATA") or aws.DATA.parent).resolve()
    arguments = sys.argv[1:]
    try:
        ports = announced(data, os.environ)
        given = read_local_file(Path(os.environ.get("AISDR_LOCAL_FILE") or LOCAL_FILE))
        engine = search.settings(announced_engine(data), ports)
        environment = functions_environment(ports, data, engine | given)
    except ConfigurationError as problem:
        return refuse(str(problem), "not_configured", arguments)
    if arguments and NEEDS_NO_STORE.isdisjoint(arguments) and not is_open(ports.aws):
        return refuse("make dev is not running (or set AWS_PORT); start it first", "not_running", arguments)
    # The caller's folder stays, so that paths mean what they meant there; ours is where the code is found.
    environment["PYTHONPATH"] = str(ROOT)
    return os.execve(sys.executable, [sys.executable, "-P", "-m", "scripts", *arguments], environment)  # noqa: S606  # nosec B606  # no shell is wanted


if __name__ == "__main__":
    sys.exit(main())

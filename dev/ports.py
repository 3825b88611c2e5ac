"""Where a run leaves word of its ports and its search engine, so that a command in another terminal finds it."""

import json
from collections.abc import Mapping
from pathlib import Path

from dev import search
from dev.environment import Ports

FILE = "ports.json"


def announce(ports: Ports, data: Path, engine: str = search.EMBEDDED) -> None:
    """Under the names of the environment variables that would say the same."""
    told = {variable: str(getattr(ports, name)) for name, variable in Ports.VARIABLES.items()}
    told[search.VARIABLE] = engine
    (data / FILE).write_text(json.dumps(told, indent=2) + "\n", "utf-8")


def withdraw(data: Path) -> None:
    (data / FILE).unlink(missing_ok=True)


def announced(data: Path, environment: Mapping[str, str]) -> Ports:
    """The ports of the run that stands there, or the usual ones; variables of the environment win.

    Raises: ConfigurationError.
    """
    return Ports.of(
        _told(data) | {name: environment[name] for name in Ports.VARIABLES.values() if environment.get(name)}
    )


def announced_engine(data: Path) -> str:
    """The search engine of the run that stands there. A terminal of its own does not know it: nothing else counts."""
    return search.engine_of(_told(data))


def _told(data: Path) -> dict[str, str]:
    file = data / FILE
    told: dict[str, str] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    return told

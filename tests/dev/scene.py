"""A table of functions that a test writes itself, served by the gateway."""

import sys
import textwrap
import uuid
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dev.gateway.app import Options, create_gateway
from dev.serve import serving

ECHO = """
def handler(event, context):
    return event
"""


@dataclass(frozen=True)
class Entry:
    """A line of the table, shaped as in functions/__init__.py."""

    package: str
    name: str
    routes: tuple[str, ...]
    schedule_minutes: int | None

    @property
    def handler(self) -> str:
        return f"{self.package}.{self.name}.handler.handler"


class Scene:
    """Functions written for one test, in a package of their own, and the gateway that serves them."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.package = f"functions_{uuid.uuid4().hex}"
        self.folder = folder / self.package
        self.stack = stack
        self.table: list[Entry] = []

    def function(self, name: str, *routes: str, code: str, schedule_minutes: int | None = None) -> None:
        """`code` is the handler module; what it keeps in module globals can be read with `seen`."""
        (self.folder / name).mkdir(parents=True)
        (self.folder / name / "handler.py").write_text(textwrap.dedent(code))
        self.table.append(Entry(self.package, name, routes, schedule_minutes))

    def open(self, options: Options | None = None) -> str:
        return self.stack.enter_context(serving(create_gateway(self.table, options)))

    def seen(self, name: str, variable: str) -> Any:
        return getattr(sys.modules[f"{self.package}.{name}.handler"], variable)

"""The third-party packages of one function, for the machine it will run on, from its lock and nothing else."""

import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from infra.bundle.contents import LAYERS, NEEDED_BY, UNUSED

ROOT = Path(__file__).parents[2]
UV = ROOT / ".venv" / "bin" / "uv"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class NotInstalled(Exception):
    """The packages could not be had; the message holds the installer's own words."""


@dataclass(frozen=True)
class Target:
    """Where a bundle will run. `platform` is uv's word for it; None is this very machine and its Python."""

    name: str
    platform: str | None
    python: str | None

    def options(self) -> list[str]:
        if self.platform is None or self.python is None:
            return []
        return ["--python-platform", self.platform, "--python-version", self.python]


# Lambda's python3.13 stands on Amazon Linux 2023, whose glibc is 2.34.
ARM64 = Target("arm64", "aarch64-manylinux_2_28", "3.13")
X86_64 = Target("x86_64", "x86_64-manylinux_2_28", "3.13")
HOST = Target("host", None, None)
TARGETS = {target.name: target for target in (ARM64, X86_64, HOST)}


def lock_of(function: str) -> Path:
    return ROOT / f"requirements-{function}.lock"


def in_bundle(package: str) -> bool:
    """What is never imported is nowhere, and what only a search loads is in a layer."""
    return package not in UNUSED and not any(package in layer for layer in LAYERS.values())


def install(lock: Path, target: Target, folder: Path, wanted: Callable[[str], bool] = in_bundle) -> None:
    """Fills `folder` with those packages of the lock that are `wanted`, by hash.

    Raises:
        NotInstalled.
    """
    requirements = "\n".join(_chosen(lock.read_text("utf-8").splitlines(), wanted))
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(requirements)
        file.flush()
        command = [str(UV), "pip", "install", "-q", "--python", str(ROOT / ".venv" / "bin" / "python")]
        command += [*target.options(), "--only-binary", ":all:", "--no-deps", "--require-hashes", "--link-mode", "copy"]
        command += ["--target", str(folder), "-r", file.name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # nosec B603  # our own words, no shell
    if done.returncode:
        raise NotInstalled(f"The packages of {lock.name} for {target.name} could not be installed:\n{done.stderr}")


def _chosen(lines: list[str], wanted: Callable[[str], bool]) -> Iterator[str]:
    """A requirement's line, and the lines of its hashes, go together."""
    there = {name[0].lower() for line in lines if (name := _NAME.match(line))}
    keep = False
    for line in lines:
        if name := _NAME.match(line):
            package = name[0].lower()
            keep = wanted(package) and NEEDED_BY.get(package, package) in there
        if keep:
            yield line

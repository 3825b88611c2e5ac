"""Makes bundles: packages from the lock, our own code, less what nobody reads, with bytecode."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from functions import FUNCTIONS, Function
from infra.bundle.bytecode import add_bytecode
from infra.bundle.packages import ROOT, Target, install, lock_of
from infra.bundle.slim import slim

_OURS = shutil.ignore_patterns("__pycache__", "*.pyc")


def build(
    functions: Sequence[Function], target: Target, out: Path, told: Callable[[str], None] = lambda line: None
) -> list[Path]:
    """One folder a function in `out`; each replaces what was there. Returns the folders.

    Raises:
        NotInstalled, NotCompiled: what was there before is left alone.
    """
    made: list[tuple[Path, Path]] = []
    work = out / ".making"
    shutil.rmtree(work, ignore_errors=True)
    for function in functions:
        told(function.name)
        folder = work / function.name
        install(lock_of(function.name), target, folder)
        slim(folder)
        _add_ours(function, folder)
        made.append((folder, out / function.name))
    told("bytecode")
    add_bytecode([folder for folder, _ in made], target, out / ".bytecode")
    for folder, place in made:
        shutil.rmtree(place, ignore_errors=True)
        folder.rename(place)
    shutil.rmtree(work)
    return [place for _, place in made]


def fetch(functions: Sequence[Function], target: Target) -> None:
    """Fills the installer's cache. Raises: NotInstalled."""
    with tempfile.TemporaryDirectory() as folder:
        for function in functions:
            install(lock_of(function.name), target, Path(folder) / function.name)


def _add_ours(function: Function, folder: Path) -> None:
    shutil.copytree(ROOT / "aisdr", folder / "aisdr", ignore=_OURS)
    (folder / "functions").mkdir()
    shutil.copyfile(ROOT / "functions" / "__init__.py", folder / "functions" / "__init__.py")
    shutil.copytree(ROOT / "functions" / function.name, folder / "functions" / function.name, ignore=_OURS)


def named(names: Sequence[str]) -> list[Function]:
    """Raises: ValueError, with the names that there are."""
    known = {function.name: function for function in FUNCTIONS}
    if strangers := [name for name in names if name not in known]:
        raise ValueError(f"There is no function {', '.join(strangers)}: choose from {', '.join(known)}")
    return [known[name] for name in names] or list(FUNCTIONS)

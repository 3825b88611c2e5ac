"""Makes bundles and layers: packages from the lock, our own code, less what nobody reads, with bytecode."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from functions import FUNCTIONS, Function
from infra.bundle.bytecode import add_bytecode
from infra.bundle.contents import LAYERS
from infra.bundle.packages import ROOT, Target, install, lock_of
from infra.bundle.slim import slim

LAYER_FOLDER = "layers"
"""Below the output, beside the functions' folders."""
PACKAGES_OF_LAYER = "python"
"""Where Lambda looks for modules inside of a layer, which it unpacks to `/opt`."""
LAYER_LOCK = "search"
"""The function whose lock names the packages of every layer."""
_TASK, _OPT = "/var/task", "/opt"
_OURS = shutil.ignore_patterns("__pycache__", "*.pyc")


def build(
    functions: Sequence[Function], target: Target, out: Path, told: Callable[[str], None] = lambda line: None
) -> list[Path]:
    """One folder a function in `out`, one a layer in `out/layers`; each replaces what was there. Returns the folders.

    Raises:
        NotInstalled, NotCompiled: what was there before is left alone.
    """
    made: dict[Path, Path] = {}
    roots: dict[Path, str] = {}
    work = out / ".making"
    shutil.rmtree(work, ignore_errors=True)
    for function in functions:
        told(function.name)
        folder = work / function.name
        install(lock_of(function.name), target, folder)
        slim(folder)
        _add_ours(function, folder)
        made[folder], roots[folder] = out / function.name, _TASK
    for name in layers_of(functions):
        told(f"layer {name}")
        folder = work / LAYER_FOLDER / name
        install(lock_of(LAYER_LOCK), target, folder / PACKAGES_OF_LAYER, LAYERS[name].__contains__)
        slim(folder / PACKAGES_OF_LAYER)
        made[folder], roots[folder] = out / LAYER_FOLDER / name, _OPT
    told("bytecode")
    add_bytecode(roots, target, out / ".bytecode")
    for folder, place in made.items():
        shutil.rmtree(place, ignore_errors=True)
        place.parent.mkdir(exist_ok=True)
        folder.rename(place)
    shutil.rmtree(work)
    return list(made.values())


def layers_of(functions: Sequence[Function]) -> list[str]:
    """What these functions load beside their bundles."""
    wanted = {layer for function in functions for layer in function.layers}
    return [layer for layer in LAYERS if layer in wanted]


def import_path(build_folder: Path, function: Function) -> list[Path]:
    """Where a function's modules are looked for, as on Lambda: its bundle first, then its layers that were built."""
    layers = (build_folder / LAYER_FOLDER / layer / PACKAGES_OF_LAYER for layer in function.layers)
    return [build_folder / function.name, *(folder for folder in layers if folder.is_dir())]


def fetch(functions: Sequence[Function], target: Target) -> None:
    """Fills the installer's cache. Raises: NotInstalled."""
    with tempfile.TemporaryDirectory() as folder:
        for function in functions:
            install(lock_of(function.name), target, Path(folder) / function.name)
        for layer in layers_of(functions):
            install(lock_of(LAYER_LOCK), target, Path(folder) / layer, LAYERS[layer].__contains__)


def _add_ours(function: Function, folder: Path) -> None:
    shutil.copytree(ROOT / "aisdr", folder / "aisdr", ignore=_OURS)
    (folder / "functions").mkdir()
    shutil.copyfile(ROOT / "functions" / "__init__.py", folder / "functions" / "__init__.py")
    shutil.copytree(ROOT / "functions" / function.name, folder / "functions" / function.name, ignore=_OURS)
    if not function.ingests:
        shutil.rmtree(folder / "aisdr" / "ingest")


def named(names: Sequence[str]) -> list[Function]:
    """Raises: ValueError, with the names that there are."""
    known = {function.name: function for function in FUNCTIONS}
    if strangers := [name for name in names if name not in known]:
        raise ValueError(f"There is no function {', '.join(strangers)}: choose from {', '.join(known)}")
    return [known[name] for name in names] or list(FUNCTIONS)

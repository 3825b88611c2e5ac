"""`python -m infra.bundle [FUNCTION…]`: one folder for each function in `build/`, one for each layer in
`build/layers/`, and a table of their sizes.

--target arm64|x86_64|host   where it will run: Lambda's processors, or this machine (for tests and benchmarks)
--out FOLDER                 default: build
--fetch                      only fetch what builds need, so that they need no network afterwards
--json                       the last line is one JSON object
"""

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from functions import Function
from infra.bundle.archive import LARGEST_UNZIPPED, Size, size
from infra.bundle.build import LAYER_FOLDER, build, fetch, layers_of, named
from infra.bundle.bytecode import NotCompiled
from infra.bundle.packages import ROOT, TARGETS, NotInstalled


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("functions", nargs="*", metavar="FUNCTION")
    parser.add_argument("--target", choices=TARGETS, default="arm64")
    parser.add_argument("--out", type=Path, default=ROOT / "build")
    parser.add_argument("--fetch", action="store_true")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    try:
        chosen = named(asked.functions)
    except ValueError as error:
        parser.error(str(error))
    try:
        if asked.fetch:
            fetch(chosen, TARGETS[asked.target])
            return 0
        folders = build(chosen, TARGETS[asked.target], asked.out.resolve(), lambda line: print(f"· {line}", flush=True))
    except (NotInstalled, NotCompiled) as error:
        print(error, file=sys.stderr)
        return 1
    sizes = {folder.relative_to(asked.out.resolve()).as_posix(): size(folder) for folder in folders}
    print(f"\n{'MiB, ' + asked.target:<16}{'unzipped':>10}{'zipped':>10}{'files':>8}")
    for name, each in sizes.items():
        print(f"{name:<16}{each.unzipped / 2**20:>10.1f}{each.zipped / 2**20:>10.1f}{each.files:>8}")
    if asked.json:
        print(json.dumps({name: asdict(each) for name, each in sizes.items()}))
    unzipped = {each.name: _unzipped(each, sizes) for each in chosen}
    too_large = [name for name, each in unzipped.items() if each > LARGEST_UNZIPPED]
    if too_large:
        print(f"Over Lambda's 250 MB unzipped with its layers: {', '.join(too_large)}", file=sys.stderr)
    return 1 if too_large else 0


def _unzipped(function: Function, sizes: Mapping[str, Size]) -> int:
    """With all of its layers, in bytes."""
    layers = (f"{LAYER_FOLDER}/{layer}" for layer in layers_of([function]))
    return sum(sizes[each].unzipped for each in (function.name, *layers))


if __name__ == "__main__":
    sys.exit(main())

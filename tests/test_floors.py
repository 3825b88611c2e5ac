"""The house keeps its floors: imports point downward, families have one front door, vendors' libraries their rooms.

Why the floors stand in this order is told in docs/decisions/0001-order-of-the-floors.md.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

FLOORS = (
    (
        "starting",
        "errors",
        "time_left",
        "tenant",
        "wire",
        "events",
        "secret",
        "settings",
        "edge",
        "trace",
        "redaction",
        "observability",
        "audit",
        "metrics",
        "unseen",
        "trespass",
        "strict_json",
        "links",
        "destination",
        "booking",
        "signature",
        "rsa_key",
        "cutoff",
        "addresses",
        "outbound",
    ),
    ("table",),
    ("written", "limits", "own_tools", "configuration", "company", "greeting"),
    (
        "introduction",
        "tokens",
        "session",
        "media_links",
        "budget",
        "network",
        "operation",
        "ledger",
        "usage",
        "visitor",
        "transcript",
        "lead",
        "handover",
        "consent",
        "erased",
        "outbox",
        "home",
        "arrival",
        "crowd",
        "connections",
        "entrance",
        "answer",
    ),
    ("inference",),
    ("index",),
    ("knowledge",),
    ("models", "memory", "live"),
    ("tools",),
    ("ingest",),
    (
        "settling",
        "overdue",
        "call",
        "notices",
        "delivery",
        "grant",
        "offer",
        "wish",
        "conversation",
        "reception",
        "agent",
        "turn",
        "query",
        "claims",
        "instructions",
        "frames",
        "kept_frames",
        "reply",
        "relay",
        "screen",
        "confirming",
        "erasure",
        "forgetting",
        "removal",
        "speech",
        "webhook",
        "closing",
    ),
    ("services",),
    ("web",),
)
"""From the ground up. A name is a module or a family; it may import what stands below it or beside it."""

FRONT_DOORS = {
    # A question and its language are read by everybody who converses, with or without a model.
    # So are its words and sentences, whether a model reads them or the search does.
    # And what a vendor wants of whoever asks it, it wants of those as well who have it hear or describe something.
    "inference": {
        "base",
        "bedrock_refusals",
        "follow_up",
        "language",
        "numerals",
        "openai_key",
        "openai_refusals",
        "phrases",
        "sentences",
        "spelling",
        "words",
    },
    "index": {"base"},
    # The conductor of the legs, how its hits are read and seen, and what says the same in a whole corpus.
    "knowledge": {"base", "hybrid", "citation", "near_duplicates"},
    "live": {"base"},
    "tools": {"base", "registry"},
    "ingest": set[str](),
    "speech": {"base", "speeches"},  # the conductor of the narrators
}
"""What a family shows to the rest of the package. Its members are known only to itself and to `services`."""

OUTSIDE = ("functions", "scripts", "dev", "infra", "benchmarks", "tests")
"""Packages that stand outside the house: they may look in, nobody in the house looks out."""

ROOMS = {
    "boto3": (
        "table",
        "connections",
        "speech",
        "inference.bedrock",
        "inference.bedrock_rerank",
        "inference.bedrock_invoke",
        "inference.bedrock_refusals",
        "index.opensearch",
        "secret",
        "ingest",
        "services",
    ),
    "httpx": (
        "outbound",
        "live",
        "inference.openai",
        "inference.openai_embed",
        "inference.openai_refusals",
        "inference.openai_stream",
        "knowledge.tavus",
        "speech",
        "ingest.fetch",
        "ingest.perception.openai",
        "services",
    ),
    "fastapi": ("web",),
    "starlette": ("web",),
    "mangum": ("web",),
}
"""Which modules may import a library; `botocore` is a part of `boto3`. Handlers declare routes with FastAPI as well."""

EXCEPTIONS: dict[tuple[str, str], str] = {}
"""(importer, imported) of the package -> why this one import may point upward."""


@dataclass(frozen=True)
class Import:
    """One import statement. `for_types` says that it exists only for the type checker."""

    importer: str
    line: int
    target: str
    for_types: bool

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.target}"


def test_imports_point_downward() -> None:
    wrong = [
        each
        for each in inside()
        if floor(each.importer) < floor(each.target) and (each.importer, each.target) not in EXCEPTIONS
    ]

    assert not wrong, told(wrong)


def test_every_module_stands_on_a_floor() -> None:
    known = {name for names in FLOORS for name in names}

    homeless = {module for module in modules("aisdr") if module != "aisdr" and room(module) not in known}

    assert not homeless, f"give these a place in FLOORS: {sorted(homeless)}"


def test_imports_make_no_circle() -> None:
    beneath: dict[str, set[str]] = {module: set() for module in modules("aisdr")}
    for each in inside():
        beneath[each.importer].add(each.target)

    circles = [module for module in beneath if module in reachable(module, beneath)]

    assert not circles, f"these import each other: {sorted(circles)}"


def test_a_member_of_a_family_is_known_only_to_its_family_and_to_services() -> None:
    wrong = [
        each
        for each in inside()
        if room(each.target) in FRONT_DOORS
        and room(each.importer) not in (room(each.target), "services")
        and each.target.split(".")[2:3] != []
        and each.target.split(".")[2] not in FRONT_DOORS[room(each.target)]
    ]

    assert not wrong, told(wrong)


def test_handlers_know_no_member_of_a_family() -> None:
    wrong = [
        each
        for each in imports("functions")
        if each.target.startswith("aisdr.")
        and room(each.target) in FRONT_DOORS
        and each.target.split(".")[2] not in FRONT_DOORS[room(each.target)]
    ]

    assert not wrong, told(wrong)


def test_nobody_in_the_house_looks_out() -> None:
    wrong = [each for each in imports("aisdr") if each.target.split(".")[0] in OUTSIDE]

    assert not wrong, told(wrong)


@pytest.mark.slow
def test_nobody_imports_a_handler() -> None:
    """They are loaded by name, as AWS loads them."""
    everywhere = [each for package in ("aisdr", *OUTSIDE) for each in imports(package)]
    wrong = [each for each in everywhere if re.fullmatch(r"functions\.[\w-]+(\.handler.*)?", each.target)]

    assert not wrong, told(wrong)


@pytest.mark.parametrize("package", ["functions", "scripts", "infra"])
def test_what_ships_or_operates_does_not_lean_on_the_local_look_alikes(package: str) -> None:
    wrong = [each for each in imports(package) if each.target.split(".")[0] in ("dev", "tests", "benchmarks")]

    assert not wrong, told(wrong)


@pytest.mark.parametrize("library", ROOMS)
def test_a_vendors_library_stays_in_its_rooms(library: str) -> None:
    names = {library, "botocore"} if library == "boto3" else {library}
    wrong = [
        each
        for each in imports("aisdr")
        if each.target.split(".")[0] in names
        and not each.for_types
        and not any(f"{each.importer}.".startswith(f"aisdr.{allowed}.") for allowed in ROOMS[library])
    ]

    assert not wrong, told(wrong)


@pytest.mark.parametrize("library", ["boto3", "botocore", "httpx"])
def test_a_handler_speaks_to_no_vendor(library: str) -> None:
    wrong = [each for each in imports("functions") if each.target.split(".")[0] == library]

    assert not wrong, told(wrong)


@pytest.mark.parametrize("function", ["ws-relay", "reconciler"])
def test_a_function_without_http_carries_no_web_framework(function: str) -> None:
    """Not by itself and not by anything it imports: FastAPI would double its cold start."""
    beneath: dict[str, set[str]] = {}
    for package in ("aisdr", "functions"):
        for each in imports(package):
            if not each.for_types:
                beneath.setdefault(each.importer, set()).add(each.target)

    carried = reachable(f"functions.{function}.handler", beneath)

    assert "aisdr.services" in carried
    assert not {name for name in carried if name.split(".")[0] in ("fastapi", "starlette", "mangum")}
    assert "aisdr.web" not in carried


def test_every_exception_is_still_needed() -> None:
    real = {(each.importer, each.target) for each in inside()}

    assert set(EXCEPTIONS) <= real


@cache
def modules(package: str) -> dict[str, Path]:
    """Dotted name -> file."""
    found = {}
    for path in sorted((ROOT / package).rglob("*.py")):
        if "node_modules" in path.parts:
            continue
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def imports(package: str) -> tuple[Import, ...]:
    """Every import of a package, at the top and inside functions."""
    return tuple(each for name, path in modules(package).items() for each in _imports_of(name, path))


def inside() -> list[Import]:
    """Imports of the package from itself."""
    return [each for each in imports("aisdr") if each.target.startswith("aisdr.")]


def room(module: str) -> str:
    """`aisdr.index.base` lives in `index`, `aisdr.web` in `web`."""
    return module.split(".")[1] if "." in module else module


def floor(module: str) -> int:
    return next((height for height, names in enumerate(FLOORS) if room(module) in names), -1)


def reachable(start: str, beneath: dict[str, set[str]]) -> set[str]:
    """Everything that `start` imports, and what that imports."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for target in beneath.get(waiting.pop(), set()) - found:
            found.add(target)
            waiting.append(target)
    return found


def told(wrong: list[Import]) -> str:
    return "\n".join(map(str, wrong))


def _imports_of(name: str, path: Path) -> Iterator[Import]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {
        id(inner)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.dump(block.test)
        for statement in block.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                targets = [alias.name for alias in node.names]
            case ast.ImportFrom():
                above = name.split(".")[: -node.level + (path.name == "__init__.py")] if node.level else []
                source = ".".join([*above, *([node.module] if node.module else [])])
                # `from aisdr import company` names a module, `from aisdr.company import Company` does not.
                targets = [f"{source}.{alias.name}" for alias in node.names]
                targets = [each if each in modules(each.split(".")[0]) else source for each in targets]
            case _:
                continue
        for target in dict.fromkeys(targets):
            yield Import(name, node.lineno, target, id(node) in for_types)

"""Bills of materials list what the locks hold, and nothing of the machine that made them; and the locks are whole."""

import json
import re
from pathlib import Path

import pytest

from scripts.sbom import locks, of_widget, without_places

ROOT = Path(__file__).parents[2]
REQUIREMENT = re.compile(r"[A-Za-z0-9][\w.-]*==[\w.!+-]+")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def requirements(lock: Path) -> list[str]:
    """Each requirement of a lock with all that belongs to it, on one line."""
    text = lock.read_text(encoding="utf-8").replace("\\\n", " ")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def test_there_is_a_lock_for_every_environment_and_every_function() -> None:
    names = {lock.name for lock in locks()}

    assert {"requirements.lock", "requirements-security.lock", "requirements-infra.lock"} <= names
    assert len(locks()) >= 14


@pytest.mark.parametrize("lock", locks(), ids=lambda lock: "-".join(lock.relative_to(ROOT).parts))
def test_every_package_of_a_lock_is_one_version_known_by_its_hashes(lock: Path) -> None:
    lines = requirements(lock)

    assert lines
    for line in lines:
        assert REQUIREMENT.match(line), line[:80]
        assert HASH.search(line), line[:80]
        assert "://" not in line


def test_node_packages_are_known_by_their_hashes() -> None:
    for lock in (ROOT / "widget" / "package-lock.json", ROOT / "infra" / "package-lock.json"):
        packages = json.loads(lock.read_text(encoding="utf-8"))["packages"]

        missing = [name for name, package in packages.items() if name and not package.get("integrity")]
        assert packages
        assert missing == []


def test_nothing_is_installed_past_its_hashes() -> None:
    setup = (ROOT / "scripts" / "setup").read_text(encoding="utf-8")
    installing = [line for line in setup.splitlines() if re.search(r"pip (sync|install)", line) and "fail" not in line]

    assert len(installing) >= 2
    assert all("--require-hashes" in line for line in installing)


@pytest.mark.slow
def test_what_the_widget_brings_along_is_listed_the_same_twice() -> None:
    first, second = of_widget(), of_widget()

    assert first == second
    assert {"preact", "@daily-co/daily-js"} <= {each["name"] for each in first["components"]}
    assert all(each["hashes"] for each in first["components"])
    assert "timestamp" not in first["metadata"]
    assert "serialNumber" not in first


def test_a_package_is_named_by_itself_and_not_by_where_it_lay() -> None:
    address = {
        "type": "distribution",
        "url": "https://packages.example/simple/idna/",
        "hashes": [{"alg": "SHA-256", "content": "ab"}],
    }
    made = {
        "serialNumber": "urn:uuid:1",
        "metadata": {"timestamp": "2026-11-30T00:00:00Z", "tools": [{"name": "t", "externalReferences": [address]}]},
        "components": [
            {
                "bom-ref": "requirements-L1",
                "name": "idna",
                "purl": "pkg:pypi/idna@3.11",
                "description": "requirements line 1: idna==3.11",
                "externalReferences": [address],
            }
        ],
        "dependencies": [{"ref": "requirements-L1", "dependsOn": ["requirements-L1"]}],
    }

    plain = without_places(made)

    assert plain["components"] == [
        {
            "bom-ref": "pkg:pypi/idna@3.11",
            "name": "idna",
            "purl": "pkg:pypi/idna@3.11",
            "hashes": [{"alg": "SHA-256", "content": "ab"}],
        }
    ]
    assert plain["dependencies"] == [{"ref": "pkg:pypi/idna@3.11", "dependsOn": ["pkg:pypi/idna@3.11"]}]
    assert "example" not in json.dumps(plain)
    assert plain["metadata"] == {"tools": [{"name": "t"}]}

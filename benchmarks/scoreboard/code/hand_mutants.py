"""Faults made by hand in a copy of the code, each of which the tests must notice: a wall, a filter, a condition gone.

One process loads what does not change, the libraries; for each fault it forks, and the child loads our code with the
fault in it and runs the few tests that are about it. `python -m benchmarks.scoreboard.code.hand_mutants FOLDER` does so
in a copy that stands there, and prints one JSON object: name → whether a test failed, None where no test ran.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[3]
COPIED = ("aisdr", "benchmarks", "dev", "functions", "tests")
LIBRARIES = ("boto3", "fastapi", "httpx", "hypothesis", "jwt", "moto", "numpy", "opensearchpy", "pydantic", "pytest")
PYTEST = ("-x", "-q", "-p", "no:cacheprovider", "--assert=plain", "-m", "not slow")
UNCHANGED = "nothing"
SECONDS = 900


@dataclass(frozen=True)
class Mutant:
    """`was` stands once in the file; `tests` are what pytest is asked to run."""

    name: str
    file: str
    was: str
    becomes: str
    tests: tuple[str, ...]


_WALLS = ("tests/index/test_walls.py",)
_FILES = ("tests/index/test_tenants.py", "-k", "under_another or loaded_for")
_LAST_LOOK = ("tests/knowledge/test_trespass.py", "-k", "not services and not visitor and not model")
_TOKENS = ("tests/test_session.py",)
_FILTERED = '{"bool": {"filter": self._filters, "must": [match]}}'
_NEAREST = '{"bool": {"filter": [*self._filters, {"exists": {"field": field}}]}}'

MUTANTS = (
    Mutant(
        "no company in the filter",
        "aisdr/index/opensearch_layout.py",
        'return {"term": {"company": mark_of(scope)}}',
        'return {"match_all": {}}',
        _WALLS,
    ),
    Mutant(
        "no company among the filters of hits",
        "aisdr/index/opensearch_query.py",
        "filters: list[Json] = [company_filter(scope), ",
        'filters: list[Json] = [{"match_all": {}}, ',
        _WALLS,
    ),
    Mutant(
        "no filter for words",
        "aisdr/index/opensearch_query.py",
        f"return {_FILTERED}",
        'return {"bool": {"filter": [], "must": [match]}}',
        _WALLS,
    ),
    Mutant(
        "no filter for vectors",
        "aisdr/index/opensearch_query.py",
        f"filters: Json = {_NEAREST}",
        'filters: Json = {"exists": {"field": field}}',
        _WALLS,
    ),
    Mutant(
        "no company where terms are counted",
        "aisdr/index/opensearch_query.py",
        "company = [self._filters[0], self._filters[1]]",
        "company = [self._filters[1]]",
        _WALLS,
    ),
    Mutant(
        "no company where documents are read",
        "aisdr/index/opensearch_documents.py",
        '"bool": {"filter": [layout.company_filter(scope), *(',
        '"bool": {"filter": [*(',
        _WALLS,
    ),
    Mutant(
        "one index for all",
        "aisdr/index/opensearch_layout.py",
        'for part in ("aisdr", mark_of(scope), label)',
        'for part in ("aisdr", label)',
        _WALLS,
    ),
    Mutant(
        "no mark looked at where documents are read",
        "aisdr/index/opensearch_documents.py",
        'check_marks(scope, (hit["_source"]["company"] for hit in page["hits"]["hits"]), "opensearch")',
        "pass",
        _WALLS,
    ),
    Mutant(
        "one file for all",
        "aisdr/index/embedded_files.py",
        "digest = hashlib.sha256(scope.company_id.encode()).hexdigest()[:16]",
        'words, digest = "all", "all"',
        ("tests/index/test_tenants.py", "-k", "no_question and embedded"),
    ),
    Mutant(
        "a file is not asked whose it is",
        "aisdr/index/embedded_files.py",
        "if found.get(key) != wanted:",
        'if key != "company_id" and found.get(key) != wanted:',
        _FILES,
    ),
    Mutant(
        "what is loaded is not asked whose it is",
        "aisdr/index/embedded.py",
        'check_marks(scope, [company.owner], "embedded")',
        "pass",
        _FILES,
    ),
    Mutant(
        "no last look at what the legs found",
        "aisdr/knowledge/hybrid.py",
        '_check_own(wanted, (hit for hits in asking.found.values() for hit in hits), "legs")',
        "pass",
        _LAST_LOOK,
    ),
    Mutant(
        "no last look at the result",
        "aisdr/knowledge/hybrid.py",
        '_check_own(wanted, hits, "result")',
        "pass",
        _LAST_LOOK,
    ),
    Mutant(
        "no last look at what was kept",
        "aisdr/knowledge/hybrid.py",
        '_check_own(wanted, kept.hits, "cache")',
        "pass",
        _LAST_LOOK,
    ),
    Mutant(
        "a trespass is one leg's failure",
        "aisdr/knowledge/asking.py",
        "raise outcome  # the one failure that costs the whole answer",
        "pass",
        _LAST_LOOK,
    ),
    Mutant(
        "anybody makes a scope",
        "aisdr/tenant.py",
        "if made_here is not _MADE_HERE:",
        "if False:",
        ("tests/test_tenant.py", "-k", "by_hand"),
    ),
    Mutant(
        "a website that begins like another one",
        "aisdr/company.py",
        "return origin in self.allowed_origins",
        "return any(origin.startswith(each) for each in self.allowed_origins)",
        ("tests/test_company.py", "-k", "looks_like"),
    ),
    Mutant(
        "a token on every website",
        "aisdr/session.py",
        'if origin is not None and origin != claims["org"]:',
        "if origin is None:",
        (*_TOKENS, "-k", "on_another_website"),
    ),
    Mutant(
        "a ticket that opens twice",
        "aisdr/session.py",
        "        if not first:\n",
        "        if False:\n",
        (*_TOKENS, "-k", "opens_once"),
    ),
    Mutant(
        "a line beyond the last",
        "aisdr/ledger.py",
        'condition="attribute_not_exists(active) OR active < :cap",',
        'condition="attribute_not_exists(active) OR active <= :cap",',
        ("tests/test_ledger.py", "-k", "third_takes_nothing"),
    ),
    Mutant(
        "a call that is settled twice",
        "aisdr/ledger.py",
        "                    condition=_in_states(allowed),\n",
        "",
        ("tests/test_ledger_settling.py", "-k", "second or settles_nothing"),
    ),
    Mutant(
        "a key that reserves twice",
        "aisdr/ledger.py",
        'writes.put(item, condition="attribute_not_exists(pk)")',
        "writes.put(item)",
        ("tests/test_ledger_conditions.py",),
    ),
)


def caught(mutants: Sequence[Mutant] = MUTANTS) -> dict[str, bool | None]:
    """Whether a test failed for each, in a copy of its own; for the code as it is, under `UNCHANGED`.

    Raises:
        LookupError: the code that a mutant changes does not stand there once.
    """
    with TemporaryDirectory(prefix="aisdr-mutants-") as folder:
        copy = Path(folder)
        for name in COPIED:
            ignored = shutil.ignore_patterns("data", "node_modules")
            shutil.copytree(ROOT / name, copy / name, ignore=ignored)
        shutil.copy(ROOT / "pyproject.toml", copy)
        (copy / "mutants.json").write_text(json.dumps([vars(mutant) for mutant in mutants]))
        command = [sys.executable, "-m", "benchmarks.scoreboard.code.hand_mutants", folder]
        # Plugins of other libraries take longer to load than our tests to run.
        alone = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        done = subprocess.run(command, cwd=copy, env=alone, capture_output=True, text=True, timeout=SECONDS)  # noqa: S603
        if done.returncode:
            raise LookupError(done.stderr[-2000:])
        told: dict[str, bool | None] = json.loads(done.stdout.splitlines()[-1])
        return told


def _run_all(folder: Path) -> dict[str, bool | None]:
    given = json.loads((folder / "mutants.json").read_text())
    mutants = [Mutant(**{**each, "tests": tuple(each["tests"])}) for each in given]
    for library in LIBRARIES:
        import_module(library)
    found: dict[str, bool | None] = {}
    found[UNCHANGED] = _fails(_together(mutants))
    sys.dont_write_bytecode = True  # a fault's bytecode must not be taken for that of the next one
    for mutant in mutants:
        file = folder / mutant.file
        text, stat = file.read_text(), file.stat()
        if text.count(mutant.was) != 1:
            raise LookupError(f"'{mutant.name}': its code stands {text.count(mutant.was)} times in {mutant.file}")
        file.write_text(text.replace(mutant.was, mutant.becomes))
        found[mutant.name] = _fails(mutant.tests)
        file.write_text(text)
        os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # so that its bytecode is believed again
    return found


def _together(mutants: Sequence[Mutant]) -> tuple[str, ...]:
    """What one run of pytest has to be asked for to run the tests of all of them."""
    files, wanted = dict[str, None](), dict[str, None]()
    for file, *words in (mutant.tests for mutant in mutants):
        files[file] = None
        wanted[f"({Path(file).stem} and ({words[1]}))" if words else Path(file).stem] = None
    return (*files, "-k", " or ".join(wanted))


def _fails(tests: tuple[str, ...]) -> bool | None:
    """Whether one of them fails; None when none ran."""
    child = os.fork()
    if child == 0:
        os._exit(_tested(tests))
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return {0: False, 1: True}.get(status)


def _tested(tests: tuple[str, ...]) -> int:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    return int(import_module("pytest").main([*PYTEST, *tests]))


if __name__ == "__main__":
    print(json.dumps(_run_all(Path(sys.argv[1]))))

"""mutmut over the security core, in a copy of the code, so that nothing of it is left in the repository.

`python -m benchmarks.scoreboard.code.mutmut_run tenants ledger` runs some groups alone and prints who survived.
"""

import ast
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.scoreboard.code.security_core import GROUPS, Core, Group

ROOT = Path(__file__).resolve().parents[3]
PYTHON = ROOT / ".venv-security" / "bin" / "python"
EQUIVALENT = Path(__file__).with_name("equivalent_mutants.json")
COPIED = ("aisdr", "dev", "functions", "tests")
CHILDREN = 2
SECONDS = 3600
_WORDS = (
    r"raise \w+\(",
    r"refusal = \w+\(",
    r"LimitReached\(",
    r"_spent\(company, ",
    r"transaction\(Conflict\(",
    r"logger\.",
    r"decided\(",
    r"""^\s+f?"(?!SET |ADD |REMOVE )[A-Z'{][^"]* [^"]*"[,)]?\s*(#.*)?$""",
)
"""Lines that raise, log or say something to people: no test must hold still the words that stand there."""
_DIFF = """
import json, sys
from mutmut.mutation.diff_apply import get_diff_for_mutant
print(json.dumps({name: get_diff_for_mutant(name) for name in sys.argv[1:]}))
"""
_ESCAPED = (0, 5, 33, 34, 35)
"""mutmut's codes for: survived, no test chosen, no test that reaches it, skipped, suspicious."""
_KEYWORDS = re.compile(r"\b(SET|ADD|REMOVE|AND|OR|NOT)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Outcome:
    """One mutant. `change` is the line before and after, as far as it is known: of survivors alone."""

    function: str
    strict: bool
    caught: bool
    change: tuple[str, str] = ("", "")

    def is_known(self, equivalent: Mapping[tuple[str, str, str], str]) -> bool:
        """Whether it changes nothing that anybody could notice."""
        if self.caught:
            return False
        return is_the_same_to_dynamodb(*self.change) or (self.function, *self.change) in equivalent


def mutated(groups: Sequence[Group] = GROUPS) -> list[Outcome]:
    """Every mutant of these groups. Raises: LookupError, when mutmut is not installed or does not run."""
    if not PYTHON.exists():
        raise LookupError("mutmut is not installed: run `scripts/setup security`")
    return [outcome for group in groups for outcome in _run(group)]


def equivalent() -> dict[tuple[str, str, str], str]:
    """Mutants that change nothing that anybody could notice: (function, line before, after) → why."""
    return {(each["function"], each["was"], each["is"]): each["why"] for each in json.loads(EQUIVALENT.read_text())}


def unneeded(outcomes: Sequence[Outcome]) -> list[str]:
    """Functions with an entry among the equivalent ones that excuses none of these."""
    used = {(each.function, *each.change) for each in outcomes if not each.caught}
    return sorted(entry[0] for entry in equivalent().keys() - used)


def _run(group: Group) -> Iterator[Outcome]:
    with TemporaryDirectory(prefix=f"aisdr-mutmut-{group.name}-") as folder:
        copy = Path(folder)
        for name in COPIED:
            shutil.copytree(
                ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "data", "node_modules")
            )
        for file in {core.file for core in group.cores}:
            functions = {each for core in group.cores if core.file == file for each in core.functions}
            (copy / file).write_text(core_alone((copy / file).read_text(), functions))
        (copy / "pyproject.toml").write_text(_configuration(group))
        wanted = [f"{mutmut_name(core, function)}__mutmut_*" for core in group.cores for function in core.functions]
        _mutmut(copy, "run", "--max-children", str(CHILDREN), *wanted)
        codes: dict[str, int | None] = {}
        for core in group.cores:
            codes |= json.loads((copy / "mutants" / f"{core.file}.meta").read_text())["exit_code_by_key"]
        chosen = {
            name: (core, code)
            for name, code in codes.items()
            for core in group.cores
            for function in core.functions
            if name.startswith(f"{mutmut_name(core, function)}__mutmut_")
        }
        if any(code is None for _, code in chosen.values()):
            raise LookupError(f"mutmut did not come to an end with '{group.name}'")
        untouched = {mutmut_name(core, each) for core in group.cores for each in core.functions} - {
            _function(name) for name in chosen
        }
        if untouched:
            raise LookupError(f"mutmut changes nothing in {sorted(untouched)}: name other functions of '{group.name}'")
        escaped = [name for name, (_, code) in chosen.items() if code in _ESCAPED]
        changes = {name: _change(text) for name, text in _diffs(copy, escaped).items()}
        for name, (core, _) in chosen.items():
            yield Outcome(_function(name), core.strict, name not in changes, changes.get(name, ("", "")))


def mutmut_name(core: Core, function: str) -> str:
    """As mutmut calls it."""
    kind, _, name = function.rpartition(".")
    module = core.file.removesuffix(".py").replace("/", ".")
    return f"{module}.xǁ{kind}ǁ{name}" if kind else f"{module}.x_{name}"


def core_alone(text: str, functions: Set[str]) -> str:
    """Code with all else marked that mutmut is not to change.

    It would change all functions of a file before it runs some: that takes long, and where a class has a method such as
    `list`, the others' types are then read wrong.
    """
    lines = text.splitlines(keepends=True)

    def mark(nodes: Sequence[ast.stmt], prefix: str = "") -> None:
        for node in nodes:
            match node:
                case ast.ClassDef() if any(each.startswith(f"{prefix}{node.name}.") for each in functions):
                    mark(node.body, f"{prefix}{node.name}.")
                case ast.ClassDef() | ast.FunctionDef() if f"{prefix}{node.name}" not in functions:
                    header = range(node.lineno - 1, node.body[0].lineno - 1)
                    ends = [at for at in header if lines[at].partition("  #")[0].rstrip().endswith(":")]
                    if ends:  # not where all of it stands in one line
                        lines[ends[-1]] = f"{lines[ends[-1]].rstrip()}  # pragma: no mutate block\n"

    mark(ast.parse(text).body)
    return "".join(lines)


def _function(mutant: str) -> str:
    """The name of the function that it is a mutant of."""
    return mutant.rpartition("__mutmut_")[0]


def _configuration(group: Group) -> str:
    mutated = json.dumps(sorted({core.file for core in group.cores}))
    return f"""
[tool.pytest.ini_options]
pythonpath = ["."]
addopts = "-q -s --import-mode=importlib -p no:cacheprovider -p no:schemathesis -m 'not slow'"
markers = ["cell", "browser", "deployed", "slow"]

[tool.mutmut]
source_paths = ["aisdr"]
only_mutate = {mutated}
do_not_mutate_patterns = {json.dumps(list(_WORDS))}
also_copy = ["dev", "functions", "tests", "pyproject.toml"]
pytest_add_cli_args_test_selection = {json.dumps(list(group.tests))}
"""


def _mutmut(copy: Path, *arguments: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own
        [str(PYTHON), "-m", "mutmut", *arguments], cwd=copy, capture_output=True, text=True, timeout=SECONDS
    )
    if done.returncode:
        raise LookupError(f"mutmut failed: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def _diffs(copy: Path, names: Sequence[str]) -> dict[str, str]:
    if not names:
        return {}
    command = [str(PYTHON), "-c", _DIFF, *names]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, timeout=SECONDS, check=True)  # noqa: S603
    told: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return told


def is_the_same_to_dynamodb(was: str, becomes: str) -> bool:
    """Its expressions' own words are read in any case; another word is another condition."""
    return _in_capitals(was) == _in_capitals(becomes)


def _in_capitals(line: str) -> str:
    return _KEYWORDS.sub(lambda word: word[0].upper(), line)


def _change(diff: str) -> tuple[str, str]:
    """The line that was changed, before and after."""
    lines = [line for line in diff.splitlines() if not line.startswith(("---", "+++"))]
    was = [line[1:].strip() for line in lines if line.startswith("-")]
    becomes = [line[1:].strip() for line in lines if line.startswith("+")]
    return re.sub(r"\s+", " ", " ".join(was)), re.sub(r"\s+", " ", " ".join(becomes))


def _told(asked: Sequence[Group]) -> None:
    known, outcomes = equivalent(), mutated(asked)
    for outcome in outcomes:
        if not outcome.caught:
            mark = "equivalent" if outcome.is_known(known) else "SURVIVED"
            print(f"{mark} {outcome.function}\n  - {outcome.change[0]}\n  + {outcome.change[1]}")
    counted = [each for each in outcomes if not each.is_known(known)]
    strict = [each for each in counted if each.strict]
    caught, all_must = sum(each.caught for each in counted), sum(each.caught for each in strict)
    print(
        f"{caught} of {len(counted)} caught, {all_must} of {len(strict)} where all must be, of {len(outcomes)} mutants"
    )


if __name__ == "__main__":
    _told([group for group in GROUPS if group.name in sys.argv[1:]])

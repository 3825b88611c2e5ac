"""S-19: what scanners find that nobody has acknowledged: cdk-nag, cfn-lint, bandit, zizmor.

The small form leaves out the templates, which take a minute to make: tests/infra asks the same of them in `make test`.
"""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.scoreboard.figure import Figure, Form

ROOT = Path(__file__).parents[3]
BIN = Path(sys.executable).parent
INFRA = ROOT / ".venv-infra" / "bin"
SOURCES = ("aisdr", "functions", "infra", "scripts", "dev")
ENVIRONMENTS = ("dev", "prod", "serverless")
MOST_ACKNOWLEDGED = 15
NOT_ASKED = {
    "B101": "assert tells the type checker what is so; no check of input rests on one, and nothing runs with -O",
    "B404": "importing subprocess is no finding: each of its calls is looked at (B603) and has its reason beside it",
}
"""Rules of bandit that are off, and why."""


def measure(form: Form) -> Figure:
    found = {"bandit": bandit(), "zizmor": zizmor()}
    if form == "full":
        found |= templates()
    acknowledged = {"cdk-nag": len(list(_calls_of("acknowledge"))), "bandit": len(list(nosecs()))}
    without_reason = [told for told, reason in nosecs() if not reason]
    unacknowledged = {name: len(findings) for name, findings in found.items()}
    value = " / ".join(f"{name} {number}" for name, number in unacknowledged.items())
    return Figure(
        f"{value}; {acknowledged['cdk-nag']} exemptions",
        f"0 of each; at most {MOST_ACKNOWLEDGED} exemptions of cdk-nag, and a reason for everything",
        not any(unacknowledged.values()) and not without_reason and 0 < acknowledged["cdk-nag"] <= MOST_ACKNOWLEDGED,
        {
            "unacknowledged": unacknowledged,
            "findings": {name: findings[:10] for name, findings in found.items()},
            "acknowledged": acknowledged,
            "without_reason": without_reason,
        },
    )


def bandit(*folders: str) -> list[str]:
    """What it finds in our code, place by place."""
    options = ("-q", "-r", "-f", "json", "-x", "*/node_modules/*", "-s", ",".join(NOT_ASKED))
    run = _run(str(BIN / "bandit"), *options, *(folders or SOURCES))
    report = json.loads(run.stdout)
    if report["errors"] or not report["metrics"]:
        raise RuntimeError(f"bandit could not read everything: {report['errors']}")
    return [f"{each['test_id']} {each['filename']}:{each['line_number']}" for each in report["results"]]


def zizmor(folder: Path = ROOT / ".github") -> list[str]:
    """What it finds in the workflows, at its strictest."""
    options = ("--offline", "--no-progress", "--persona=pedantic", "--color=never", "--format=json")
    run = _run(str(BIN / "zizmor"), *options, str(folder))
    return [f"{each['ident']} {each['desc']}" for each in json.loads(run.stdout)]


def templates() -> dict[str, list[str]]:
    """What cdk-nag (AwsSolutions, Serverless) and cfn-lint find in each environment's templates."""
    broken: list[str] = []
    with TemporaryDirectory(prefix="aisdr-templates-") as folder:
        made = [Path(folder) / name for name in ENVIRONMENTS]
        for output in made:
            options = ("--environment", output.name, "--build", "none", "--output", str(output))
            _run(str(INFRA / "python"), "-m", "infra.app", *options)
            report = json.loads((output / "validation-report.json").read_text(encoding="utf-8"))
            broken += [
                f"{output.name}: {each['ruleName']}" for part in report["pluginReports"] for each in part["violations"]
            ]
        files = [str(file) for output in made for file in output.glob("assembly-*/*.template.json")]
        if not files:
            raise RuntimeError("No template was made")
        lint = _run(str(INFRA / "cfn-lint"), "--format", "parseable", *files)
        if lint.returncode and not lint.stdout:
            raise RuntimeError(f"cfn-lint could not read the templates: {lint.stderr[-500:]}")
    return {"cdk-nag": broken, "cfn-lint": lint.stdout.splitlines()}


def nosecs() -> Iterator[tuple[str, str]]:
    """Every finding of bandit that is acknowledged, with the reason that stands beside it."""
    for file in (file for folder in SOURCES for file in (ROOT / folder).rglob("*.py")):
        if "node_modules" in file.parts:
            continue
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if found := re.search(r"#\s*nosec B\d+", line):
                comment = line[line.index("#") : found.start()] + line[found.end() :]
                yield f"{file.relative_to(ROOT)}:{number}", re.sub(r"noqa: [A-Z0-9, ]+|B\d+|[#,()\s-]", "", comment)


def _calls_of(name: str) -> Iterator[ast.Call]:
    for file in (ROOT / "infra").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == name:
                yield node


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)  # noqa: S603

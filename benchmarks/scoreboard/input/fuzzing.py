"""S-16: six targets of tests/fuzz are given what no person would write, and none of them breaks a promise.

The full form is atheris (libFuzzer), which follows the code that an input reaches; it begins with what is kept in
tests/fuzz/kept and goes on with what it found before, in build/fuzz. The small form needs no fuzzer: it plays what is
kept, and changes of it at random, the same in every run.
"""

import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from aisdr.observability import logger
from benchmarks.scoreboard.figure import Figure, Form
from tests.fuzz.corpus import FOLDER, changed, seeds
from tests.fuzz.targets import TARGETS

ROOT = Path(__file__).parents[3]
PYTHON = ROOT / ".venv-security" / "bin" / "python"
BUILD = ROOT / "build" / "fuzz"
EXECUTIONS: dict[Form, int] = {"small": 18_000, "full": 6_000_000}
"""Of all targets together."""
SHARES = {"url_policy": 4, "captions": 8, "tool_gateway": 12, "frame": 20, "body": 28, "webhook": 28}
"""Percent of them, so that each takes about as long as the others; the slow ones first."""
MOST_SECONDS = 1800
"""For one target of the full form; on a machine without other work it takes one to three minutes."""
AT_ONCE = 2
_OPTIONS = ("-max_len=4096", "-timeout=20", "-rss_limit_mb=3000", "-print_final_stats=1")


@dataclass(frozen=True)
class Fuzzed:
    """What became of one target."""

    target: str
    executions: int
    findings: tuple[str, ...]


def measure(form: Form) -> Figure:
    each = {target: EXECUTIONS[form] * share // 100 for target, share in SHARES.items()}
    done = [_played(target, number) for target, number in each.items()] if form == "small" else _under_atheris(each)
    executions, findings = sum(one.executions for one in done), [told for one in done for told in one.findings]
    return Figure(
        f"{len(findings)} findings of {executions:,} executions, {len(done)} targets",
        f"0 of {EXECUTIONS[form]:,}",
        not findings and executions >= EXECUTIONS[form] and SHARES.keys() == TARGETS.keys(),
        {
            "executions": {one.target: one.executions for one in done},
            "kept": {one.target: len(seeds(one.target)) for one in done},
            "findings": findings[:20],
        },
    )


def _played(target: str, executions: int) -> Fuzzed:
    kept, findings, number = seeds(target), list[str](), 0
    level = logger.log_level
    logger.setLevel("CRITICAL")
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        for text in (*kept, *changed(kept, executions, seed=16)):
            number += 1
            try:
                TARGETS[target](text)
            except Exception as error:
                findings.append(f"{target}: {error!r:.200} by {text!r:.300}")
    logger.setLevel(level)
    return Fuzzed(target, number, tuple(findings))


def _under_atheris(executions: dict[str, int]) -> list[Fuzzed]:
    if not PYTHON.exists():
        raise RuntimeError("The fuzzer is not installed; run: scripts/setup security")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(_fuzzed, executions.keys(), executions.values()))


def _fuzzed(target: str, executions: int) -> Fuzzed:
    grown, found = BUILD / "corpus" / target, BUILD / "findings" / target
    for folder in (grown, found):
        folder.mkdir(parents=True, exist_ok=True)
    before = set(found.iterdir())
    limits = (f"-runs={executions}", f"-max_total_time={MOST_SECONDS}", f"-artifact_prefix={found}/")
    run = subprocess.run(  # noqa: S603 - our own words
        [PYTHON, "-m", "tests.fuzz", target, *_OPTIONS, *limits, grown, FOLDER / target],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        timeout=MOST_SECONDS + 120,
        check=False,
    )
    counted = re.search(r"stat::number_of_executed_units:\s*(\d+)", run.stderr)
    findings = [f"{target}: {file.relative_to(ROOT)}" for file in set(found.iterdir()) - before]
    if run.returncode and not findings:
        findings = [f"{target}: ended with {run.returncode}: {run.stderr[-500:]}"]
    return Fuzzed(target, int(counted[1]) if counted else 0, tuple(findings))

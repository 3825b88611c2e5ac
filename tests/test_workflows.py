"""What GitHub runs: pinned, with least permissions, in bounded time, and by the commands that people use here."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"[\w-]+/[\w./-]+@[0-9a-f]{40}")


def read(file: Path) -> dict[str, Any]:
    workflow: dict[Any, Any] = yaml.safe_load(file.read_text())
    return {"on" if key is True else key: value for key, value in workflow.items()}  # YAML 1.1 takes `on` for true


def jobs() -> Iterator[tuple[str, dict[str, Any]]]:
    for file in WORKFLOWS:
        for name, job in read(file)["jobs"].items():
            yield f"{file.stem}.{name}", job


JOBS = dict(jobs())


def steps() -> Iterator[dict[str, Any]]:
    for job in JOBS.values():
        yield from job.get("steps", ())


def test_all_are_there() -> None:
    assert [file.stem for file in WORKFLOWS] == ["ci", "deploy", "nightly"]


def test_nothing_unsafe_is_found_by_those_who_look_for_it() -> None:
    zizmor = Path(sys.executable).with_name("zizmor")

    run = subprocess.run(
        [zizmor, "--offline", "--no-progress", "--persona=pedantic", "--color=never", ROOT / ".github"],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=ROOT,
    )

    assert run.returncode == 0, run.stdout + run.stderr


def test_every_action_is_pinned_by_its_whole_hash_and_told_by_its_version() -> None:
    text = "\n".join(file.read_text() for file in WORKFLOWS)
    used = re.findall(r"uses: (\S+)(.*)", text)

    assert len(used) >= 4
    for action, comment in used:
        if not action.startswith("./"):
            assert PINNED.fullmatch(action), action
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action


def test_only_the_deployment_may_ask_for_a_token_and_nobody_may_write() -> None:
    allowed = {file.stem: read(file)["permissions"] for file in WORKFLOWS}
    by_job = {name: job["permissions"] for name, job in JOBS.items() if "permissions" in job}

    assert allowed == {"ci": {"contents": "read"}, "deploy": {}, "nightly": {"contents": "read"}}
    assert by_job == {
        "deploy.test": {"contents": "read"},
        "deploy.deploy": {"contents": "read", "id-token": "write"},
    }


def test_no_secret_of_the_repository_is_used() -> None:
    assert not re.search(r"secrets\.|AWS_ACCESS_KEY|AWS_SECRET", "\n".join(file.read_text() for file in WORKFLOWS))


def test_a_deployment_is_tested_first_and_never_cut_in_half() -> None:
    deploy = read(ROOT / ".github/workflows/deploy.yml")

    assert JOBS["deploy.test"]["uses"] == "./.github/workflows/ci.yml"
    assert JOBS["deploy.deploy"]["needs"] == "test"
    assert deploy["concurrency"]["cancel-in-progress"] is False
    assert set(deploy["on"]) == {"workflow_dispatch", "push"}
    assert deploy["on"]["push"] == {"tags": ["v*"]}


def test_every_job_ends() -> None:
    assert all("timeout-minutes" in job for job in JOBS.values() if "steps" in job)


def test_nothing_that_was_given_is_pasted_into_a_command() -> None:
    assert [step["run"] for step in steps() if "${{" in step.get("run", "")] == []


def test_what_is_run_is_there() -> None:
    told = "\n".join(step["run"] for step in steps() if "run" in step)
    targets = re.findall(r"^([\w -]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    made = {name for line in targets for name in line.split()}

    assert set(re.findall(r"make (\w+)", told)) <= made
    assert set(re.findall(r"ENVIRONMENT=(\w+)", told)) <= {
        file.stem for file in (ROOT / "infra" / "environments").glob("*.toml")
    }
    for script in re.findall(r"(?:scripts|\.ci)/\w+", told):
        assert (ROOT / script).is_file()
    for module in re.findall(r"-m ((?:infra|benchmarks)[\w.]*)", told):
        assert (ROOT / module.replace(".", "/") / "__main__.py").is_file()


@pytest.mark.parametrize("name", ["dev", "prod2"])
def test_the_name_of_an_environment_is_looked_at(name: str) -> None:
    command = next(step["run"] for step in JOBS["deploy.deploy"]["steps"] if "=~" in step.get("run", ""))
    check = command.splitlines()[0]

    def run(given: str) -> int:
        return subprocess.run(["/bin/bash", "-ec", check], env={"ENVIRONMENT": given}, capture_output=True).returncode

    assert run(name) == 0
    assert run(f"{name}; rm") == run(f"../{name}") == run("") == 1

"""The templates are made without network or account, twice alike, and no rule is broken without a reason."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from functions import FUNCTIONS
from infra.bundle.contents import LAYERS
from tests.infra.acknowledged import acknowledged
from tests.infra.conftest import EMULATED, EXAMPLES, PYTHON, ROOT
from tests.infra.templates import Synthesis

pytestmark = pytest.mark.slow
MOST_ACKNOWLEDGED = 15


def test_two_runs_are_alike_byte_for_byte(syntheses: Mapping[str, Synthesis]) -> None:
    first, second = syntheses["dev"].files, syntheses["again/dev"].files

    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_an_environment_has_its_stacks(syntheses: Mapping[str, Synthesis]) -> None:
    assert set(syntheses["dev"].stacks) == {"Data", "Api", "Edge", "Observability"}
    assert set(syntheses["prod"].stacks) == {"Data", "Search", "Api", "Edge", "Observability"}
    assert set(syntheses["serverless"].stacks) == set(syntheses["prod"].stacks)


def test_no_rule_is_broken_without_a_reason(synthesis: Synthesis) -> None:
    assert synthesis.findings == set()


def test_without_the_reasons_rules_would_be_broken_and_every_reason_is_needed(
    syntheses: Mapping[str, Synthesis],
) -> None:
    broken = syntheses["again/dev-bare"].findings | syntheses["again/prod-bare"].findings

    assert {rule for _, rules in acknowledged() for rule in rules} == broken


def test_the_reasons_are_few_and_are_reasons() -> None:
    reasons = acknowledged()

    assert 0 < len(reasons) <= MOST_ACKNOWLEDGED
    assert all(len(reason) > 40 for reason, _ in reasons), reasons


def test_every_environment_breaks_few_rules(syntheses: Mapping[str, Synthesis]) -> None:
    for name in ("dev", "prod"):
        assert len(syntheses[f"again/{name}-bare"].findings) <= MOST_ACKNOWLEDGED


def test_cloudformations_own_schemas_find_nothing_wrong(syntheses: Mapping[str, Synthesis]) -> None:
    files = [
        file
        for name in (*EXAMPLES, EMULATED, "bedrock")
        for file in syntheses[name].folder.glob("assembly-*/*.template.json")
    ]

    run = subprocess.run([PYTHON.with_name("cfn-lint"), *files], capture_output=True, text=True, timeout=300)

    assert (run.returncode, run.stdout) == (0, "")


def test_a_template_without_code_says_so_to_cloudformation(synthesis: Synthesis) -> None:
    rule = synthesis["Api"].body["Rules"]["HasCode"]

    assert "make build" in rule["Assertions"][0]["AssertDescription"]


def test_without_bundles_there_is_no_template_to_deploy(tmp_path: Path) -> None:
    code, errors = make(tmp_path / "no-such-folder", tmp_path / "out")

    assert code == 1
    assert "make build" in errors
    assert "Traceback" not in errors


def test_with_bundles_each_function_ships_its_own_and_those_that_search_share_their_layers(tmp_path: Path) -> None:
    for function in FUNCTIONS:
        handler = tmp_path / "build" / function.name / "functions" / function.name / "handler.py"
        handler.parent.mkdir(parents=True)
        handler.write_text(f"# {function.name}")
    for layer in LAYERS:
        (tmp_path / "build" / "layers" / layer / "python").mkdir(parents=True)
        (tmp_path / "build" / "layers" / layer / "python" / f"{layer}.py").touch()

    code, errors = make(tmp_path / "build", tmp_path / "out")

    assert code == 0, errors
    api = Synthesis(tmp_path / "out")["Api"]
    assert "HasCode" not in api.body["Rules"]
    functions = api.of_type("Lambda::Function").values()
    assert len({each["Code"]["S3Key"] for each in functions}) == len(FUNCTIONS)
    assert [len(each.get("Layers", ())) for each in functions] == [len(function.layers) for function in FUNCTIONS]


def test_the_model_is_shipped_only_where_it_is_the_embedder(syntheses: Mapping[str, Synthesis]) -> None:
    local, remote = (syntheses[name]["Api"].of_type("Lambda::LayerVersion").values() for name in ("dev", "bedrock"))

    assert len(local) == len(LAYERS)
    assert [each["LayerName"].rpartition("-")[2] for each in remote] == ["knowledge"]


def make(build: Path, output: Path) -> tuple[int, str]:
    run = subprocess.run(
        [PYTHON, "-m", "infra.app", "--build", build, "--output", output],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return run.returncode, run.stderr


def test_the_command_line_and_the_library_are_of_one_age() -> None:
    """`npm install aws-cdk` brings a version that cannot read what the library writes: both are pinned together."""
    package = json.loads((ROOT / "infra" / "package.json").read_text())
    locked = (ROOT / "requirements-infra.lock").read_text()

    assert package["dependencies"]["aws-cdk"] == "2.1148.1"
    assert "aws-cdk-lib==2.275.0" in locked

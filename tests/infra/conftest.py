"""What the deployment kit makes of the example environments, once for all tests here."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.infra.templates import Synthesis

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-infra" / "bin" / "python"
VENDORS_OF_AWS = '''
name = "bedrock"
account = "111111111111"
region = "eu-central-1"
keep = false

[vendors]
tavus = false
embedder = "bedrock:amazon.titan-embed-text-v2:0"
bedrockModels = ["amazon.nova-lite-v1:0"]
bedrockRerank = ["amazon.rerank-v1:0"]

[bounds]
mostSockets = 500
networkSockets = 60
storeSeconds = 2.5

[media.publicKeys]
2027 = """
-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAexampleexampleexample
-----END PUBLIC KEY-----
"""
2026 = """
-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAanotheranotheranother
-----END PUBLIC KEY-----
"""
'''
"""An environment whose models all come from AWS, with a distribution far from its data, media for visitors only, and
bounds of its own."""
EXAMPLES = ("dev", "prod", "serverless")
EMULATED = "local"
"""For an emulator of AWS on this machine, with less in it (test_emulator.py)."""


@pytest.fixture(scope="session")
def syntheses(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Synthesis]:
    """By environment; `again/dev` is a second run in another process, `NAME-bare` one that acknowledges nothing."""
    if not PYTHON.exists():
        pytest.fail("There is no .venv-infra: run `scripts/setup synth`")
    folder = tmp_path_factory.mktemp("synthesis")
    of_aws = folder / "bedrock.toml"
    of_aws.write_text(VENDORS_OF_AWS)
    runs = [
        _start(folder, "1", *EXAMPLES, EMULATED, str(of_aws)),
        _start(folder / "again", "2", "dev", "dev:bare", "prod:bare"),
    ]
    for run in runs:
        _, errors = run.communicate(timeout=300)
        assert run.returncode == 0, errors[-4000:]
    names = [*EXAMPLES, EMULATED, "bedrock", "again/dev", "again/dev-bare", "again/prod-bare"]
    return {name: Synthesis(folder / name) for name in names}


@pytest.fixture(params=[*EXAMPLES, "bedrock"])
def synthesis(request: pytest.FixtureRequest, syntheses: Mapping[str, Synthesis]) -> Synthesis:
    """Each environment in turn."""
    return syntheses[request.param]


def _start(output: Path, seed: str, *environments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [PYTHON, "-m", "tests.infra.synthesize", output, *environments],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": seed},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )

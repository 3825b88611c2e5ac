"""Each function runs with what its own lock holds, and nothing that a developer's machine happens to have beside it."""

import json
import os
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from functions import FUNCTIONS, Function

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]

# Loads a handler and builds each service it names, where modules of other distributions cannot be found.
PROGRAM = """
import json, sys
from importlib import import_module

missing = set(json.loads(sys.argv[2]))

class NotInTheBundle:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in missing:
            raise ModuleNotFoundError(f"{name} is not in this function's lock")

sys.meta_path.insert(0, NotInTheBundle())
import_module(sys.argv[1])
from aisdr.services import services
for name in json.loads(sys.argv[3]):
    getattr(services(), name)
"""
# What a live call is begun with, which is asked for late.
AT_A_CALL = """
from aisdr.company import Company
company = Company(company_id="acme", slug="acme", display_name="Acme", website_url="https://acme.example")
assert len(services().described_tools(company)) == len(company.tools)
assert services().memory and services().vendors
"""


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
def test_a_function_needs_nothing_that_its_lock_does_not_hold(function: Function, tmp_path: Path) -> None:
    lock = (ROOT / f"requirements-{function.group}.lock").read_text()
    held = {name.lower().replace("_", "-") for name in re.findall(r"^([A-Za-z0-9_.-]+)==", lock, re.MULTILINE)}
    missing = [
        module
        for module, distributions in packages_distributions().items()
        if not any(name.lower().replace("_", "-") in held for name in distributions)
        and module not in ("_distutils_hack", "pkg_resources", "setuptools", "_virtualenv")
    ]
    assert "pytest" in missing
    handler = ROOT / "functions" / function.name / "handler.py"
    used = sorted(set(re.findall(r"services\(\)\.(\w+)", handler.read_text())))
    assert used
    environment = os.environ | {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AISDR_SIGNING_KEYS": '{"test": "a secret of at least thirty-two bytes"}',
        "AISDR_INDEX_DIR": str(tmp_path),
        "WS_ENDPOINT": "http://127.0.0.1:9",
    }
    module = function.handler.rpartition(".")[0]
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            PROGRAM + (AT_A_CALL if function.name == "session" else ""),
            module,
            json.dumps(missing),
            json.dumps(used),
        ],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert run.returncode == 0, run.stderr[-2000:]

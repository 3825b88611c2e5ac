"""An operator asks from another terminal and another folder: the command finds the running product by itself."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.product import ROOT, Stack

pytestmark = pytest.mark.slow


def test_an_operator_reads_the_answer_that_a_visitor_would_get(stack: Stack, tmp_path: Path) -> None:
    command = [
        str(ROOT / "scripts" / "aisdr"),
        "ask",
        "Which ERP systems do you connect to?",
        "--company",
        "hypersonix",
    ]
    environment = {"PATH": os.environ["PATH"], "AISDR_DATA": str(stack.data), "AISDR_LOCAL_FILE": os.devnull}

    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert "NetSuite" in done.stdout
    assert f"[1] Integrations, Ready-made connectors  {stack.url}/media/hypersonix/integrations.html" in done.stdout

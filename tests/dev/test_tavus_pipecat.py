"""pipecat's `TavusApi`, as its authors published it, gets along with the Tavus look-alike."""

import json
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.dev.account import FACE, KEY

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-pipecat/bin/python"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHON.exists(), reason="`scripts/setup test` makes .venv-pipecat"),
]


def pipecat(url: str, key: str, persona: str) -> dict[str, Any]:
    command = [str(PYTHON), str(ROOT / "tests/dev/pipecat_client.py"), url, key, FACE, persona]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env={}, check=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def test_it_starts_names_and_ends_a_conversation(tavus: httpx.Client) -> None:
    told = pipecat(str(tavus.base_url), KEY, "pipecat0")

    conversation_id = told["conversation"]["conversation_id"]
    assert told["conversation"]["conversation_url"].endswith(conversation_id)
    assert told["name"] == "Echo (local stand-in)"
    assert tavus.get(f"/v2/conversations/{conversation_id}").json()["status"] == "ended"


@pytest.mark.parametrize(("key", "persona", "status"), [("a wrong key", "pipecat0", 401), (KEY, "p000", 400)])
def test_it_hears_a_refusal(tavus: httpx.Client, key: str, persona: str, status: int) -> None:
    assert pipecat(str(tavus.base_url), key, persona) == {"refused": status}

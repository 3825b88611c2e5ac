"""T-SEC-02: no secret, and nothing that looks like one, in what is shipped: templates, bundles, the widget's files."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from aisdr.settings import SECRETS
from tests.infra.conftest import ROOT
from tests.infra.templates import Synthesis

pytestmark = pytest.mark.slow
LOOKS_SECRET = re.compile(
    r"\bsk-(?:proj-)?[A-Za-z0-9_-]{20,}|\btvsk_\w{8,}|\bwhsec_[A-Za-z0-9+/=]{16,}|\bAKIA[0-9A-Z]{16}\b"
    r"|-----BEGIN (?:RSA |EC )?PRIVATE KEY-----|\bgh[pousr]_[A-Za-z0-9]{30,}"
    r"|\bey[A-Za-z0-9_-]{10,}\.ey[A-Za-z0-9_-]{10,}\."
)
GIVEN = re.compile(rf'"(?:{"|".join(SECRETS)})"\s*:\s*"')
"""A secret's own variable with a value, instead of the one that says where it is kept."""
TEXT = {".json", ".js", ".mjs", ".css", ".html", ".py", ".toml", ".map", ".md", ".txt"}


def texts(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix in TEXT:
            yield path, path.read_text(encoding="utf-8", errors="replace")


def test_what_is_looked_for_is_found() -> None:
    for secret in (
        "sk-proj-0123456789abcdefghij",
        "tvsk_0123456789",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "AKIAIOSFODNN7EXAMPLE",
        "-----BEGIN PRIVATE KEY-----",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.",
    ):
        assert LOOKS_SECRET.search(f"x = '{secret}'"), secret
    assert GIVEN.search('{"TAVUS_API_KEY": "x"}')
    assert not GIVEN.search('{"TAVUS_API_KEY_ARN": "x"}')


def test_no_template_holds_a_secret_or_its_variable(syntheses: Mapping[str, Synthesis]) -> None:
    looked = 0
    for name, synthesis in syntheses.items():
        for path, text in texts(synthesis.folder):
            looked += path.name.endswith(".template.json")
            assert not LOOKS_SECRET.search(text), f"{name}: {path.name}"
            if path.name.endswith(".template.json"):
                assert not GIVEN.search(text), f"{name}: {path.name}"
    assert looked > 10


@pytest.mark.parametrize("folder", ["widget/dist", "widget/src", "aisdr", "functions", "examples"])
def test_nothing_that_is_shipped_holds_a_secret(folder: str) -> None:
    found = [*texts(ROOT / folder)]

    assert found
    for path, text in found:
        assert not LOOKS_SECRET.search(text), path
        assert path.suffix != ".map" or folder != "widget/dist", f"{path}: sources are not shipped with the widget"

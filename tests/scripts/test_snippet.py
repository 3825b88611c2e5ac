"""`aisdr snippet`: the tag that a website pastes, and what its policies must allow for the modes that are offered."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from aisdr.services import Services
from scripts.__main__ import app
from tests.material import a_company

FILES = {
    "embed.js": {"integrity": "sha384-floating", "immutable": False},
    "embed-0a.js": {"integrity": "sha384-launcher", "immutable": True},
    "panel-1b.js": {"integrity": "sha384-panel", "immutable": True},
}


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps({"version": "1", "files": FILES}))
    return path


def snippet(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["snippet", *arguments])


def test_it_pins_the_launcher_with_its_integrity(services: Services, manifest: Path) -> None:
    services.companies.put(a_company(), expected_version=0)

    told = snippet("acme", "--address", "https://sdr.example/", "--manifest", str(manifest)).stdout

    assert told.splitlines()[0] == (
        '<script async src="https://sdr.example/widget/embed-0a.js" integrity="sha384-launcher" '
        'crossorigin="anonymous" data-company="acme"></script>'
    )
    assert "'sha384-panel'" in told
    assert "sha384-floating" not in told


def test_the_floating_tag_needs_no_build_and_carries_no_integrity(services: Services) -> None:
    services.companies.put(a_company(), expected_version=0)

    told = snippet("acme", "--floating", "--address", "https://sdr.example").stdout

    assert told.splitlines()[0] == '<script async src="https://sdr.example/embed.js" data-company="acme"></script>'
    assert "integrity" not in told


def test_a_company_that_only_writes_needs_no_vendor_no_microphone_and_no_sound(services: Services) -> None:
    services.companies.put(a_company(modes=("text",)), expected_version=0)

    told = json.loads(snippet("acme", "--floating", "--json").stdout)

    assert told["policy"]["script-src"] == ["http://localhost:3000"]
    assert told["policy"]["connect-src"] == ["http://localhost:3000", "ws://localhost:3000"]
    assert told["policy"]["media-src"] == ["http://localhost:3000"]
    assert "worker-src" not in told["policy"]
    assert told["trusted_types"] == ["ai-sdr"]
    assert told["permissions"] == told["iframe"] == ""


def test_video_allows_the_rooms_vendor_the_microphone_and_the_camera(services: Services) -> None:
    services.companies.put(a_company(modes=("text", "video"), use_tavus_video=True), expected_version=0)

    told = json.loads(snippet("acme", "--floating", "--json").stdout)

    assert "https://*.daily.co" in told["policy"]["script-src"]
    assert {"https://*.daily.co", "wss://*.daily.co"} <= set(told["policy"]["connect-src"])
    assert told["trusted_types"] == ["ai-sdr", "ai-sdr-room"]
    assert told["permissions"] == "Permissions-Policy: microphone=(self), camera=(self), autoplay=(self)"
    assert told["iframe"] == '<iframe src="…" allow="microphone; camera; autoplay"></iframe>'


def test_the_launcher_is_named_in_the_companys_first_language(services: Services) -> None:
    services.companies.put(a_company(languages=("de-AT", "en")), expected_version=0)

    assert 'data-label="Chat öffnen"' in snippet("acme", "--floating").stdout


def test_without_a_served_build_the_remedies_are_said(services: Services) -> None:
    services.companies.put(a_company(), expected_version=0)

    refusal = str(snippet("acme", "--address", "http://127.0.0.1:9").exception)

    assert refusal.startswith("http://127.0.0.1:9/widget/manifest.json cannot be read (ConnectError)")
    assert "--floating" in refusal


def test_a_file_that_is_no_manifest_is_named(services: Services, tmp_path: Path) -> None:
    services.companies.put(a_company(), expected_version=0)
    (tmp_path / "other.json").write_text("[]")

    refusal = str(snippet("acme", "--manifest", str(tmp_path / "other.json")).exception)

    assert refusal.startswith(f"'--manifest {tmp_path / 'other.json'}' is no manifest of a build")

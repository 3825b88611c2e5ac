"""The command behind `make bootstrap`, `diff`, `deploy` and `destroy`: what it says before it touches anything."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from infra import ROOT
from infra.deploy.buckets import empty
from infra.deploy.kit import Kit, KitFailed
from infra.environment import FOLDER, load


def run(*arguments: str, answer: str = "") -> "subprocess.CompletedProcess[str]":
    """Without credentials, and with nobody to ask for any."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nobody = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": ""}
    return subprocess.run(
        [sys.executable, "-m", "infra.deploy", *arguments],
        cwd=ROOT,
        env=kept | nobody,
        input=answer,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_taking_down_an_environment_with_visitors_says_that_their_data_is_kept() -> None:
    outcome = run("destroy", "--environment", "prod", answer="no\n")

    goes, kept = outcome.stdout.split("This is kept:")
    assert outcome.returncode == 1
    assert "Nothing was taken down." in outcome.stderr
    for data in (
        "aisdr-prod-conversations",
        "aisdr-prod-media-111111111111",
        "aisdr/prod/",
        "domain aisdr-prod-search",
    ):
        assert data in kept
        assert data not in goes
    assert "aisdr-prod-site-111111111111" in goes


def test_taking_down_a_trial_says_that_everything_goes() -> None:
    outcome = run("destroy", "--environment", "dev", answer="prod\n")

    goes, kept = outcome.stdout.split("This is kept:")
    assert outcome.returncode == 1
    assert "aisdr-dev-conversations" in goes
    assert "aisdr-dev-" not in kept


def test_without_credentials_it_says_so() -> None:
    outcome = run("smoke", "--environment", "dev")

    assert outcome.returncode == 1
    assert outcome.stderr.startswith("AWS refused: Unable to locate credentials")


def test_an_environment_that_is_not_there_is_named() -> None:
    outcome = run("deploy", "--environment", "nowhere", "--yes")

    assert outcome.returncode == 1
    assert "nowhere.toml" in outcome.stderr
    assert "Traceback" not in outcome.stderr


@pytest.mark.slow
def test_a_step_that_fails_says_why(tmp_path: Path) -> None:
    kit = Kit(
        load(FOLDER / "dev.toml"),
        FOLDER / "dev.toml",
        build=tmp_path / "no-bundles",
        assembly=tmp_path / "out",
        quiet=True,
    )

    with pytest.raises(KitFailed, match="make build"):
        kit.synthesize()


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield


def test_a_bucket_is_emptied_with_all_that_it_kept(account: None) -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="site")
    s3.put_bucket_versioning(Bucket="site", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"2"):
        s3.put_object(Bucket="site", Key="embed.js", Body=body)
    s3.delete_object(Bucket="site", Key="embed.js")

    assert empty("site") == 3
    s3.delete_bucket(Bucket="site")  # refused for one that holds anything
    assert empty("site") == 0

"""The command behind `make bootstrap`, `diff`, `deploy` and `destroy`: what it says before it touches anything."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import boto3
import pytest
from moto import mock_aws

from infra import ROOT
from infra.deploy.buckets import empty
from infra.deploy.deployment import Deployment
from infra.deploy.kit import Kit, KitFailed
from infra.deploy.outputs import Edge
from infra.environment import FOLDER, load

EDGE = Edge("d1.cloudfront.net", "E1", "site")


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


@pytest.mark.slow
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


@pytest.mark.slow
def test_taking_down_a_trial_says_that_everything_goes() -> None:
    outcome = run("destroy", "--environment", "dev", answer="prod\n")

    goes, kept = outcome.stdout.split("This is kept:")
    assert outcome.returncode == 1
    assert "aisdr-dev-conversations" in goes
    assert "aisdr-dev-" not in kept


@pytest.mark.slow
def test_without_credentials_it_says_so() -> None:
    outcome = run("smoke", "--environment", "dev")

    assert outcome.returncode == 1
    assert outcome.stderr.startswith("AWS refused: Unable to locate credentials")


@pytest.mark.slow
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


class Tool:
    """Stands in the kit's place, and notes what it was asked."""

    def __init__(self, edge: Edge | None = None) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.edge = edge

    def synthesize(self, distribution: str | None = None, *, with_code: bool = True) -> None:
        self.asked.append(("synthesize", str(distribution) if with_code else "no code"))

    def deploy(self, *stacks: str, ask: bool = True) -> None:
        self.asked.append(("deploy", *stacks))
        self.edge = EDGE

    def destroy(self, *stacks: str) -> None:
        self.asked.append(("destroy", *stacks))


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Tool], Deployment]:
    """One whose stacks stand as far as the tool has made them (moto's CloudFormation needs a package that we lack)."""

    def made(name: str, tool: Tool) -> Deployment:
        monkeypatch.setattr("infra.deploy.deployment.edge_of", lambda environment: tool.edge)
        return Deployment(load(FOLDER / f"{name}.toml"), cast("Kit", tool), ROOT / "build", ROOT / "no-index")

    return made


def test_the_functions_learn_the_distributions_name_in_the_first_deployment(
    deployment: Callable[[str, Tool], Deployment],
) -> None:
    tool = Tool()

    assert deployment("dev", tool).deploy(ask=False) == EDGE

    told = ("synthesize", EDGE.address)
    assert tool.asked == [("synthesize", "None"), ("deploy",), told, ("deploy", "Api")]


def test_later_ones_know_it_from_the_start(deployment: Callable[[str, Tool], Deployment]) -> None:
    tool = Tool(EDGE)

    deployment("dev", tool).deploy(ask=False)

    assert tool.asked == [("synthesize", EDGE.address), ("deploy",)]


def test_one_with_a_domain_needs_no_second_step(deployment: Callable[[str, Tool], Deployment]) -> None:
    tool = Tool()

    deployment("prod", tool).deploy(ask=False)

    assert tool.asked == [("synthesize", "None"), ("deploy",)]


def test_what_holds_data_is_not_taken_down_where_it_is_to_be_kept(
    account: None, deployment: Callable[[str, Tool], Deployment]
) -> None:
    kept, lost = Tool(), Tool()

    deployment("prod", kept).destroy()
    deployment("dev", lost).destroy()

    assert kept.asked[-1] == ("destroy", "Observability", "Edge", "Api")
    assert lost.asked == [("synthesize", "no code"), ("destroy",)]


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

"""What an operator does after the first deployment: look, change, go back, and take it down at the end."""

import httpx
import pytest

from dev.deployment.local import LocalDeployment
from infra.deploy.__main__ import NOTHING_TO_CHANGE
from infra.deploy.account import ROLE

pytestmark = pytest.mark.deployed
OLD, NEW = "This address is not for visitors", "This address is for nobody"


def answered(deployment: LocalDeployment) -> str:
    """What the function `session` says to whoever comes round the distribution: words that stand in its own code."""
    own = f"{deployment.endpoint}/_aws/execute-api/{deployment.api_id('http')}/$default"
    return str(httpx.get(f"{own}/api/widget/hypersonix", timeout=30).json()["error"]["message"])


def test_a_second_deployment_would_change_nothing(deployment: LocalDeployment) -> None:
    assert NOTHING_TO_CHANGE in deployment.run("diff", "--built")


def test_what_the_account_was_given_once_it_keeps(deployment: LocalDeployment) -> None:
    given = deployment.client("apigateway").get_account()["cloudwatchRoleArn"]

    again = deployment.run("bootstrap")

    assert given.endswith(f":role/{ROLE}")
    assert "(no changes)" in again
    assert "API Gateway" not in again


def test_changed_code_becomes_a_version_and_the_alias_moves_to_it_and_back(deployment: LocalDeployment) -> None:
    assert answered(deployment).startswith(OLD)
    folder = deployment.build / "session"
    source = folder / "aisdr" / "edge.py"
    source.write_text(source.read_text().replace(OLD, NEW))
    for compiled in folder.rglob("edge.*.pyc"):
        compiled.unlink()  # nobody looks at its source any more

    difference = deployment.run("diff", "--built")
    deployment.run("deploy", "--built")

    assert "AWS::Lambda::Version" in difference
    assert NOTHING_TO_CHANGE not in difference
    assert {name: deployment.version(name) for name in ("session", "search")} == {"session": "2", "search": "1"}
    assert answered(deployment).startswith(NEW)

    deployment.client("lambda").update_alias(FunctionName=deployment.named("session"), Name="live", FunctionVersion="1")

    assert answered(deployment).startswith(OLD)


def test_taken_down_nothing_is_left_but_the_accounts_own(deployment: LocalDeployment) -> None:
    said = deployment.run("destroy")

    goes, kept = said.partition("This is kept:")[0], said.partition("This is kept:")[2]
    assert deployment.named("conversations") in goes
    assert "CDKToolkit" in kept
    stacks = deployment.client("cloudformation").list_stacks()["StackSummaries"]
    standing = {each["StackName"] for each in stacks if each["StackStatus"] != "DELETE_COMPLETE"}
    assert standing == {"CDKToolkit"}
    assert deployment.client("lambda").list_functions()["Functions"] == []
    assert deployment.client("dynamodb").list_tables()["TableNames"] == []
    assert [
        each["Name"] for each in deployment.client("s3").list_buckets()["Buckets"] if each["Name"].startswith("aisdr-")
    ] == []

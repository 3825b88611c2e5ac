"""Records of decisions leave every function's log for a bucket that only keeps; what holds personal data runs out."""

import json
from collections.abc import Mapping

import pytest

from functions import FUNCTIONS
from tests.infra.templates import Synthesis

pytestmark = pytest.mark.slow
ENVIRONMENTS = ("dev", "prod", "serverless")
SHORT = {"serverless": "srvless"}
"""What a file's environment calls itself, where that is another name than the file's."""


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_every_functions_records_and_the_operators_are_handed_on(syntheses: Mapping[str, Synthesis], name: str) -> None:
    stack = syntheses[name]["Observability"]

    told = [*stack.of_type("Logs::SubscriptionFilter").values()]
    (stream,) = stack.of_type("KinesisFirehose::DeliveryStream")
    assert {each["LogGroupName"] for each in told} == {
        f"/aisdr/{SHORT.get(name, name)}/{what}" for what in (*(function.name for function in FUNCTIONS), "audit")
    }
    assert {each["FilterPattern"] for each in told} == {'{ $.audit = "*" }'}
    assert {json.dumps(each["DestinationArn"]) for each in told} == {json.dumps({"Fn::GetAtt": [stream, "Arn"]})}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_nobody_may_change_or_delete_a_record(syntheses: Mapping[str, Synthesis], name: str) -> None:
    stack = syntheses[name]["Observability"]

    (bucket,) = [each for key, each in stack.of_type("S3::Bucket").items() if key.startswith("AuditBucket")]
    allowed = {
        action
        for key, policy in stack.of_type("S3::BucketPolicy").items()
        if key.startswith("AuditBucket")
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    }
    assert allowed == {
        "s3:PutObject",
        "s3:AbortMultipartUpload",
        "s3:GetBucketLocation",
        "s3:ListBucket",
        "s3:ListBucketMultipartUploads",
    }
    if name == "prod":
        rule = bucket["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
        assert (rule["Mode"], rule["Days"]) == ("GOVERNANCE", 365)


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_every_table_lets_old_rows_expire_and_every_log_group_forgets(
    syntheses: Mapping[str, Synthesis], name: str
) -> None:
    """T-PRV-03."""
    stacks = [syntheses[name][stack] for stack in ("Data", "Api", "Edge", "Observability")]

    groups = [group for stack in stacks for group in stack.of_type("Logs::LogGroup").values()]
    tables = [table for stack in stacks for table in stack.of_type("DynamoDB::GlobalTable").values()]
    assert len(groups) > len(FUNCTIONS)
    assert all(1 <= group["RetentionInDays"] <= 731 for group in groups)
    assert len(tables) == 2
    assert all(table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True} for table in tables)

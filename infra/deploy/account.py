"""What an account needs once in each region, and no stack may own: a role for API Gateway's access logs."""

import json
from typing import Any

import boto3
from botocore.exceptions import ClientError

ROLE = "aisdr-api-gateway-logs"
WRITES_LOGS = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


def let_api_gateway_log(region: str) -> bool:
    """Gives API Gateway a role for its logs where it has none; whoever gave it one keeps it. Returns if it did."""
    gateway = boto3.client("apigateway", region_name=region)
    if gateway.get_account().get("cloudwatchRoleArn"):
        return False
    arn = _role(boto3.client("iam"))
    gateway.update_account(patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": arn}])
    return True


def _role(iam: Any) -> str:
    try:
        made = iam.create_role(
            RoleName=ROLE,
            AssumeRolePolicyDocument=json.dumps(TRUST),
            Description="API Gateway writes its access logs with it, for every API of the account",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "EntityAlreadyExists":
            raise
        made = iam.get_role(RoleName=ROLE)
    iam.attach_role_policy(RoleName=ROLE, PolicyArn=WRITES_LOGS)
    return str(made["Role"]["Arn"])

"""What API Gateway writes down of a request: enough to find it, and neither a path (one is a secret) nor an address."""

import json
from typing import cast

from aws_cdk import aws_apigatewayv2 as gateway
from constructs import Construct

from infra.environment import Environment
from infra.log import log_group, log_name

FIELDS = {
    "requestId": "$context.requestId",
    "routeKey": "$context.routeKey",
    "status": "$context.status",
    "time": "$context.requestTime",
    "latencyMs": "$context.integrationLatency",
    "error": "$context.integrationErrorMessage",
}


def write_access_log(stage: Construct, environment: Environment, what: str) -> None:
    """One JSON line for each request of a stage; a message of a socket is a request."""
    group = log_group(stage, "AccessLog", environment, what)
    arn = f"arn:aws:logs:{environment.region}:{environment.account}:log-group:{log_name(environment, what)}"
    made = cast("gateway.CfnStage", stage.node.default_child)
    made.access_log_settings = gateway.CfnStage.AccessLogSettingsProperty(
        # Written out: the group's own attribute ends in a star, which API Gateway does not take.
        destination_arn=arn,
        format=json.dumps(FIELDS),
    )
    made.node.add_dependency(group)

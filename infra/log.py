"""A log group: kept for as long as the environment says, and gone with its stack."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.environment import Environment

RETENTION = {
    7: logs.RetentionDays.ONE_WEEK,
    14: logs.RetentionDays.TWO_WEEKS,
    30: logs.RetentionDays.ONE_MONTH,
    60: logs.RetentionDays.TWO_MONTHS,
    90: logs.RetentionDays.THREE_MONTHS,
    180: logs.RetentionDays.SIX_MONTHS,
    365: logs.RetentionDays.ONE_YEAR,
    731: logs.RetentionDays.TWO_YEARS,
}


def log_group(scope: Construct, name: str, environment: Environment, what: str) -> logs.LogGroup:
    return logs.LogGroup(
        scope,
        name,
        log_group_name=log_name(environment, what),
        retention=RETENTION[environment.log_days],
        removal_policy=RemovalPolicy.DESTROY,
    )


def log_name(environment: Environment, what: str) -> str:
    """`/aisdr/ENVIRONMENT/WHAT`, so that another stack can speak of it by name."""
    return f"/aisdr/{environment.name}/{what}"

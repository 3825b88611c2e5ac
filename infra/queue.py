"""How every queue of ours is: sealed, over TLS only, and patient for two weeks."""

from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.environment import Environment


def queue(scope: Construct, name: str, environment: Environment, what: str, **more: Any) -> sqs.Queue:
    return sqs.Queue(
        scope,
        name,
        queue_name=environment.named(what),
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        retention_period=Duration.days(14),
        **more,
    )


def last_stop(scope: Construct, name: str, environment: Environment, what: str) -> sqs.Queue:
    """For whoever looks into it; nobody reads it by itself."""
    made = queue(scope, name, environment, what)
    acknowledge(
        made,
        "It is the last stop itself: what could not be done lies here for two weeks, and an alarm says so",
        "AwsSolutions-SQS3",
        "Serverless-SQSRedrivePolicy",
    )
    return made

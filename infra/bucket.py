"""How every bucket of ours is: private, over TLS only, and with an access log."""

from typing import Any

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.environment import Environment


def private_bucket(
    scope: Construct, name: str, environment: Environment, what: str, *, precious: bool = True, **more: Any
) -> s3.Bucket:
    """Nobody reads it but by a policy that says so; taken down with its stack only when it is empty.

    One that is not `precious` never outlives its stack: its name would be in the way of the next one's.
    """
    return s3.Bucket(
        scope,
        name,
        bucket_name=environment.bucket(what),
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        enforce_ssl=True,
        minimum_tls_version=1.2,
        removal_policy=RemovalPolicy.RETAIN if environment.keep and precious else RemovalPolicy.DESTROY,
        **more,
    )


def log_bucket(scope: Construct, environment: Environment, what: str, *, precious: bool = True) -> s3.Bucket:
    """Where the others' access logs go, for as long as the functions' logs are kept."""
    return private_bucket(
        scope,
        "Logs",
        environment,
        what,
        precious=precious,
        encryption=s3.BucketEncryption.S3_MANAGED,
        lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(environment.log_days))],
    )

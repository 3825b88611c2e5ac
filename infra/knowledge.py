"""The knowledge bucket: what companies' people drop below their company's prefix, and the queue that tells of it.

`{company_id}/{path}` is the file `path` of that company's folder. Each change is told to a queue; the function that
reads the queue hangs on it in the stack Api, so that nothing is lost while that one is deployed.
"""

from typing import cast

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from functions import FUNCTIONS, Function
from infra.bucket import log_bucket, private_bucket
from infra.environment import Environment
from infra.queue import last_stop, queue

EVENTS = ("s3:ObjectCreated:*", "s3:ObjectRemoved:*")
MOST_TRIES = 10
"""With the pause between two: almost three hours, in which an operator's run may be over and a vendor back."""
BATCH = 100
GATHERED = Duration.seconds(10)
"""Who drops a folder drops many files: they are looked at together."""
MOST_AT_ONCE = 5
"""Companies are ingested one run at a time, so more would only wait for each other."""
REGRET = Duration.days(30)
"""How long what was overwritten or deleted can be brought back: the bucket may hold the only original."""


class Knowledge(Construct):
    def __init__(self, scope: Construct, environment: Environment, key: kms.Key) -> None:
        super().__init__(scope, "Knowledge")
        for function in FUNCTIONS:
            if function.bucket:
                self._bucket(environment, key, function, function.bucket)

    def _bucket(self, environment: Environment, key: kms.Key, function: Function, what: str) -> None:
        bucket = private_bucket(
            self,
            "Bucket",
            environment,
            what,
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=True,
            versioned=True,
            server_access_logs_bucket=log_bucket(self, environment, f"{what}-logs"),
            lifecycle_rules=[
                s3.LifecycleRule(
                    noncurrent_version_expiration=REGRET,
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                ),
                s3.LifecycleRule(expired_object_delete_marker=True),
            ],
        )
        told = self._queue(environment, function)
        # Not by a grant of the bucket's own ARN: the queue must take its messages before there is a bucket.
        policy = told.add_to_resource_policy(_from_bucket(environment, what, told))
        # The construct's own way brings a function of its own, with the right to change any bucket's notifications.
        made = cast("s3.CfnBucket", bucket.node.default_child)
        made.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            queue_configurations=[
                s3.CfnBucket.QueueConfigurationProperty(event=event, queue=told.queue_arn) for event in EVENTS
            ]
        )
        if policy.policy_dependable:
            made.node.add_dependency(policy.policy_dependable)

    def _queue(self, environment: Environment, function: Function) -> sqs.Queue:
        dead = last_stop(self, "Dead", environment, dead_letters(function))
        return queue(
            self,
            "Queue",
            environment,
            function.name,
            # Lambda refuses less than the function's own time. The customary sixfold is for queues whose messages come
            # while no function is free to take them; here no more are taken than may run.
            visibility_timeout=Duration.seconds(environment.scale(function.name).seconds + 60),
            dead_letter_queue=sqs.DeadLetterQueue(queue=dead, max_receive_count=MOST_TRIES),
        )


def dead_letters(function: Function) -> str:
    """The queue of what a function could not take."""
    return f"{function.name}-dead"


def hang(live: lambda_.Alias, environment: Environment, function: Function) -> None:
    """From here on the function is called with what its queue holds. What it says to have failed comes again."""
    live.add_event_source_mapping(
        "Queue",
        event_source_arn=f"arn:aws:sqs:{environment.region}:{environment.account}:{environment.named(function.name)}",
        batch_size=BATCH,
        max_batching_window=GATHERED,
        max_concurrency=MOST_AT_ONCE,
        report_batch_item_failures=True,
    )


def _from_bucket(environment: Environment, what: str, told: sqs.Queue) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        principals=[iam.ServicePrincipal("s3.amazonaws.com")],
        actions=["sqs:SendMessage"],
        resources=[told.queue_arn],
        conditions={
            "ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::{environment.bucket(what)}"},
            "StringEquals": {"aws:SourceAccount": environment.account},
        },
    )

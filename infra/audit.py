"""The audit stream on AWS: every record of a decision, out of all functions' logs, into a bucket where it is only kept.

A log group's retention is short, and who may run a function's stack may delete its logs. So CloudWatch Logs hands each
line that is a record (`$.audit`, see `aisdr/audit.py`) to Firehose, which writes it below a day's prefix. No role of
ours may change or delete an object there; where an environment is to be kept, the bucket's lock forbids it to everybody
who is not allowed to lift it by name. Source: https://docs.aws.amazon.com/firehose/latest/dev/writing-with-cloudwatch-logs.html
"""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kinesisfirehose as firehose
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from functions import FUNCTIONS
from infra.bucket import log_bucket, private_bucket
from infra.environment import AUDIT_LOG, Environment
from infra.log import RETENTION, log_name

RECORDS = '{ $.audit = "*" }'
_FLUSH_SECONDS, _FLUSH_MB = 300, 5


class AuditStream(Construct):
    def __init__(self, scope: Construct, environment: Environment) -> None:
        super().__init__(scope, "Audit")
        days = environment.audit_days
        self._environment = environment
        bucket = private_bucket(
            self,
            "Bucket",
            environment,
            "audit",
            encryption=s3.BucketEncryption.S3_MANAGED,
            versioned=True,
            object_lock_enabled=environment.keep or None,
            object_lock_default_retention=s3.ObjectLockRetention.governance(Duration.days(days))
            if environment.keep
            else None,
            server_access_logs_bucket=log_bucket(self, environment, "audit-logs"),
            lifecycle_rules=[
                s3.LifecycleRule(expiration=Duration.days(days + 1), noncurrent_version_expiration=Duration.days(1))
            ],
        )
        stream = self._stream(bucket)
        operators = logs.LogGroup(
            self,
            "Operators",
            log_group_name=log_name(environment, AUDIT_LOG),
            retention=RETENTION[days],
            removal_policy=RemovalPolicy.RETAIN if environment.keep else RemovalPolicy.DESTROY,
        )
        teller = iam.Role(
            self,
            "Teller",
            assumed_by=iam.ServicePrincipal(f"logs.{environment.region}.amazonaws.com"),
            description=f"Hands records of decisions of AI SDR {environment.name} on to their bucket",
            inline_policies={
                "Tell": iam.PolicyDocument(
                    statements=[
                        iam.PolicyStatement(
                            actions=["firehose:PutRecord", "firehose:PutRecordBatch"], resources=[stream.attr_arn]
                        )
                    ]
                )
            },
        )
        for name in (*(function.name for function in FUNCTIONS), AUDIT_LOG):
            told = logs.CfnSubscriptionFilter(
                self,
                f"Of {name}",
                log_group_name=log_name(environment, name),
                filter_pattern=RECORDS,
                destination_arn=stream.attr_arn,
                role_arn=teller.role_arn,
            )
            if name == AUDIT_LOG:
                told.node.add_dependency(operators)

    def _stream(self, bucket: s3.Bucket) -> firehose.CfnDeliveryStream:
        writer = iam.Role(
            self,
            "Writer",
            assumed_by=iam.ServicePrincipal("firehose.amazonaws.com"),
            description=f"Writes records of decisions of AI SDR {self._environment.name}, and can do nothing else",
        )
        # By the bucket's own policy: it names what may be done here, and neither reading nor deleting is in it.
        policy = bucket.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ArnPrincipal(writer.role_arn)],
                actions=["s3:PutObject", "s3:AbortMultipartUpload"],
                resources=[bucket.arn_for_objects("*")],
            )
        )
        bucket.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ArnPrincipal(writer.role_arn)],
                actions=["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
                resources=[bucket.bucket_arn],
            )
        )
        stream = firehose.CfnDeliveryStream(
            self,
            "Stream",
            delivery_stream_name=self._environment.named("audit"),
            delivery_stream_type="DirectPut",
            delivery_stream_encryption_configuration_input=(
                firehose.CfnDeliveryStream.DeliveryStreamEncryptionConfigurationInputProperty(key_type="AWS_OWNED_CMK")
            ),
            extended_s3_destination_configuration=firehose.CfnDeliveryStream.ExtendedS3DestinationConfigurationProperty(
                bucket_arn=bucket.bucket_arn,
                role_arn=writer.role_arn,
                prefix="records/!{timestamp:yyyy/MM/dd}/",
                error_output_prefix="not-understood/!{firehose:error-output-type}/",
                compression_format="UNCOMPRESSED",  # CloudWatch Logs has packed them already
                buffering_hints=firehose.CfnDeliveryStream.BufferingHintsProperty(
                    interval_in_seconds=_FLUSH_SECONDS, size_in_m_bs=_FLUSH_MB
                ),
            ),
        )
        if policy.policy_dependable:
            stream.node.add_dependency(policy.policy_dependable)
        return stream

"""The media bucket: what companies show, and for seven days what was read aloud."""

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from aisdr.media_links import PRIVATE
from aisdr.speech.recordings import KEPT_SECONDS
from infra.bucket import log_bucket, private_bucket
from infra.environment import Environment

SPEECH = "speech/"
TRANSCRIBING = ".transcribing/"
"""Sound on its way to Amazon Transcribe and back, which an operator's ingestion puts here for a few minutes."""
CLOUDFRONT = iam.ServicePrincipal("cloudfront.amazonaws.com")


class Media(Construct):
    """Read by the distribution, but for what was read aloud: an answer may name the visitor.

    What is for visitors only is read by it, too, for addresses with a signature (`distribution.py`).
    """

    def __init__(self, scope: Construct, environment: Environment, key: kms.Key) -> None:
        super().__init__(scope, "Media")
        self.bucket = private_bucket(
            self,
            "Bucket",
            environment,
            "media",
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=True,
            server_access_logs_bucket=log_bucket(self, environment, "media-logs"),
            lifecycle_rules=[
                s3.LifecycleRule(prefix=SPEECH, expiration=Duration.seconds(KEPT_SECONDS)),
                s3.LifecycleRule(abort_incomplete_multipart_upload_after=Duration.days(1)),
            ],
        )
        ours = through_our_distributions(environment)
        objects = self.bucket.arn_for_objects
        self.bucket.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[CLOUDFRONT], actions=["s3:GetObject"], resources=[objects("*")], conditions=ours
            )
        )
        closed = [SPEECH, TRANSCRIBING]
        if not environment.signs_media:
            closed.append(f"{PRIVATE}/")  # nobody could tell a visitor from anybody else
        self.bucket.add_to_resource_policy(
            iam.PolicyStatement(
                effect=iam.Effect.DENY,
                principals=[CLOUDFRONT],
                actions=["s3:GetObject"],
                resources=[objects(f"{prefix}*") for prefix in closed],
            )
        )
        key.add_to_resource_policy(
            iam.PolicyStatement(principals=[CLOUDFRONT], actions=["kms:Decrypt"], resources=["*"], conditions=ours)
        )


def through_our_distributions(environment: Environment) -> dict[str, dict[str, str]]:
    """CloudFront on behalf of a distribution of this account.

    Not of ours by its name: it is made later, in a stack of another region, and needs the bucket first.
    """
    return {"ArnLike": {"aws:SourceArn": f"arn:aws:cloudfront::{environment.account}:distribution/*"}}

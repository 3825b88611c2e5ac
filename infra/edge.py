"""The stack Edge, in us-east-1: the site, the firewall, and the distribution that stands before everything."""

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from infra.api import ApiStack
from infra.bucket import log_bucket, private_bucket
from infra.distribution import Distribution
from infra.environment import EDGE_REGION, Environment
from infra.firewall import Firewall

LOGGED = (
    "timestamp(ms)",
    "x-edge-location",
    "x-edge-request-id",
    "cs-method",
    "sc-status",
    "sc-bytes",
    "cs-bytes",
    "time-taken",
    "x-edge-result-type",
    "x-edge-detailed-result-type",
    "cs-protocol",
    "ssl-protocol",
    "c-country",
)
"""Neither a visitor's address, nor a path: that of a webhook is a secret."""


class EdgeStack(Stack):
    """The output `Address` is where browsers go, or what the operator's domain points to."""

    def __init__(self, scope: Construct, environment: Environment, api: ApiStack, **more: object) -> None:
        super().__init__(scope, "Edge", **more)  # type: ignore[arg-type]
        log = log_bucket(self, environment, "edge-logs", precious=False)
        site = private_bucket(
            self,
            "Site",
            environment,
            "site",
            precious=False,
            encryption=s3.BucketEncryption.S3_MANAGED,
            versioned=True,
            server_access_logs_bucket=log,
            server_access_logs_prefix="site/",
        )
        distribution = Distribution(
            self,
            environment,
            site=site,
            http_host=api.http.host,
            socket_host=api.sockets.host,
            firewall_arn=Firewall(self, environment).arn,
        )
        if environment.emulator is None:
            self._log_requests(environment, distribution, log)
        CfnOutput(self, "Address", value=distribution.made.distribution_domain_name)
        CfnOutput(self, "DistributionId", value=distribution.made.distribution_id)
        CfnOutput(self, "SiteBucket", value=site.bucket_name)

    def _log_requests(self, environment: Environment, distribution: Distribution, log: s3.Bucket) -> None:
        """Standard logging v2: the older one wants a bucket that takes access lists."""
        log.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("delivery.logs.amazonaws.com")],
                actions=["s3:PutObject"],
                resources=[log.arn_for_objects(f"AWSLogs/{environment.account}/*")],
                conditions={
                    "StringEquals": {"aws:SourceAccount": environment.account},
                    "ArnLike": {"aws:SourceArn": f"arn:aws:logs:{EDGE_REGION}:{environment.account}:delivery-source:*"},
                },
            )
        )
        source = logs.CfnDeliverySource(
            self,
            "RequestsOf",
            name=environment.named("edge"),
            log_type="ACCESS_LOGS",
            resource_arn=distribution.made.distribution_arn,
        )
        place = logs.CfnDeliveryDestination(
            self,
            "RequestsTo",
            name=environment.named("edge"),
            output_format="json",
            destination_resource_arn=log.bucket_arn,
        )
        delivery = logs.CfnDelivery(
            self,
            "Requests",
            delivery_source_name=source.name,
            delivery_destination_arn=place.attr_arn,
            record_fields=list(LOGGED),
        )
        delivery.add_resource_dependency(source)
        delivery.node.add_dependency(log.policy)

"""A managed OpenSearch domain: small, encrypted, open to named roles only."""

from collections.abc import Sequence

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_opensearchservice as opensearch
from constructs import Construct

from infra.acknowledge import acknowledge
from infra.environment import Environment
from infra.log import log_group, log_name

VERSION = "OpenSearch_3.3"
INDEXES = "aisdr-*"
"""Every company has an index and an alias of its own (`aisdr.index.opensearch_layout`)."""
SEARCHES = ("_msearch", "_search", "_count")
"""What a function posts to an index. All else that can be posted writes."""
LOGS = {"SEARCH_SLOW_LOGS": "slow-searches", "INDEX_SLOW_LOGS": "slow-writes", "ES_APPLICATION_LOGS": "application"}


class Domain(Construct):
    """Requests are signed by IAM; what is not signed by one of the named roles gets no answer.

    `url` is where it answers, `service` how requests are signed.
    """

    service = "es"

    def __init__(
        self, scope: Construct, environment: Environment, readers: Sequence[str], writers: Sequence[str]
    ) -> None:
        super().__init__(scope, "Domain")
        wanted = environment.search
        name = environment.named("search")
        self._arn = f"arn:aws:es:{environment.region}:{environment.account}:domain/{name}"
        policy = [*self.reading()]
        for statement in policy:
            statement.add_principals(*map(iam.ArnPrincipal, readers))
        by_writers = self.writing()
        by_writers.add_principals(*map(iam.ArnPrincipal, (*writers, *wanted.operators)))
        policy.append(by_writers)
        zones = min(wanted.nodes, 3)
        domain = opensearch.CfnDomain(
            self,
            "Domain",
            domain_name=name,
            engine_version=VERSION,
            cluster_config=opensearch.CfnDomain.ClusterConfigProperty(
                instance_type=wanted.instance,
                instance_count=wanted.nodes,
                zone_awareness_enabled=zones > 1,
                zone_awareness_config=opensearch.CfnDomain.ZoneAwarenessConfigProperty(availability_zone_count=zones)
                if zones > 1
                else None,
            ),
            ebs_options=opensearch.CfnDomain.EBSOptionsProperty(
                ebs_enabled=True, volume_type="gp3", volume_size=wanted.volume_gb
            ),
            encryption_at_rest_options=opensearch.CfnDomain.EncryptionAtRestOptionsProperty(enabled=True),
            node_to_node_encryption_options=opensearch.CfnDomain.NodeToNodeEncryptionOptionsProperty(enabled=True),
            domain_endpoint_options=opensearch.CfnDomain.DomainEndpointOptionsProperty(
                enforce_https=True, tls_security_policy="Policy-Min-TLS-1-2-PFS-2023-10"
            ),
            access_policies=iam.PolicyDocument(statements=policy).to_json(),
            log_publishing_options={
                kind: opensearch.CfnDomain.LogPublishingOptionProperty(
                    cloud_watch_logs_log_group_arn=log_group(
                        self, kind, environment, f"opensearch/{what}"
                    ).log_group_arn,
                    enabled=True,
                )
                for kind, what in LOGS.items()
            },
        )
        domain.apply_removal_policy(RemovalPolicy.RETAIN if environment.keep else RemovalPolicy.DESTROY)
        domain.node.add_dependency(self._may_write_logs(environment))
        self.url = f"https://{domain.attr_domain_endpoint}"
        acknowledge(
            domain,
            "In a VPC every function would have to stand there as well, with a NAT to reach the vendors and a slower "
            "start; instead only requests signed by a named role are answered, from wherever they come, over TLS",
            "AwsSolutions-OS1",
            "AwsSolutions-OS3",
        )
        acknowledge(
            domain, "Masters of their own pay off from three data nodes; give more to have them", "AwsSolutions-OS4"
        )

    def reading(self) -> list[iam.PolicyStatement]:
        """For the role of a function that searches; the domain's own policy says the same."""
        indexes, *searches, _ = self.stars
        return [
            iam.PolicyStatement(actions=["es:ESHttpGet"], resources=[indexes]),
            iam.PolicyStatement(actions=["es:ESHttpPost"], resources=searches),
        ]

    @property
    def stars(self) -> list[str]:
        """What a role names with a star, because every company's index is made when it is first ingested."""
        searches = (f"{self._arn}/{INDEXES}/{search}" for search in SEARCHES)
        return [f"{self._arn}/{INDEXES}", *searches, f"{self._arn}/_alias/{INDEXES}"]

    def writing(self) -> iam.PolicyStatement:
        """For the role of a function that ingests, and for operators."""
        return iam.PolicyStatement(
            actions=[f"es:ESHttp{verb}" for verb in ("Get", "Head", "Post", "Put", "Delete")],
            resources=[f"{self._arn}/{place}" for place in ("", INDEXES, f"_alias/{INDEXES}")],
        )

    def _may_write_logs(self, environment: Environment) -> logs.CfnResourcePolicy:
        place = (
            f"arn:aws:logs:{environment.region}:{environment.account}:log-group:{log_name(environment, 'opensearch/*')}"
        )
        statement = iam.PolicyStatement(
            principals=[iam.ServicePrincipal("es.amazonaws.com")],
            actions=["logs:PutLogEvents", "logs:CreateLogStream"],
            resources=[place],
            conditions={"StringEquals": {"aws:SourceAccount": environment.account}},
        )
        document = Stack.of(self).to_json_string(iam.PolicyDocument(statements=[statement]).to_json())
        return logs.CfnResourcePolicy(
            self, "MayWriteLogs", policy_name=environment.named("opensearch"), policy_document=document
        )

"""An OpenSearch Serverless collection: encrypted, open to named roles only, nothing of it is ours to run."""

import json
from collections.abc import Sequence

from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_opensearchserverless as aoss
from constructs import Construct

from infra.environment import Environment

READ = ["aoss:DescribeIndex", "aoss:ReadDocument"]
WRITE = [*READ, "aoss:CreateIndex", "aoss:UpdateIndex", "aoss:DeleteIndex", "aoss:WriteDocument"]


class Collection(Construct):
    """`url` is where it answers, `service` how requests are signed."""

    service = "aoss"

    def __init__(
        self, scope: Construct, environment: Environment, readers: Sequence[str], writers: Sequence[str]
    ) -> None:
        super().__init__(scope, "Collection")
        name = environment.named("search")
        place = {"ResourceType": "collection", "Resource": [f"collection/{name}"]}
        before = [
            aoss.CfnSecurityPolicy(
                self,
                "Encryption",
                name=name,
                type="encryption",
                policy=json.dumps({"Rules": [place], "AWSOwnedKey": True}),
            ),
            aoss.CfnSecurityPolicy(
                self,
                "Network",
                name=name,
                type="network",
                policy=json.dumps([{"Rules": [place], "AllowFromPublic": True}]),
            ),
        ]
        self._collection = aoss.CfnCollection(
            self,
            "Collection",
            name=name,
            type="VECTORSEARCH",
            standby_replicas="ENABLED" if environment.search.standby else "DISABLED",
        )
        for policy in before:
            self._collection.add_resource_dependency(policy)
        self._collection.apply_removal_policy(RemovalPolicy.RETAIN if environment.keep else RemovalPolicy.DESTROY)
        rules = [_rule(name, READ, readers), _rule(name, WRITE, (*writers, *environment.search.operators))]
        aoss.CfnAccessPolicy(self, "Access", name=name, type="data", policy=json.dumps(rules))
        self.url = self._collection.attr_collection_endpoint

    @property
    def stars(self) -> list[str]:
        """What `reading` names with a star: nothing."""
        return []

    def reading(self) -> list[iam.PolicyStatement]:
        """For the role of a function that searches: it may knock; what it may read the collection's own policy says."""
        return [self.writing()]

    def writing(self) -> iam.PolicyStatement:
        """The same for one that ingests."""
        return iam.PolicyStatement(actions=["aoss:APIAccessAll"], resources=[self._collection.attr_arn])


def _rule(name: str, permissions: Sequence[str], principals: Sequence[str]) -> dict[str, object]:
    index = {"ResourceType": "index", "Resource": [f"index/{name}/aisdr-*"], "Permission": list(permissions)}
    return {"Rules": [index], "Principal": list(principals)}

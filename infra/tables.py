"""The two DynamoDB tables, made from the very definition that makes the local ones (`aisdr.table.schema`)."""

from typing import Any

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kms as kms
from constructs import Construct

from aisdr.table.schema import TIME_TO_LIVE, table_definition
from infra.environment import Environment

Types = dict[str, dynamodb.AttributeType]
TYPES = {"S": dynamodb.AttributeType.STRING, "N": dynamodb.AttributeType.NUMBER}


class Tables(Construct):
    """`companies` is written by operators, `conversations` by visitors' traffic; both are sealed with our own key.

    They are global tables with one replica (`TableV2`), so that a second region can be added without a new table.
    """

    def __init__(self, scope: Construct, environment: Environment, key: kms.IKey) -> None:
        super().__init__(scope, "Tables")
        for name, with_open_index in (("companies", False), ("conversations", True)):
            self._table(
                environment, key, name, table_definition(environment.named(name), with_open_index=with_open_index)
            )

    def _table(self, environment: Environment, key: kms.IKey, name: str, definition: dict[str, Any]) -> None:
        types = {each["AttributeName"]: TYPES[each["AttributeType"]] for each in definition["AttributeDefinitions"]}
        own = _keys(definition["KeySchema"], types)
        dynamodb.TableV2(
            self,
            name.title(),
            table_name=definition["TableName"],
            partition_key=own["HASH"],
            sort_key=own["RANGE"],
            global_secondary_indexes=[_index(each, types) for each in definition.get("GlobalSecondaryIndexes", ())],
            billing=dynamodb.Billing.on_demand(),
            time_to_live_attribute=TIME_TO_LIVE,
            encryption=dynamodb.TableEncryptionV2.customer_managed_key(key),
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=environment.keep,
            removal_policy=RemovalPolicy.RETAIN if environment.keep else RemovalPolicy.DESTROY,
        )


def _index(index: dict[str, Any], types: Types) -> dynamodb.GlobalSecondaryIndexPropsV2:
    own = _keys(index["KeySchema"], types)
    return dynamodb.GlobalSecondaryIndexPropsV2(
        index_name=index["IndexName"],
        partition_key=own["HASH"],
        sort_key=own["RANGE"],
        projection_type=dynamodb.ProjectionType[index["Projection"]["ProjectionType"]],
    )


def _keys(schema: list[dict[str, str]], types: Types) -> dict[str, dynamodb.Attribute]:
    return {
        each["KeyType"]: dynamodb.Attribute(name=each["AttributeName"], type=types[each["AttributeName"]])
        for each in schema
    }

"""The one shape of both tables: their keys, the index of what is still open, and how they are made."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEY_SCHEMA = {"pk": "HASH", "sk": "RANGE"}
TIME_TO_LIVE = "expires_at"
OPEN_INDEX = "open-operations"
"""Sparse index over items that carry `open_until`: calls to end, conversations to close, messages to send."""
OPEN_INDEX_KEYS = {"open_group": "HASH", "open_until": "RANGE"}
ATTRIBUTE_TYPES = {"pk": "S", "sk": "S", "open_group": "S", "open_until": "N"}


def table_definition(name: str, *, with_open_index: bool) -> dict[str, Any]:
    """The one schema: `CreateTable` parameters, which infra translates into its construct."""
    attributes = ["pk", "sk", *(OPEN_INDEX_KEYS if with_open_index else ())]
    definition: dict[str, Any] = {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": key, "KeyType": kind} for key, kind in KEY_SCHEMA.items()],
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": ATTRIBUTE_TYPES[key]} for key in attributes],
    }
    if with_open_index:
        definition["GlobalSecondaryIndexes"] = [
            {
                "IndexName": OPEN_INDEX,
                "KeySchema": [{"AttributeName": key, "KeyType": kind} for key, kind in OPEN_INDEX_KEYS.items()],
                "Projection": {"ProjectionType": "ALL"},
            }
        ]
    return definition


def create_tables(client: "DynamoDBClient", companies: str, conversations: str) -> None:
    """Creates both tables where they are missing. Safe to repeat."""
    existing = set(client.list_tables()["TableNames"])
    for name, with_open_index in ((companies, False), (conversations, True)):
        if name not in existing:
            client.create_table(**table_definition(name, with_open_index=with_open_index))
            client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
            client.update_time_to_live(
                TableName=name, TimeToLiveSpecification={"Enabled": True, "AttributeName": TIME_TO_LIVE}
            )

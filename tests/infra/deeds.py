"""What a function does on AWS, written down while it does it: every call of the SDK as IAM would judge it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from botocore.client import BaseClient

WRITES = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}


@dataclass(frozen=True, order=True)
class Deed:
    """`place` is the end of the resource's ARN: a table, an index, an object, a secret, a socket."""

    function: str
    action: str
    place: str


@dataclass
class Record:
    """Who is at work now, and what was done so far."""

    function: str = "nobody"
    deeds: set[Deed] = field(default_factory=set)

    @contextmanager
    def at_work(self, function: str) -> Iterator[None]:
        before, self.function = self.function, function
        try:
            yield
        finally:
            self.function = before

    def note(self, service: str, operation: str, asked: dict[str, Any]) -> None:
        for action, place in _judged(service, operation, asked):
            self.deeds.add(Deed(self.function, action, place))


@contextmanager
def recorded() -> Iterator[Record]:
    record, call = Record(), BaseClient._make_api_call  # type: ignore[attr-defined]  # every call goes through it

    def noted(client: Any, operation: str, asked: dict[str, Any]) -> Any:
        record.note(client.meta.service_model.service_name, operation, asked)
        return call(client, operation, asked)

    with patch.object(BaseClient, "_make_api_call", noted):
        yield record


def _judged(service: str, operation: str, asked: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """A transaction is judged by its writes, and a key's bucket object by the object."""
    match service, operation:
        case "dynamodb", "TransactWriteItems":
            for each in asked["TransactItems"]:
                ((kind, write),) = each.items()
                yield f"dynamodb:{WRITES[kind]}", write["TableName"]
        case "dynamodb", _:
            index = f"/index/{asked['IndexName']}" if "IndexName" in asked else ""
            yield f"dynamodb:{operation}", asked["TableName"] + index
        case "apigatewaymanagementapi", "PostToConnection":
            yield "execute-api:ManageConnections", f"ws/POST/@connections/{asked['ConnectionId']}"
        case "apigatewaymanagementapi", "DeleteConnection":
            yield "execute-api:ManageConnections", f"ws/DELETE/@connections/{asked['ConnectionId']}"
        case "s3", "ListObjectsV2":
            yield "s3:ListBucket", asked["Bucket"]
        case "s3", _:
            yield f"s3:{operation.replace('Head', 'Get')}", asked["Key"]
        case "secretsmanager", _:
            yield f"secretsmanager:{operation}", asked["SecretId"].partition(":secret:")[2].rpartition("-")[0]
        case _:
            yield f"{service}:{operation}", "*"

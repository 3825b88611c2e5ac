"""What each step of a conversation asks of DynamoDB, of the sockets and of the log, counted where it is asked."""

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from botocore.client import BaseClient

KB = 1024
READ_KB = 4
WRITES = ("Put", "Update", "Delete", "ConditionCheck")


@dataclass
class Step:
    """Calls of DynamoDB and the units they take on demand, posts to sockets, and characters written into the log."""

    calls: int = 0
    reads: float = 0.0
    writes: float = 0.0
    posts: int = 0
    log: int = 0


@contextmanager
def counting() -> Iterator[Step]:
    """Counts every call of the AWS SDK in this process. Units are those of the documentation: an item of up to 1 KB
    a write, up to 4 KB half a read (a whole one where it is consistent), twice as much in a transaction."""
    step, call = Step(), BaseClient._make_api_call  # type: ignore[attr-defined]  # every call goes through it

    def counted(client: Any, operation: str, asked: dict[str, Any]) -> Any:
        answer = call(client, operation, asked)
        if operation == "PostToConnection":
            step.posts += 1
        elif client.meta.service_model.service_name == "dynamodb":
            step.calls += 1
            _add(step, operation, asked, answer)
        return answer

    with patch.object(BaseClient, "_make_api_call", counted):
        yield step


def _add(step: Step, operation: str, asked: dict[str, Any], answer: dict[str, Any]) -> None:
    consistent = 1.0 if asked.get("ConsistentRead") else 0.5
    match operation:
        case "GetItem":
            step.reads += consistent * _units(answer.get("Item"), READ_KB)
        case "Query":
            step.reads += consistent * _units(answer["Items"], READ_KB)
        case "PutItem":
            step.writes += _written(asked["Item"])
        case "UpdateItem":
            step.writes += _written(answer.get("Attributes"))
        case "DeleteItem":
            step.writes += 1
        case "TransactWriteItems":
            for each in asked["TransactItems"]:
                ((_, write),) = each.items()
                step.writes += (
                    2 * _written(write.get("Item")) * (2 if "open_" in write.get("UpdateExpression", "") else 1)
                )
        case _:
            raise AssertionError(f"{operation} has no price here")


def _written(item: Any) -> float:
    """An item that stands in the index of what is open is written there, too."""
    return _units(item, 1) * (2 if item and "open_group" in item else 1)


def _units(item: Any, kilobytes: int) -> int:
    return max(1, math.ceil(len(json.dumps(item, default=str)) / (kilobytes * KB))) if item else 1

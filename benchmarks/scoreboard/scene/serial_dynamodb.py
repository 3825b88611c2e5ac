"""DynamoDB in process, one request after another: moto checks a condition and writes in two steps, AWS in one.

moto's own handler is asked directly, without HTTP on both sides of it: a figure of ten thousand creates asks it sixty
thousand times. Around a request something may happen: it is throttled, its answer is lost after it took effect, or its
process dies.
"""

import copy
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from botocore.exceptions import ClientError
from botocore.session import get_session
from moto import mock_aws
from moto.core.common_models import BaseModel
from moto.core.exceptions import JsonRESTError
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table as MotoTable
from moto.dynamodb.responses import DynamoHandler

from aisdr.table.schema import table_definition

COMPANIES, CONVERSATIONS = "companies", "conversations"
REGION = "us-east-1"
KEY_BYTES = {"pk": 2048, "sk": 1024}
"""What a key may have, and at least one. moto reads what is longer as a key of nobody's; AWS refuses the request.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""
Ask = Callable[[], Any]
Around = Callable[[str, dict[str, Any], Ask], Any]
"""Gets the verb (`update_item`), its parameters, and what carries the request out; returns the answer, or raises."""


def undisturbed(verb: str, wish: dict[str, Any], ask: Ask) -> Any:
    return ask()


class SerialDynamoDb:
    """Speaks like the SDK's client. `around` may be changed at any time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.around: Around = undisturbed
        self.exceptions: Any = (
            get_session()
            .create_client(
                "dynamodb",
                region_name=REGION,
                aws_access_key_id="testing",
                aws_secret_access_key="testing",  # noqa: S106
            )
            .exceptions
        )

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        if verb.startswith("_") or not hasattr(DynamoHandler, verb):
            raise AttributeError(verb)

        def request(**wish: Any) -> Any:
            return self.around(verb, wish, lambda: self._alone(verb, wish))

        return request

    def _alone(self, verb: str, wish: dict[str, Any]) -> Any:
        handler = DynamoHandler()
        handler.current_account, handler.region, handler.body = DEFAULT_ACCOUNT_ID, REGION, copy.deepcopy(wish)
        try:
            _check(_keys(verb, wish))
            with self._lock, _cheap_backups(wish.get("TransactItems", ())), _cheap_looks(verb, wish):
                return copy.deepcopy(getattr(handler, verb)().result)
        except JsonRESTError as refusal:
            raise self._as_the_sdk_does(refusal, verb) from None

    def _as_the_sdk_does(self, refusal: JsonRESTError, verb: str) -> ClientError:
        said = json.loads(refusal.description)
        code = said.pop("__type").rpartition("#")[2]
        response: Any = {"Error": {"Code": code, "Message": said.get("message") or said.get("Message") or ""}} | said
        kind: type[ClientError] = getattr(self.exceptions, code, ClientError)
        return kind(response, verb)


@contextmanager
def serial_dynamodb() -> Iterator[SerialDynamoDb]:
    """An AWS account of its own with both tables, until it is over."""
    with mock_aws(), _nothing_kept():
        client = SerialDynamoDb()
        client.create_table(**table_definition(COMPANIES, with_open_index=False))
        client.create_table(**table_definition(CONVERSATIONS, with_open_index=True))
        yield client


@contextmanager
def _nothing_kept() -> Iterator[None]:
    """moto lists all objects it ever made: each row that was written, and each copy of one, stays in memory."""
    with patch.object(BaseModel, "__new__", lambda kind, *_, **__: object.__new__(kind)):
        yield


def _keys(verb: str, wish: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The keys that a request names."""
    for write in wish.get("TransactItems", ()):
        for request in write.values():
            yield request.get("Item") or request["Key"]
    yield wish.get("Item") or wish.get("Key") or {}
    if verb == "query":
        values = wish["ExpressionAttributeValues"]
        yield {"pk": values.get(":pk")} | {"sk": values.get(":start") or values.get(":prefix")}


def _check(keys: Iterable[Mapping[str, Any]]) -> None:
    for key in keys:
        for name, most in KEY_BYTES.items():
            value = (key.get(name) or {"S": "none"})["S"]
            if not 0 < len(value.encode()) <= most:
                raise MockValidationException(f"One or more parameter values were invalid: the size of the {name}")


@contextmanager
def _cheap_backups(writes: Iterable[dict[str, Any]]) -> Iterator[None]:
    """moto copies the whole table for each write of a transaction, to have it back when one is refused.

    Here the rows that are written are copied, once, and put back; the others nobody changes meanwhile.
    """
    named = [request.get("Item") or request["Key"] for write in writes for request in write.values()]
    keys = [(DynamoType(key["pk"]), DynamoType(key["sk"])) for key in named]
    before: dict[int, tuple[MotoTable, list[Any]]] = {}

    def backup(table: MotoTable, _memo: Any) -> MotoTable:
        if id(table) not in before:
            rows = [copy.deepcopy(table.items[pk].get(sk)) if pk in table.items else None for pk, sk in keys]
            before[id(table)] = table, rows
        return table

    if not keys:
        yield
        return
    try:
        with patch.object(MotoTable, "__deepcopy__", backup, create=True):
            yield
    except Exception:
        for table, rows in before.values():
            for (pk, sk), row in zip(keys, rows, strict=True):
                table.items[pk].pop(sk, None)
                if row is not None:
                    table.items[pk][sk] = row
        raise


@contextmanager
def _cheap_looks(verb: str, wish: Mapping[str, Any]) -> Iterator[None]:
    """moto puts the whole table in order for each query; a query of one partition gets that one's rows."""
    if verb != "query" or "IndexName" in wish:
        yield
        return
    partition = DynamoType(wish["ExpressionAttributeValues"][":pk"])

    def rows(table: MotoTable) -> list[Any]:
        return sorted(table.items.get(partition, {}).values(), key=lambda row: row.range_key)

    with patch.object(MotoTable, "all_items", rows):
        yield

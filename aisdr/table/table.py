"""One table, and the few verbs that the stores need."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from aisdr.errors import AisdrError
from aisdr.table.asking import ask, failed_condition
from aisdr.table.attributes import Item, decode, encode
from aisdr.table.schema import OPEN_INDEX, TIME_TO_LIVE
from aisdr.table.transaction import Transaction

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Table:
    """One DynamoDB table. `clock` returns epoch seconds.

    Raises (every method):
        StoreBusy: DynamoDB turns us away, fails, or does not answer in time, and did so again when it was asked again.
            A write may have happened all the same, and twice when it was asked again: one whose key or condition says
            what it is counts once, and one that only adds to a number does not (what was used, open sockets).
        InvalidInput: an item is larger than 400 KB.
    """

    def __init__(self, client: "DynamoDBClient", name: str, clock: Callable[[], float] = time.time) -> None:
        self._client = client
        self.name = name
        self._clock = clock

    @property
    def client(self) -> "DynamoDBClient":
        """For a library that keeps its own records here."""
        return self._client

    def get(self, pk: str, sk: str) -> Item | None:
        """Reads consistently; an expired item is absent."""
        answer = ask(self._client.get_item, TableName=self.name, Key=encode({"pk": pk, "sk": sk}), ConsistentRead=True)
        return self._alive(answer.get("Item"))

    def query(
        self, pk: str, *, prefix: str = "", start: str = "", limit: int | None = None, newest_first: bool = False
    ) -> list[Item]:
        """Items of one owner in the order of their sort key. `limit` counts items before expired ones are left out.

        `start` is the rest of the smallest sort key that is wanted, after the prefix.
        """
        return list(self._query(pk, prefix, limit, newest_first, start))

    def pages(self, pk: str, *, prefix: str = "") -> Iterator[Item]:
        """The same for as many items as there are: the next page is read when the last one is used up."""
        return self._query(pk, prefix, None, newest_first=False)

    def query_open(self, group: str, *, until: float) -> Iterator[Item]:
        """Items whose `open_until` has passed, longest ago first, page by page.

        Read from the index, so a just-written one may come a moment later.
        """
        request: dict[str, Any] = {
            "TableName": self.name,
            "IndexName": OPEN_INDEX,
            "KeyConditionExpression": "open_group = :group AND open_until <= :until",
            "ExpressionAttributeValues": encode({":group": group, ":until": until}),
        }
        return self._pages(self._client.query, request, None)

    def scan_sort_key(self, sk: str) -> list[Item]:
        """Every item with this sort key, of all owners. Operators only: it reads the whole table."""
        request: dict[str, Any] = {
            "TableName": self.name,
            "FilterExpression": "sk = :sk",
            "ExpressionAttributeValues": encode({":sk": sk}),
        }
        return list(self._pages(self._client.scan, request, None))

    def scan_owner(self, pk_prefix: str, sk_prefix: str) -> Iterator[Item]:
        """Items whose keys begin so, page by page, one partition after another in no order that means anything.

        Operators only: it reads the whole table, whatever it finds.
        """
        request: dict[str, Any] = {
            "TableName": self.name,
            "FilterExpression": "begins_with(pk, :pk) AND begins_with(sk, :sk)",
            "ExpressionAttributeValues": encode({":pk": pk_prefix, ":sk": sk_prefix}),
        }
        return self._pages(self._client.scan, request, None)

    def stored(self, pk_prefix: str) -> Iterator[Item]:
        """Every item whose partition begins so, also those that have expired and are still there: for who erases.

        It reads the whole table.
        """
        request: dict[str, Any] = {
            "TableName": self.name,
            "FilterExpression": "begins_with(pk, :pk)",
            "ExpressionAttributeValues": encode({":pk": pk_prefix}),
            "ConsistentRead": True,
        }
        return self._raw_pages(self._client.scan, request)

    def stored_in(self, pk: str) -> Iterator[Item]:
        """The same of one partition, without reading the others."""
        request: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": encode({":pk": pk}),
            "ConsistentRead": True,
        }
        return self._raw_pages(self._client.query, request)

    def put(self, item: Item) -> None:
        ask(self._client.put_item, TableName=self.name, Item=encode(item))

    def put_new(self, item: Item) -> bool:
        """Stores the item unless its key is taken by one that has not expired.

        True if it was stored: at most one caller ever sees True.
        """
        try:
            ask(
                self._client.put_item,
                TableName=self.name,
                Item=encode(item),
                ConditionExpression=f"attribute_not_exists(pk) OR {TIME_TO_LIVE} <= :now",
                ExpressionAttributeValues=encode({":now": int(self._clock())}),
            )
        except ClientError as error:
            if failed_condition(error):
                return False
            raise
        return True

    def update(
        self,
        pk: str,
        sk: str,
        expression: str,
        *,
        values: Mapping[str, Any] | None = None,
        condition: str | None = None,
        names: Mapping[str, str] | None = None,
    ) -> Item | None:
        """Applies an update expression and returns the item after it, or None when the condition did not hold.

        `names` stand for attributes whose names are words of DynamoDB's own.
        """
        request: dict[str, Any] = {
            "TableName": self.name,
            "Key": encode({"pk": pk, "sk": sk}),
            "UpdateExpression": expression,
            "ReturnValues": "ALL_NEW",
        }
        if values:
            request["ExpressionAttributeValues"] = encode(values)
        if condition:
            request["ConditionExpression"] = condition
        if names:
            request["ExpressionAttributeNames"] = dict(names)
        try:
            answer = ask(self._client.update_item, **request)
        except ClientError as error:
            if failed_condition(error):
                return None
            raise
        return decode(answer["Attributes"])

    def update_or_read(
        self, pk: str, sk: str, expression: str, *, values: Mapping[str, Any], condition: str
    ) -> tuple[bool, Item | None]:
        """Like `update`, in one call either way: the item after it, or the item as it was when the condition failed."""
        try:
            answer = ask(
                self._client.update_item,
                TableName=self.name,
                Key=encode({"pk": pk, "sk": sk}),
                UpdateExpression=expression,
                ExpressionAttributeValues=encode(values),
                ConditionExpression=condition,
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if failed_condition(error):
                return False, self._alive(cast("Mapping[str, Any] | None", error.response.get("Item")))
            raise
        return True, decode(answer["Attributes"])

    def delete(self, pk: str, sk: str) -> bool:
        """True for the one caller whose call it was that took the item away."""
        key = encode({"pk": pk, "sk": sk})
        return "Attributes" in ask(self._client.delete_item, TableName=self.name, Key=key, ReturnValues="ALL_OLD")

    @contextmanager
    def transaction(self, refusal: AisdrError) -> Iterator[Transaction]:
        """Collects writes and commits them at the end of the block.

        Raises:
            AisdrError: the refusal of the first write whose condition failed, or `refusal` where it has none.
            StoreBusy: other transactions kept their hands on the same items.
        """
        transaction = Transaction(self.name)
        yield transaction
        transaction.commit(self._client, refusal)

    def _query(self, pk: str, prefix: str, limit: int | None, newest_first: bool, start: str = "") -> Iterator[Item]:
        values: dict[str, Any] = {":pk": pk}
        condition = "pk = :pk"
        if start:
            values |= {":start": prefix + start, ":end": prefix + "\uffff"}
            condition += " AND sk BETWEEN :start AND :end"
        elif prefix:
            values[":prefix"] = prefix
            condition += " AND begins_with(sk, :prefix)"
        request: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": encode(values),
            "ScanIndexForward": not newest_first,
            "ConsistentRead": True,
        }
        return self._pages(self._client.query, request, limit)

    def _pages(self, read: Callable[..., Any], request: dict[str, Any], limit: int | None) -> Iterator[Item]:
        left = limit
        while True:
            page = ask(read, **(request if left is None else {**request, "Limit": left}))
            for raw in page.get("Items", []):
                item = self._alive(raw)
                if item is not None:
                    yield item
            if left is not None:
                left -= len(page.get("Items", []))
            if "LastEvaluatedKey" not in page or (left is not None and left <= 0):
                return
            request = {**request, "ExclusiveStartKey": page["LastEvaluatedKey"]}

    def _raw_pages(self, read: Callable[..., Any], request: dict[str, Any]) -> Iterator[Item]:
        while True:
            page = ask(read, **request)
            yield from map(decode, page.get("Items", []))
            if "LastEvaluatedKey" not in page:
                return
            request = {**request, "ExclusiveStartKey": page["LastEvaluatedKey"]}

    def _alive(self, raw: Mapping[str, Any] | None) -> Item | None:
        item = decode(raw) if raw else None
        return None if item is None or item.get(TIME_TO_LIVE, self._clock() + 1) <= self._clock() else item

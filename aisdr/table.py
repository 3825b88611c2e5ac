"""The only file that knows DynamoDB: two tables of one shape, and the few verbs the stores need.

Every item has a partition key `pk` that begins with its owner and a sort key `sk`. An item with `expires_at` (epoch
seconds) is treated as absent from that second on, because DynamoDB itself deletes it only within days.
"""

import math
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import BotoCoreError, ClientError

from aisdr.errors import AisdrError, InvalidInput, StoreBusy

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]

KEY_SCHEMA = {"pk": "HASH", "sk": "RANGE"}
TIME_TO_LIVE = "expires_at"
TRANSACTION_ATTEMPTS = 5
OPEN_INDEX = "open-operations"
"""Sparse index over items that carry `open_until`: calls to end, conversations to close, messages to send."""
OPEN_INDEX_KEYS = {"open_group": "HASH", "open_until": "RANGE"}
_BUSY = frozenset(
    {
        "InternalServerError",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingException",
        "TransactionInProgressException",
    }
)
"""What passes by itself. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html"""
_TURNED_AWAY = frozenset({"ProvisionedThroughputExceeded", "ThrottlingError"})
"""The same, as a reason why a transaction was cancelled."""
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


def _attribute(value: Any) -> dict[str, Any]:
    """As DynamoDB writes it down. What JSON has: sets and bytes are not used.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
    """
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int() | float():
            if not math.isfinite(value):
                raise ValueError(f"{value} is no number that DynamoDB knows")
            return {"N": str(value)}
        case Mapping():
            return {"M": _encode(value)}
        case list() | tuple():
            return {"L": [_attribute(inner) for inner in value]}
        case _:
            raise TypeError(f"A {type(value).__name__} cannot be stored")


def _value(attribute: Mapping[str, Any]) -> Any:
    [(kind, value)] = attribute.items()
    match kind:
        case "N":
            number = Decimal(value)
            return int(number) if number == number.to_integral_value() else float(number)
        case "NULL":
            return None
        case "M":
            return _decode(value)
        case "L":
            return [_value(inner) for inner in value]
        case _:
            return value


def _encode(item: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _attribute(value) for key, value in item.items()}


def _decode(item: Mapping[str, Any]) -> Item:
    return {key: _value(attribute) for key, attribute in item.items()}


def _failed_condition(error: ClientError) -> bool:
    return error.response["Error"]["Code"] == "ConditionalCheckFailedException"


def _turned_away() -> StoreBusy:
    return StoreBusy("The database takes no more just now; try again in a second, or go on in text")


class Transaction:
    """Writes that happen together or not at all. `refusals[n]` is the error that the n-th write's condition means."""

    def __init__(self, table_name: str) -> None:
        self._table_name = table_name
        self.writes: list[dict[str, Any]] = []
        self.refusals: list[AisdrError | None] = []

    def put(
        self,
        item: Item,
        *,
        condition: str | None = None,
        values: Mapping[str, Any] | None = None,
        refusal: AisdrError | None = None,
    ) -> None:
        self._add("Put", {"Item": _encode(item)}, condition, values, refusal)

    def update(
        self,
        pk: str,
        sk: str,
        expression: str,
        *,
        condition: str | None = None,
        values: Mapping[str, Any] | None = None,
        refusal: AisdrError | None = None,
    ) -> None:
        key = {"Key": _encode({"pk": pk, "sk": sk}), "UpdateExpression": expression}
        self._add("Update", key, condition, values, refusal)

    def delete(self, pk: str, sk: str) -> None:
        self._add("Delete", {"Key": _encode({"pk": pk, "sk": sk})}, None, None, None)

    def _add(
        self,
        verb: str,
        request: dict[str, Any],
        condition: str | None,
        values: Mapping[str, Any] | None,
        refusal: AisdrError | None,
    ) -> None:
        request["TableName"] = self._table_name
        if condition:
            request["ConditionExpression"] = condition
        if values:
            request["ExpressionAttributeValues"] = _encode(values)
        self.writes.append({verb: request})
        self.refusals.append(refusal)


class Table:
    """One DynamoDB table. `clock` returns epoch seconds.

    Raises (every method):
        StoreBusy: DynamoDB turns us away, fails, or does not answer in time, and did so again when it was asked again.
            A write may have happened all the same: each is safe to repeat, for its key or condition says what it is.
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
        answer = self._ask(
            self._client.get_item, TableName=self.name, Key=_encode({"pk": pk, "sk": sk}), ConsistentRead=True
        )
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
            "ExpressionAttributeValues": _encode({":group": group, ":until": until}),
        }
        return self._pages(self._client.query, request, None)

    def scan_sort_key(self, sk: str) -> list[Item]:
        """Every item with this sort key, of all owners. Operators only: it reads the whole table."""
        request: dict[str, Any] = {
            "TableName": self.name,
            "FilterExpression": "sk = :sk",
            "ExpressionAttributeValues": _encode({":sk": sk}),
        }
        return list(self._pages(self._client.scan, request, None))

    def scan_owner(self, pk_prefix: str, sk_prefix: str) -> Iterator[Item]:
        """Items whose keys begin so, page by page, one partition after another in no order that means anything.

        Operators only: it reads the whole table, whatever it finds.
        """
        request: dict[str, Any] = {
            "TableName": self.name,
            "FilterExpression": "begins_with(pk, :pk) AND begins_with(sk, :sk)",
            "ExpressionAttributeValues": _encode({":pk": pk_prefix, ":sk": sk_prefix}),
        }
        return self._pages(self._client.scan, request, None)

    def stored(self, pk_prefix: str) -> Iterator[Item]:
        """Every item whose partition begins so, also those that have expired and are still there: for who erases.

        It reads the whole table.
        """
        request: dict[str, Any] = {
            "TableName": self.name,
            "FilterExpression": "begins_with(pk, :pk)",
            "ExpressionAttributeValues": _encode({":pk": pk_prefix}),
            "ConsistentRead": True,
        }
        return self._raw_pages(self._client.scan, request)

    def stored_in(self, pk: str) -> Iterator[Item]:
        """The same of one partition, without reading the others."""
        request: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": _encode({":pk": pk}),
            "ConsistentRead": True,
        }
        return self._raw_pages(self._client.query, request)

    def put(self, item: Item) -> None:
        self._ask(self._client.put_item, TableName=self.name, Item=_encode(item))

    def put_new(self, item: Item) -> bool:
        """Stores the item unless its key is taken by one that has not expired.

        True if it was stored: at most one caller ever sees True.
        """
        try:
            self._ask(
                self._client.put_item,
                TableName=self.name,
                Item=_encode(item),
                ConditionExpression=f"attribute_not_exists(pk) OR {TIME_TO_LIVE} <= :now",
                ExpressionAttributeValues=_encode({":now": int(self._clock())}),
            )
        except ClientError as error:
            if _failed_condition(error):
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
            "Key": _encode({"pk": pk, "sk": sk}),
            "UpdateExpression": expression,
            "ReturnValues": "ALL_NEW",
        }
        if values:
            request["ExpressionAttributeValues"] = _encode(values)
        if condition:
            request["ConditionExpression"] = condition
        if names:
            request["ExpressionAttributeNames"] = dict(names)
        try:
            answer = self._ask(self._client.update_item, **request)
        except ClientError as error:
            if _failed_condition(error):
                return None
            raise
        return _decode(answer["Attributes"])

    def update_or_read(
        self, pk: str, sk: str, expression: str, *, values: Mapping[str, Any], condition: str
    ) -> tuple[bool, Item | None]:
        """Like `update`, in one call either way: the item after it, or the item as it was when the condition failed."""
        try:
            answer = self._ask(
                self._client.update_item,
                TableName=self.name,
                Key=_encode({"pk": pk, "sk": sk}),
                UpdateExpression=expression,
                ExpressionAttributeValues=_encode(values),
                ConditionExpression=condition,
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if _failed_condition(error):
                return False, self._alive(cast("Mapping[str, Any] | None", error.response.get("Item")))
            raise
        return True, _decode(answer["Attributes"])

    def delete(self, pk: str, sk: str) -> bool:
        """True for the one caller whose call it was that took the item away."""
        key = _encode({"pk": pk, "sk": sk})
        return "Attributes" in self._ask(self._client.delete_item, TableName=self.name, Key=key, ReturnValues="ALL_OLD")

    @contextmanager
    def transaction(self, refusal: AisdrError) -> Iterator[Transaction]:
        """Collects writes and commits them at the end of the block.

        Raises:
            AisdrError: the refusal of the first write whose condition failed, or `refusal` where it has none.
            StoreBusy: other transactions kept their hands on the same items.
        """
        transaction = Transaction(self.name)
        yield transaction
        for attempt in range(1, TRANSACTION_ATTEMPTS + 1):
            try:
                self._ask(self._client.transact_write_items, TransactItems=cast("Sequence[Any]", transaction.writes))
                return
            except self._client.exceptions.TransactionCanceledException as error:
                reasons = cast("list[dict[str, Any]]", error.response.get("CancellationReasons", []))
                codes = [reason.get("Code") for reason in reasons]
                if "ConditionalCheckFailed" in codes:
                    raise transaction.refusals[codes.index("ConditionalCheckFailed")] or refusal from error
                if _TURNED_AWAY.intersection(codes):
                    raise _turned_away() from error
                if "TransactionConflict" not in codes:
                    raise
                if attempt == TRANSACTION_ATTEMPTS:
                    raise StoreBusy("Too much happens at once for this company; try again in a second") from error
            # Two transactions met on one item, such as a company's account. Nothing was written, so we may try again.
            time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - only spreads the attempts  # nosec B311

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
            "ExpressionAttributeValues": _encode(values),
            "ScanIndexForward": not newest_first,
            "ConsistentRead": True,
        }
        return self._pages(self._client.query, request, limit)

    def _pages(self, read: Callable[..., Any], request: dict[str, Any], limit: int | None) -> Iterator[Item]:
        left = limit
        while True:
            page = self._ask(read, **(request if left is None else {**request, "Limit": left}))
            for raw in page.get("Items", []):
                item = self._alive(raw)
                if item is not None:
                    yield item
            if left is not None:
                left -= len(page.get("Items", []))
            if "LastEvaluatedKey" not in page or (left is not None and left <= 0):
                return
            request = {**request, "ExclusiveStartKey": page["LastEvaluatedKey"]}

    def _ask(self, method: Callable[..., Any], **request: Any) -> Any:
        try:
            return method(**request)
        except ClientError as error:
            code, said = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
            if code in _BUSY:
                raise _turned_away() from error
            if code == "ValidationException" and "maximum allowed size" in said:
                raise InvalidInput("That is more than can be stored at once; send less", code="too_large") from error
            raise
        except BotoCoreError as error:  # nobody there, a line that broke, no answer in time
            raise _turned_away() from error

    def _raw_pages(self, read: Callable[..., Any], request: dict[str, Any]) -> Iterator[Item]:
        while True:
            page = self._ask(read, **request)
            yield from map(_decode, page.get("Items", []))
            if "LastEvaluatedKey" not in page:
                return
            request = {**request, "ExclusiveStartKey": page["LastEvaluatedKey"]}

    def _alive(self, raw: Mapping[str, Any] | None) -> Item | None:
        item = _decode(raw) if raw else None
        return None if item is None or item.get(TIME_TO_LIVE, self._clock() + 1) <= self._clock() else item

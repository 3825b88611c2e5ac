"""Several writes that happen together or not at all."""

import random
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from aisdr.errors import AisdrError, StoreBusy
from aisdr.table.asking import ask, is_too_large, too_large, turned_away
from aisdr.table.attributes import Item, encode

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TRANSACTION_ATTEMPTS = 5
_TURNED_AWAY = frozenset({"ProvisionedThroughputExceeded", "ThrottlingError"})
"""What passes by itself, as a reason why a transaction was cancelled."""


class Transaction:
    """Writes that happen together or not at all. A write's `refusal` is what its condition means."""

    def __init__(self, table_name: str) -> None:
        self._table_name = table_name
        self._writes: list[Any] = []
        self._refusals: list[AisdrError | None] = []

    def put(
        self,
        item: Item,
        *,
        condition: str | None = None,
        values: Mapping[str, Any] | None = None,
        refusal: AisdrError | None = None,
    ) -> None:
        self._add("Put", {"Item": encode(item)}, condition, values, refusal)

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
        key = {"Key": encode({"pk": pk, "sk": sk}), "UpdateExpression": expression}
        self._add("Update", key, condition, values, refusal)

    def delete(self, pk: str, sk: str) -> None:
        self._add("Delete", {"Key": encode({"pk": pk, "sk": sk})}, None, None, None)

    def commit(self, client: "DynamoDBClient", otherwise: AisdrError) -> None:
        """Writes them all.

        Raises:
            AisdrError: the refusal of the first write whose condition failed, or `otherwise` where it has none.
            StoreBusy: other transactions kept their hands on the same items.
        """
        for attempt in range(1, TRANSACTION_ATTEMPTS + 1):
            try:
                ask(client.transact_write_items, TransactItems=self._writes)
                return
            except client.exceptions.TransactionCanceledException as error:
                reasons = cast("list[dict[str, Any]]", error.response.get("CancellationReasons", []))
                codes = [reason.get("Code") for reason in reasons]
                if "ConditionalCheckFailed" in codes:
                    raise self._refusals[codes.index("ConditionalCheckFailed")] or otherwise from error
                if _TURNED_AWAY.intersection(codes):
                    raise turned_away() from error
                if any(map(is_too_large, reasons)):
                    raise too_large() from error
                if "TransactionConflict" not in codes:
                    raise
                if attempt == TRANSACTION_ATTEMPTS:
                    raise StoreBusy("Too much happens at once for this company; try again in a second") from error
            # Two transactions met on one item, such as a company's account. Nothing was written, so we may try again.
            time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - only spreads the attempts  # nosec B311

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
            request["ExpressionAttributeValues"] = encode(values)
        self._writes.append({verb: request})
        self._refusals.append(refusal)

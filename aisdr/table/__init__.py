"""The only place that knows DynamoDB: two tables of one shape, and the few verbs the stores need.

Every item has a partition key `pk` that begins with its owner and a sort key `sk`. An item with `expires_at` (epoch
seconds) is treated as absent from that second on, because DynamoDB itself deletes it only within days.
"""

from aisdr.table.attributes import Item
from aisdr.table.table import Table
from aisdr.table.transaction import Transaction

__all__ = ("Item", "Table", "Transaction")

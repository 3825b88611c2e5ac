"""The table: what is written comes back, what has expired is absent, what belongs together happens together."""

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError, ParamValidationError

from aisdr.errors import Conflict, InvalidInput, LimitReached
from aisdr.table import Table
from aisdr.table.schema import create_tables
from tests.conftest import CONVERSATIONS
from tests.material import Clock, items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def test_an_item_comes_back_as_it_was_written(conversations_table: Table) -> None:
    item = {
        "pk": "acme#x",
        "sk": "one",
        "text": "Grüße 👋",
        "nothing": None,
        "price": 0.37,
        "count": 3,
        "yes": True,
        "nested": {"list": [1, 2.5, {"deep": "er"}], "empty": ""},
    }

    conversations_table.put(item)

    assert conversations_table.get("acme#x", "one") == item


def test_an_absent_item_is_none(conversations_table: Table) -> None:
    assert conversations_table.get("acme#x", "one") is None


def test_an_owners_items_are_found_by_how_their_keys_begin_and_nobody_elses(conversations_table: Table) -> None:
    for pk in ("acme#session#1", "acme#session#2", "acme#sessions", "acme-2#session#1", "acme"):
        for sk in ("turn#1", "said#1"):
            conversations_table.put({"pk": pk, "sk": sk})

    found = conversations_table.scan_owner("acme#session#", "turn#")

    assert sorted((item["pk"], item["sk"]) for item in found) == [
        ("acme#session#1", "turn#1"),
        ("acme#session#2", "turn#1"),
    ]


def test_pages_are_read_when_they_are_needed(conversations_table: Table, aws: "DynamoDBClient", clock: Clock) -> None:
    for number in range(30):
        conversations_table.put({"pk": "acme", "sk": f"{number:02d}", "text": "x" * 100_000})
    asked: list[int] = []
    client: DynamoDBClient = boto3.client("dynamodb")
    client.meta.events.register("before-call.dynamodb.Query", lambda **_: asked.append(1))
    pages = Table(client, CONVERSATIONS, clock).pages("acme")

    assert next(pages)["sk"] == "00"
    assert len(asked) == 1
    assert [item["sk"] for item in pages] == [f"{number:02d}" for number in range(1, 30)]
    assert len(asked) > 2


def test_an_expired_item_is_absent_at_every_read_although_it_is_still_stored(
    conversations_table: Table, clock: Clock, aws: "DynamoDBClient"
) -> None:
    conversations_table.put({"pk": "acme", "sk": "a", "expires_at": int(clock.now + 60)})
    conversations_table.put({"pk": "acme", "sk": "b"})

    clock.advance(60)

    assert conversations_table.get("acme", "a") is None
    assert [item["sk"] for item in conversations_table.query("acme")] == ["b"]
    assert conversations_table.scan_sort_key("a") == []
    assert len(items(aws, CONVERSATIONS)) == 2


def test_an_item_lives_until_its_last_second(conversations_table: Table, clock: Clock) -> None:
    conversations_table.put({"pk": "acme", "sk": "a", "expires_at": int(clock.now + 60)})

    clock.advance(59)

    assert conversations_table.get("acme", "a") is not None


def test_a_query_keeps_to_its_owner_and_prefix_and_order(conversations_table: Table) -> None:
    for pk, sk in (("acme", "turn#2"), ("acme", "turn#1"), ("acme", "ticket#1"), ("acme2", "turn#1")):
        conversations_table.put({"pk": pk, "sk": sk})

    forwards = conversations_table.query("acme", prefix="turn#")
    newest = conversations_table.query("acme", prefix="turn#", newest_first=True, limit=1)

    assert [(item["pk"], item["sk"]) for item in forwards] == [("acme", "turn#1"), ("acme", "turn#2")]
    assert [item["sk"] for item in newest] == ["turn#2"]


def test_a_query_reads_on_where_a_page_of_one_megabyte_ends(conversations_table: Table) -> None:
    for number in range(4):
        conversations_table.put({"pk": "acme", "sk": f"{number}", "text": "x" * 390_000})

    assert [item["sk"] for item in conversations_table.query("acme")] == ["0", "1", "2", "3"]


def test_only_the_first_of_two_writers_gets_a_new_key(conversations_table: Table) -> None:
    first = conversations_table.put_new({"pk": "acme", "sk": "a", "by": "first"})
    second = conversations_table.put_new({"pk": "acme", "sk": "a", "by": "second"})

    assert (first, second) == (True, False)
    assert conversations_table.get("acme", "a") == {"pk": "acme", "sk": "a", "by": "first"}


def test_an_update_whose_condition_does_not_hold_changes_nothing(conversations_table: Table) -> None:
    conversations_table.put({"pk": "acme", "sk": "a", "state": "open"})

    refused = conversations_table.update(
        "acme", "a", "SET #s = :new".replace("#s", "colour"), values={":new": "red"}, condition="attribute_exists(x)"
    )
    done = conversations_table.update("acme", "a", "SET colour = :new", values={":new": "blue"})

    assert refused is None
    assert done == {"pk": "acme", "sk": "a", "state": "open", "colour": "blue"}


def test_a_transaction_happens_whole(conversations_table: Table) -> None:
    with conversations_table.transaction(Conflict("never")) as writes:
        writes.put({"pk": "acme", "sk": "a"})
        writes.update("acme", "b", "ADD amount :one", values={":one": 1})

    assert [item["sk"] for item in conversations_table.query("acme")] == ["a", "b"]


@pytest.mark.cell("F-DB-02")
def test_a_transaction_with_one_broken_condition_writes_nothing_and_says_which(
    conversations_table: Table, aws: "DynamoDBClient"
) -> None:
    conversations_table.put({"pk": "acme", "sk": "taken"})
    before = items(aws, CONVERSATIONS)

    def write_both() -> None:
        with conversations_table.transaction(Conflict("no name")) as writes:
            for sk, refusal in (("new", Conflict("the first")), ("taken", LimitReached("the second"))):
                writes.put({"pk": "acme", "sk": sk}, condition="attribute_not_exists(pk)", refusal=refusal)

    with pytest.raises(LimitReached, match="the second"):
        write_both()

    assert items(aws, CONVERSATIONS) == before


def test_a_refusal_without_a_name_is_the_transactions_own(conversations_table: Table) -> None:
    with pytest.raises(Conflict, match="as a whole"), conversations_table.transaction(Conflict("as a whole")) as writes:
        writes.update("acme", "a", "ADD amount :one", values={":one": 1}, condition="attribute_exists(pk)")


def test_an_error_inside_the_block_writes_nothing(conversations_table: Table, aws: "DynamoDBClient") -> None:
    def stumble() -> None:
        with conversations_table.transaction(Conflict("never")) as writes:
            writes.put({"pk": "acme", "sk": "a"})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        stumble()

    assert items(aws, CONVERSATIONS) == []


@pytest.mark.cell("F-DB-03")
def test_a_transaction_that_met_another_one_is_repeated(conversations_table: Table, aws: "DynamoDBClient") -> None:
    """DynamoDB cancels one of two transactions on the same item; that is traffic, not a refusal."""
    client = boto3.client("dynamodb")
    met = _cancelled_once(client, {"Code": "TransactionConflict"})

    with Table(client, CONVERSATIONS).transaction(Conflict("never")) as writes:
        writes.update("acme", "account", "ADD amount :one", values={":one": 1})

    assert met == ["TransactionConflict"]
    assert conversations_table.get("acme", "account") == {"pk": "acme", "sk": "account", "amount": 1}


def test_an_item_that_would_grow_too_large_in_a_transaction_is_refused_by_name(aws: "DynamoDBClient") -> None:
    client = boto3.client("dynamodb")
    said = "Item size to update has exceeded the maximum allowed size"
    met = _cancelled_once(client, {"Code": "ValidationError", "Message": said})

    with (
        pytest.raises(InvalidInput) as caught,
        Table(client, CONVERSATIONS).transaction(Conflict("never")) as writes,
    ):
        writes.update("acme", "account", "ADD amount :one", values={":one": 1})

    assert met == ["ValidationError"]
    assert caught.value.code == "too_large"


def test_a_request_of_ours_that_cannot_be_meant_is_no_busy_store(conversations_table: Table) -> None:
    """It would be told as a moment's trouble, for ever."""
    with pytest.raises(ParamValidationError):
        conversations_table.query("acme", limit=0)
    with pytest.raises(ClientError, match="ValidationException"):
        conversations_table.put({"pk": "", "sk": "a"})


def test_a_number_that_is_not_finite_is_never_stored(conversations_table: Table, aws: "DynamoDBClient") -> None:
    with pytest.raises(ValueError, match="inf"):
        conversations_table.put({"pk": "acme", "sk": "a", "price": math.inf})

    assert items(aws, CONVERSATIONS) == []


def test_creating_the_tables_twice_changes_nothing(aws: "DynamoDBClient") -> None:
    names = "new-companies", "new-conversations"

    create_tables(aws, *names)
    create_tables(aws, *names)

    assert set(names) < set(aws.list_tables()["TableNames"])
    for name in names:
        time_to_live = aws.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        assert time_to_live == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}


def _cancelled_once(client: "DynamoDBClient", reason: Mapping[str, str]) -> list[str]:
    """The next transaction is answered as DynamoDB answers one that it cancels. Returns what was answered."""
    answered: list[str] = []
    kind, message = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException", "Transaction cancelled"
    body = json.dumps({"__type": kind, "Message": message, "CancellationReasons": [reason]}).encode()

    def answer(request: Any, **_: Any) -> Any:
        if answered:
            return None
        answered.append(reason["Code"])
        request.url = "http://nobody.example/"  # so that moto, which is asked next, does not serve it as well
        response = AWSResponse(request.url, 400, HTTPHeaders(), None)
        response._content = body  # type: ignore[attr-defined]
        return response

    client.meta.events.register_first("before-send.dynamodb.TransactWriteItems", answer)
    return answered

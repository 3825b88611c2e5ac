"""moto without its detours answers what it answers with them."""

from typing import TYPE_CHECKING, Any

from tests.conftest import COMPANIES, MEDIA

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

KEY = {"pk": {"S": "a"}, "sk": {"S": "b"}}
VALUES: dict[str, Any] = {
    "number": {"N": "1.5"},
    "nothing": {"NULL": True},
    "no": {"BOOL": False},
    "bytes": {"B": b"\x00\xff"},
    "sets": {"L": [{"SS": ["x", "y"]}, {"NS": ["1"]}, {"BS": [b"1", b"2"]}]},
    "map": {"M": {"S": {"S": "named like a kind"}, "B": {"B": b"inside"}, "empty": {"M": {}}}},
    "list": {"L": []},
}


def test_an_item_comes_back_as_it_was_put(aws: "DynamoDBClient") -> None:
    aws.put_item(TableName=COMPANIES, Item=KEY | VALUES)

    assert aws.get_item(TableName=COMPANIES, Key=KEY)["Item"] == KEY | VALUES


def test_tables_and_buckets_are_empty_for_each_test(
    aws: "DynamoDBClient", clients: tuple["DynamoDBClient", "S3Client"]
) -> None:
    assert aws.scan(TableName=COMPANIES)["Count"] == 0
    assert clients[1].list_objects_v2(Bucket=MEDIA)["KeyCount"] == 0

"""The AWS emulator of `make dev`: atomic under threads, kept between runs, and nobody else's to reach."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from dev.aws import AwsDidNotStartError, check, running
from tests.dev.ports import free_port

pytestmark = pytest.mark.slow

THREADS = 24
CAP = 5
REFUSALS = ("ConditionalCheckFailedException", "TransactionCanceledException")


def client(service: Any, endpoint: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def create_table(dynamodb: Any) -> None:
    dynamodb.create_table(
        TableName="things",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running(free_port(), tmp_path_factory.mktemp("aws")) as address:
        create_table(client("dynamodb", address))
        yield address


def how_many_succeed(attempt: Callable[[int], object]) -> int:
    """Runs the attempts at once and counts those that no condition stopped."""

    def succeeds(number: int) -> bool:
        try:
            attempt(number)
        except ClientError as error:
            if error.response["Error"]["Code"] not in REFUSALS:
                raise
            return False
        return True

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(succeeds, range(THREADS)))


def count_up(key: str) -> dict[str, Any]:
    return {
        "TableName": "things",
        "Key": {"pk": {"S": key}},
        "UpdateExpression": "ADD taken :one",
        "ConditionExpression": "attribute_not_exists(taken) OR taken < :cap",
        "ExpressionAttributeValues": {":one": {"N": "1"}, ":cap": {"N": str(CAP)}},
    }


def test_a_conditional_counter_stops_exactly_at_its_cap(endpoint: str) -> None:
    dynamodb = client("dynamodb", endpoint)

    succeeded = how_many_succeed(lambda _: dynamodb.update_item(**count_up("counter")))

    stored = dynamodb.get_item(TableName="things", Key={"pk": {"S": "counter"}}, ConsistentRead=True)["Item"]
    assert (succeeded, stored["taken"]["N"]) == (CAP, str(CAP))


def test_a_key_is_won_by_one_writer_only(endpoint: str) -> None:
    dynamodb = client("dynamodb", endpoint)

    succeeded = how_many_succeed(
        lambda number: dynamodb.put_item(
            TableName="things",
            Item={"pk": {"S": "ticket"}, "winner": {"N": str(number)}},
            ConditionExpression="attribute_not_exists(pk)",
        )
    )

    assert succeeded == 1


def test_a_transaction_happens_whole_or_not_at_all(endpoint: str) -> None:
    dynamodb = client("dynamodb", endpoint)

    def reserve(number: int) -> None:
        record = {"Put": {"TableName": "things", "Item": {"pk": {"S": f"reservation-{number}"}}}}
        dynamodb.transact_write_items(TransactItems=[{"Update": count_up("slots")}, record])

    succeeded = how_many_succeed(reserve)

    keys = {item["pk"]["S"] for item in dynamodb.scan(TableName="things", ConsistentRead=True)["Items"]}
    assert succeeded == CAP
    assert len([key for key in keys if key.startswith("reservation-")]) == CAP


def test_an_object_can_be_read_by_range(endpoint: str) -> None:
    s3 = client("s3", endpoint)
    s3.create_bucket(Bucket="media")
    s3.put_object(Bucket="media", Key="acme/clip.mp4", Body=bytes(range(100)), ContentType="video/mp4")

    part = s3.get_object(Bucket="media", Key="acme/clip.mp4", Range="bytes=10-19")

    assert part["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert (part["ContentRange"], part["ContentType"]) == ("bytes 10-19/100", "video/mp4")
    assert part["Body"].read() == bytes(range(10, 20))
    with pytest.raises(ClientError, match="InvalidRange"):
        s3.get_object(Bucket="media", Key="acme/clip.mp4", Range="bytes=500-")


def test_items_and_objects_survive_a_restart(tmp_path: Path) -> None:
    port = free_port()
    with running(port, tmp_path) as address:
        create_table(client("dynamodb", address))
        client("dynamodb", address).put_item(TableName="things", Item={"pk": {"S": "acme"}})
        client("s3", address).create_bucket(Bucket="media")
        client("s3", address).put_object(Bucket="media", Key="a", Body=b"kept", ContentType="text/vtt")

    with running(port, tmp_path) as address:
        item = client("dynamodb", address).get_item(TableName="things", Key={"pk": {"S": "acme"}})["Item"]
        kept = client("s3", address).get_object(Bucket="media", Key="a")

        assert item == {"pk": {"S": "acme"}}
        assert (kept["Body"].read(), kept["ContentType"]) == (b"kept", "text/vtt")


def test_it_listens_on_loopback_only(endpoint: str) -> None:
    port = int(endpoint.rpartition(":")[2])
    sockets = [line.split()[1:4] for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]

    listening = [local for local, _, state in sockets if state == "0A" and local.endswith(f":{port:04X}")]

    assert listening == [f"0100007F:{port:04X}"]


def test_a_taken_port_is_named(endpoint: str) -> None:
    port = int(endpoint.rpartition(":")[2])

    with pytest.raises(AwsDidNotStartError, match=f"Port {port} is taken"):
        check(port)

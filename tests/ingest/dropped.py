"""The knowledge bucket as people drop files into it, and what its queue then tells, in the form that AWS documents.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html,
https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

import hashlib
import json
from typing import Any
from urllib.parse import quote_plus

from tests.conftest import KNOWLEDGE

TEST_EVENT = {
    "Service": "Amazon S3",
    "Event": "s3:TestEvent",
    "Time": "2026-11-30T07:00:00.000Z",
    "Bucket": KNOWLEDGE,
    "RequestId": "5582815E1AEA5ADF",
    "HostId": "8cLeGAmw098X5cv4Zkwcmo8vvZa3eH3eKxsPzbB9wrR+YstdA6Knx4Ip8EXAMPLE",
}


def notice(key: str, event: str = "ObjectCreated:Put", bucket: str = KNOWLEDGE) -> dict[str, Any]:
    """What S3 says of one object."""
    told: dict[str, Any] = {"key": quote_plus(key, safe="/"), "sequencer": "0A1B2C3D4E5F678901"}
    if event.startswith("ObjectCreated"):
        told |= {
            "size": 1024,
            "eTag": "d41d8cd98f00b204e9800998ecf8427e",
            "versionId": "096fKKXTRTtl3on89fVO.nfljtsv6qko",
        }
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventTime": "2026-11-30T07:00:00.000Z",
        "eventName": event,
        "userIdentity": {"principalId": "AWS:AIDAINPONIXQXHT3IKHL2"},
        "requestParameters": {"sourceIPAddress": "203.0.113.7"},
        "responseElements": {"x-amz-request-id": "FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S/JRWeUWerMUE5JgHvANOjpD"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "knowledge",
            "bucket": {
                "name": bucket,
                "ownerIdentity": {"principalId": "A3NL1KOZZKExample"},
                "arn": f"arn:aws:s3:::{bucket}",
            },
            "object": told,
        },
    }


def message(body: Any) -> dict[str, Any]:
    """What Lambda says of one message of the queue; its id is that of its body."""
    text = body if isinstance(body, str) else json.dumps(body)
    return {
        "messageId": message_id(text),
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a...",
        "body": text,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1545082649183",
            "SenderId": "AIDAIENQZJOLO23YVJ4VO",
            "ApproximateFirstReceiveTimestamp": "1545082649185",
        },
        "messageAttributes": {},
        "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:111111111111:aisdr-dev-ingest",
        "awsRegion": "us-east-1",
    }


def told_of(*keys: str, event: str = "ObjectCreated:Put", bucket: str = KNOWLEDGE) -> dict[str, Any]:
    """An event of the function with one message for each object."""
    return {"Records": [message({"Records": [notice(key, event, bucket)]}) for key in keys]}


def message_id(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]

"""What S3 tells a queue of a bucket, as Lambda hands it over: message → the objects that it is about.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html,
https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from pydantic import BaseModel, ValidationError


class NotUnderstood(Exception):
    """A message that S3 does not send."""


@dataclass(frozen=True)
class Touched:
    """An object that came, changed or went: which of these, the object itself says better than a message."""

    company_id: str
    path: str
    """Below the company's prefix. Empty for what stands beside the prefixes."""


class _Named(BaseModel):
    name: str


class _Object(BaseModel):
    key: str


class _S3(BaseModel):
    bucket: _Named
    object: _Object


class _Record(BaseModel):
    s3: _S3


class _Body(BaseModel):
    Records: list[_Record]


def touched(message: dict[str, Any], bucket: str) -> Iterator[Touched]:
    """The objects of `bucket` that a message of the queue is about; none of a test that S3 sends when it is set up.

    Raises:
        NotUnderstood: the body has another form.
    """
    try:
        body = json.loads(message["body"])
        if isinstance(body, dict) and body.get("Event") == "s3:TestEvent":
            return
        records = _Body.model_validate(body).Records
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        raise NotUnderstood("the message is none of S3's") from error
    for record in records:
        if record.s3.bucket.name == bucket:
            company_id, _, path = unquote_plus(record.s3.object.key).partition("/")
            yield Touched(company_id, path)

"""The buckets of a deployment, and how one is emptied: with every version that it kept."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

OF_EDGE = ("site", "edge-logs")
OF_DATA = ("media", "media-logs", "knowledge", "knowledge-logs")
"""By what they are for; one that writes logs comes before the one that takes them."""


def empty(bucket: str) -> int:
    """Deletes every object and version. Returns how many; none when there is no such bucket."""
    s3 = boto3.client("s3")
    deleted = 0
    for page in _versions(s3, bucket):
        s3.delete_objects(Bucket=bucket, Delete={"Objects": page, "Quiet": True})
        deleted += len(page)
    return deleted


def _versions(s3: "S3Client", bucket: str) -> "Iterator[list[ObjectIdentifierTypeDef]]":
    try:
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            if found:
                yield [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucket":
            raise

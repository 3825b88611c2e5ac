"""Empties a part of a bucket: every version of every object, for what was overwritten or deleted is still there."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from aisdr.errors import VendorError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def empty(s3: "S3Client", bucket: str, prefix: str, *, dry_run: bool) -> int:
    """Returns how many versions went, or would go. Safe to repeat. Raises: VendorError."""
    number = 0
    try:
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
            for each in (*page.get("Versions", []), *page.get("DeleteMarkers", [])):
                number += 1
                if not dry_run:
                    s3.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])
    except (ClientError, BotoCoreError) as error:
        raise VendorError(f"The bucket '{bucket}' failed", vendor="s3", retryable=True) from error
    return number

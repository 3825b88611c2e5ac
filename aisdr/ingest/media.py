"""Publishes files to the media bucket, each once: an object that already has this content is not sent again."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import S3Transfer
from botocore.exceptions import BotoCoreError, ClientError

from aisdr.errors import VendorError
from aisdr.ingest.readers.base import Publication
from aisdr.tenant import TenantScope

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_DIGEST = "sha256"


class MediaLibrary:
    """A company's published files: object `{company_id}/{path}`, public address `/media/{company_id}/{path}`."""

    def __init__(self, s3: "S3Client", bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    @staticmethod
    def base_url(scope: TenantScope) -> str:
        return f"/media/{scope.company_id}"

    def publish(self, scope: TenantScope, publication: Publication) -> bool:
        """Sends a file unless it is there already.

        Returns:
            Whether it had to be sent.

        Raises:
            VendorError: the bucket cannot be reached or refuses.
        """
        key, digest = f"{scope.company_id}/{publication.path}", digest_of(publication.content)
        with _refusals(self._bucket):
            if self._stored(key) == (digest, publication.content_type):
                return False
            self._send(key, digest, publication)
        return True

    def read(self, scope: TenantScope, path: str) -> bytes | None:
        """A published file; None when there is none.

        Raises:
            VendorError: the bucket cannot be reached or refuses.
        """
        with _refusals(self._bucket):
            try:
                return self._s3.get_object(Bucket=self._bucket, Key=f"{scope.company_id}/{path}")["Body"].read()
            except self._s3.exceptions.NoSuchKey:
                return None

    def paths(self, scope: TenantScope) -> set[str]:
        """Everything that is published for a company.

        Raises:
            VendorError: the bucket cannot be reached or refuses.
        """
        prefix = f"{scope.company_id}/"
        with _refusals(self._bucket):
            pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
            return {item["Key"].removeprefix(prefix) for page in pages for item in page.get("Contents", [])}

    def remove(self, scope: TenantScope, paths: Iterable[str]) -> None:
        """Raises: VendorError."""
        with _refusals(self._bucket):
            for path in paths:
                self._s3.delete_object(Bucket=self._bucket, Key=f"{scope.company_id}/{path}")

    def _send(self, key: str, digest: str, publication: Publication) -> None:
        kind, metadata = publication.content_type, {_DIGEST: digest}
        if isinstance(publication.content, bytes):
            self._s3.put_object(
                Bucket=self._bucket, Key=key, Body=publication.content, ContentType=kind, Metadata=metadata
            )
        else:  # in parts, so that a long clip never stands in memory as a whole
            described = {"ContentType": kind, "Metadata": metadata}
            S3Transfer(self._s3).upload_file(str(publication.content), self._bucket, key, extra_args=described)

    def _stored(self, key: str) -> tuple[str | None, str] | None:
        try:
            head = self._s3.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                return None
            raise
        return head["Metadata"].get(_DIGEST), head["ContentType"]


@contextmanager
def _refusals(bucket: str) -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError, Boto3Error) as error:
        raise VendorError(f"The media bucket '{bucket}' failed: {error}", vendor="s3", retryable=True) from error


def digest_of(content: Path | bytes) -> str:
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    with content.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""Publishes files to the media bucket, each once: an object that already has this content is not sent again."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import S3Transfer
from botocore.exceptions import BotoCoreError, ClientError

from aisdr.errors import NotConfigured, VendorError
from aisdr.ingest.readers.base import Publication
from aisdr.media_links import PRIVATE, TAVUS_SECONDS, MediaLinks, base_url
from aisdr.tenant import TenantScope

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_DIGEST = "sha256"


class MediaLibrary:
    """A company's published files: object `{company_id}/{path}`, public address `/media/{company_id}/{path}`.

    What is for visitors only has the name `/{path}`, the object `_private/{company_id}/{path}`, and an address that
    opens with a signature of `links`.
    """

    def __init__(self, s3: "S3Client", bucket: str, links: MediaLinks | None = None) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._links = links

    @staticmethod
    def base_url(scope: TenantScope) -> str:
        return base_url(scope)

    @staticmethod
    def name_of(scope: TenantScope, url: str) -> str | None:
        """The name of what stands at an address; None when that is no published file of the company."""
        for name, base in (("", base_url(scope)), ("/", base_url(scope, private=True))):
            if url.startswith(f"{base}/"):
                return name + unquote(url.removeprefix(f"{base}/"))
        return None

    def address_for_tavus(self, scope: TenantScope, path: str, *, private: bool) -> str:
        """Where Tavus can fetch it, below our public address.

        Raises:
            NotConfigured: it is private, and there is no key to sign with.
        """
        url = f"{base_url(scope, private=private)}/{quote(path)}"
        if not private:
            return url
        if self._links is None:
            raise NotConfigured("Media for visitors only need AISDR_MEDIA_KEYS")
        return self._links.address(scope, url, TAVUS_SECONDS)

    def publish(self, scope: TenantScope, publication: Publication) -> bool:
        """Sends a file unless it is there already.

        Returns:
            Whether it had to be sent.

        Raises:
            VendorError: the bucket cannot be reached or refuses.
            NotConfigured: it is private, and nobody could ever open it.
        """
        if publication.private and self._links:
            self._links.check()
        key, digest = _key(scope, publication.name), digest_of(publication.content)
        with _refusals(self._bucket):
            if self._stored(key) == (digest, publication.content_type):
                return False
            self._send(key, digest, publication)
        return True

    def read(self, scope: TenantScope, name: str) -> bytes | None:
        """A published file; None when there is none.

        Raises:
            VendorError: the bucket cannot be reached or refuses.
        """
        with _refusals(self._bucket):
            try:
                return self._s3.get_object(Bucket=self._bucket, Key=_key(scope, name))["Body"].read()
            except self._s3.exceptions.NoSuchKey:
                return None

    def names(self, scope: TenantScope) -> set[str]:
        """Everything that is published for a company.

        Raises:
            VendorError: the bucket cannot be reached or refuses.
        """
        found = set()
        with _refusals(self._bucket):
            for name in ("", "/"):
                prefix = _key(scope, name)
                pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
                found |= {
                    name + item["Key"].removeprefix(prefix) for page in pages for item in page.get("Contents", [])
                }
        return found

    def remove(self, scope: TenantScope, names: Iterable[str]) -> None:
        """Raises: VendorError."""
        with _refusals(self._bucket):
            for name in names:
                self._s3.delete_object(Bucket=self._bucket, Key=_key(scope, name))

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


def _key(scope: TenantScope, name: str) -> str:
    """The object of that name; of an empty name, the beginning of all."""
    if name.startswith("/"):
        return f"{PRIVATE}/{scope.company_id}{name}"
    return f"{scope.company_id}/{name}"


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

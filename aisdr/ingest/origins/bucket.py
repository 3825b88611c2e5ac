"""Objects below a prefix of a bucket, by their paths below it: a folder that somebody else keeps."""

import json
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from aisdr.errors import VendorError
from aisdr.index.base import SourceRecord
from aisdr.ingest.labels import META
from aisdr.ingest.origins.base import Failed, Finding, Findings, Found, Gone, Unchanged
from aisdr.ingest.origins.folder import is_path
from aisdr.ingest.origins.keys import ETAGS, belonging, can_be_a_file, companions, pictures_named, sources_among

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_PART = 1 << 20

Listing = Mapping[str, tuple[str, int]]
"""Path below the prefix → ETag and size."""


class Bucket:
    """A company's prefix.

    A source is fetched together with what belongs to it: companions, the `meta.toml` of its folders, the pictures that
    its text names, and whatever its last reading looked at. When one of them changes, so does the source.

    Args:
        prefix: ends in `/`, or is empty for the whole bucket.
        touched: paths that changed, where that is known: only sources to which one of them matters are looked at.
            None looks at all.
        largest: bytes of an object that may be fetched here.
        go_on: asked before each source; what is not begun any more is in `left`.
    """

    def __init__(
        self,
        s3: "S3Client",
        bucket: str,
        prefix: str,
        *,
        touched: Collection[str] | None = None,
        largest: int | None = None,
        go_on: Callable[[], bool] = lambda: True,
    ) -> None:
        self.name = f"s3://{bucket}/{prefix}"
        self.left: list[str] = []
        self._s3 = s3
        self._bucket = bucket
        self._prefix = prefix
        self._touched = None if touched is None else frozenset(touched)
        self._beside = {each for path in touched or () for each in companions(path)}
        self._largest = largest
        self._go_on = go_on
        self._expected: int | None = None
        self._metas: dict[str, tuple[str, bytes]] = {}
        self._copies: list[Found] = []

    def owns(self, source_id: str) -> bool:
        return is_path(source_id)

    def expected(self) -> int | None:
        return self._expected

    @property
    def remarks(self) -> tuple[str, ...]:
        return ()

    def discover(self, known: Mapping[str, SourceRecord], spool: Path) -> Findings:
        there = self._listing()
        sources = set(sources_among(there))
        # What a folder has brought is the folder's: only what came from a bucket leaves with its object.
        fetched = {source_id for source_id, record in known.items() if ETAGS in record.extra}
        nameless = {path for path in there if not can_be_a_file(path)}
        chosen = sorted(each for each in sources | fetched | nameless if self._matters(each, known.get(each)))
        self._expected = len(chosen)
        for number, source_id in enumerate(chosen):
            self._sweep()
            if not self._go_on():
                self.left = chosen[number:]
                return
            if source_id in nameless:
                yield Failed(source_id, "no file can have this name: give the object another key")
            elif source_id not in sources:
                yield Gone(source_id, "" if source_id not in there else "it belongs to another file now")
            else:
                yield self._look(source_id, there, known.get(source_id), spool / f"{number:06}")

    def _matters(self, source_id: str, record: SourceRecord | None) -> bool:
        if self._touched is None:
            return True
        return source_id in self._beside or not self._touched.isdisjoint(belonging(source_id, record))

    def _look(self, source_id: str, there: Listing, record: SourceRecord | None, root: Path) -> Finding:
        fetched = _etags(record)
        wanted = {*belonging(source_id, record), *fetched}
        is_trusted = record is not None and record.content_hash != ""
        if fetched and is_trusted and all(fetched.get(path) == _etag(there, path) for path in wanted):
            return Unchanged(source_id)
        size = there[source_id][1]
        if self._largest is not None and size > self._largest:
            return Failed(source_id, f"{size >> 20} MB are too large for this machine", waits=True)
        try:
            etags = dict(self._fetch(source_id, wanted, there, root))
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
                raise self._failure(error) from error
            return Failed(source_id, f"the bucket does not give it: {error.response['Error']['Code']}")
        except BotoCoreError as error:
            raise self._failure(error) from error
        except OSError as error:
            return Failed(source_id, f"it cannot be written down here: {error.strerror}")
        if source_id not in etags:
            return Gone(source_id)
        found = Found(source_id, root, root / source_id, extra={ETAGS: json.dumps(etags)}, borrowed=False)
        self._copies.append(found)
        return found

    def _sweep(self) -> None:
        """Of a file that was read and taken away, what came with it goes, too: a bucket may be larger than a disk."""
        for copy in [each for each in self._copies if not each.path.exists()]:
            shutil.rmtree(copy.root, ignore_errors=True)
            self._copies.remove(copy)

    def _fetch(self, source_id: str, wanted: set[str], there: Listing, root: Path) -> Iterator[tuple[str, str]]:
        """Path and ETag of each object that was written below `root`: of the bytes that came, not of those listed."""
        for path in [source_id, *sorted(wanted - {source_id})]:
            if path in there and (etag := self._copy(path, there, root)):
                yield path, etag
        for path in sorted(pictures_named(source_id, root) - wanted):
            if path in there and (etag := self._copy(path, there, root)):
                yield path, etag

    def _copy(self, path: str, there: Listing, root: Path) -> str | None:
        """The ETag; None when the object has gone since it was listed."""
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        kept = self._metas.get(path)
        if kept and kept[0] == there[path][0]:
            file.write_bytes(kept[1])
            return kept[0]
        try:
            given = self._s3.get_object(Bucket=self._bucket, Key=self._prefix + path)
        except self._s3.exceptions.NoSuchKey:
            return None
        with file.open("wb") as copy:
            for part in given["Body"].iter_chunks(_PART):
                copy.write(part)
        if file.name == META:  # each of a folder's files wants it
            self._metas[path] = given["ETag"], file.read_bytes()
        return given["ETag"]

    def _listing(self) -> Listing:
        try:
            pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
            return {
                item["Key"].removeprefix(self._prefix): (item["ETag"], item["Size"])
                for page in pages
                for item in page.get("Contents", [])
                if not item["Key"].endswith("/")  # how consoles show a folder
            }
        except (ClientError, BotoCoreError) as error:
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> VendorError:
        return VendorError(f"The bucket behind {self.name} failed: {error}", vendor="s3", retryable=True)


def _etags(record: SourceRecord | None) -> dict[str, str]:
    known: dict[str, str] = json.loads(record.extra.get(ETAGS, "{}")) if record else {}
    return known


def _etag(there: Listing, path: str) -> str | None:
    return there[path][0] if path in there else None

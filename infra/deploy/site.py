"""The site: the widget's files and the hosted page, in their bucket, each with how long browsers may keep it.

`widget/dist/manifest.json` names what the build made. A file whose name says its content is kept for ever, and stays in
the bucket when a newer one comes, because pages that are open still ask for it. The others are asked for again after
five minutes.
"""

import base64
import hashlib
import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import boto3

from infra import ROOT

DIST = ROOT / "widget" / "dist"
MANIFEST = "manifest.json"
HOSTED_PAGE = ROOT / "widget" / "hosted.html"
FOR_EVER = "public, max-age=31536000, immutable"
FOR_FIVE_MINUTES = "public, max-age=300"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".svg": "image/svg+xml",
}
REPLACED = ("/embed.js", "/widget/*")
"""What the distribution must not answer from its memory after an upload."""


class Unfinished(Exception):
    """The widget's build cannot be uploaded; the message says what to do."""


@dataclass(frozen=True)
class SiteFile:
    """One object of the bucket."""

    key: str
    source: Path
    cache: str

    @property
    def kind(self) -> str:
        """Raises: Unfinished."""
        try:
            return TYPES[self.source.suffix]
        except KeyError:
            raise Unfinished(f"{self.source.name}: nobody said how browsers are to read {self.source.suffix}") from None


def site_files(dist: Path = DIST) -> list[SiteFile]:
    """What belongs into the bucket, in the order of upload: what others lead to comes before them.

    Raises:
        Unfinished: there is no build, or it is not what its manifest says.
    """
    manifest = dist / MANIFEST
    if not manifest.is_file():
        raise Unfinished(f"There is no {manifest}: run `make setup`, which builds the widget")
    built = list(_built(dist, json.loads(manifest.read_text("utf-8"))["files"]))
    pages = [
        SiteFile(f"widget/{MANIFEST}", manifest, FOR_FIVE_MINUTES),
        SiteFile("widget/hosted.html", HOSTED_PAGE, FOR_FIVE_MINUTES),
    ]
    return sorted([*built, *pages], key=lambda each: each.cache == FOR_FIVE_MINUTES)


def _built(dist: Path, files: Mapping[str, Mapping[str, object]]) -> Iterator[SiteFile]:
    for name, told in files.items():
        source = dist / name
        if _integrity(source) != told["integrity"]:
            raise Unfinished(f"{source} is not what {MANIFEST} says: build the widget again with `make setup`")
        cache = FOR_EVER if told["immutable"] else FOR_FIVE_MINUTES
        yield SiteFile(f"widget/{name}", source, cache)
        if name == "embed.js":  # the one address that stands on other people's pages
            yield SiteFile(name, source, cache)


def _integrity(file: Path) -> str:
    if not file.is_file():
        return "missing"
    return f"sha384-{base64.b64encode(hashlib.sha384(file.read_bytes()).digest()).decode()}"


def upload(bucket: str, files: list[SiteFile], region: str) -> None:
    s3 = boto3.client("s3", region_name=region)
    for file in files:
        s3.put_object(
            Bucket=bucket,
            Key=file.key,
            Body=file.source.read_bytes(),
            ContentType=file.kind,
            CacheControl=file.cache,
        )


def invalidate(distribution: str) -> None:
    """Asks for it and does not wait: until it is done, visitors get what they had five minutes ago."""
    boto3.client("cloudfront").create_invalidation(
        DistributionId=distribution,
        InvalidationBatch={
            "Paths": {"Quantity": len(REPLACED), "Items": list(REPLACED)},
            "CallerReference": str(uuid.uuid4()),
        },
    )

"""The gateway hands out the media bucket as CloudFront does: whole, in ranges, and never as a program."""

from typing import Any

import boto3
import httpx
import pytest
from moto import mock_aws

from dev.gateway.app import Options
from dev.gateway.media import Media
from tests.dev.scene import Scene


@pytest.fixture
def media(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="media")
        s3.put_object(Bucket="media", Key="acme/clip one.mp4", Body=bytes(range(100)), ContentType="video/mp4")
        s3.put_object(Bucket="media", Key="acme/page.html", Body=b"<p>", ContentType="text/html; charset=utf-8")
        yield Media(s3, "media")


def test_media_can_be_fetched_whole_and_by_range(scene: Scene, media: Media) -> None:
    address = f"{scene.open(Options(media=media))}/media/acme/clip%20one.mp4"

    whole = httpx.get(address)
    part = httpx.get(address, headers={"Range": "bytes=10-19"})
    outside = httpx.get(address, headers={"Range": "bytes=500-"})
    again = httpx.get(address, headers={"If-None-Match": whole.headers["etag"]})
    head = httpx.head(address)

    assert (whole.status_code, whole.headers["content-type"], len(whole.content)) == (200, "video/mp4", 100)
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert (part.status_code, part.content) == (206, bytes(range(10, 20)))
    assert part.headers["content-range"] == "bytes 10-19/100"
    assert outside.status_code == 416
    assert again.status_code == 304
    assert (head.status_code, head.headers["content-length"], head.content) == (200, "100", b"")


def test_a_document_among_the_media_cannot_run_scripts(scene: Scene, media: Media) -> None:
    base = scene.open(Options(media=media))

    page, clip = httpx.get(f"{base}/media/acme/page.html"), httpx.head(f"{base}/media/acme/clip%20one.mp4")

    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert "content-security-policy" not in clip.headers
    assert httpx.get(f"{base}/media/acme/none.png").status_code == 404

"""The gateway hands out the media bucket as CloudFront does: whole, in ranges, and never as a program."""

from collections.abc import Callable
from typing import Any

import boto3
import httpx
import pytest
from moto import mock_aws

from aisdr.media_links import SECONDS, STEP, MediaLinks
from aisdr.secret import Keys
from dev.gateway.app import Options
from dev.gateway.media import Media
from dev.gateway.signed import Gate
from tests.chunks import ACME
from tests.dev.scene import Scene
from tests.material import Clock
from tests.media_keys import KEY_ID, media_keys, private_pem

pytestmark = pytest.mark.slow

HERE = "https://sdr.example"
CLIP = "/media/_private/acme/a%20b.mp4"


@pytest.fixture
def media(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Any:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="media")
        s3.put_object(Bucket="media", Key="acme/clip one.mp4", Body=bytes(range(100)), ContentType="video/mp4")
        s3.put_object(Bucket="media", Key="acme/page.html", Body=b"<p>", ContentType="text/html; charset=utf-8")
        s3.put_object(Bucket="media", Key="_private/acme/a b.mp4", Body=bytes(range(100)), ContentType="video/mp4")
        s3.put_object(Bucket="media", Key="_private/acme/other.mp4", Body=b"other", ContentType="video/mp4")
        yield Media(s3, "media", Gate(HERE, {KEY_ID: private_pem()}, clock))


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


@pytest.fixture
def signed(clock: Clock) -> str:
    return MediaLinks(HERE, Keys(media_keys()), clock).address(ACME, CLIP)


def test_what_is_for_visitors_opens_with_its_signature_whole_and_by_range(
    scene: Scene, media: Media, signed: str
) -> None:
    address = f"{scene.open(Options(media=media))}{signed}"

    whole, part = httpx.get(address), httpx.get(address, headers={"Range": "bytes=10-19"})

    assert (whole.status_code, len(whole.content)) == (200, 100)
    assert whole.headers["access-control-allow-origin"] == "*"
    assert (part.status_code, part.content) == (206, bytes(range(10, 20)))


@pytest.mark.parametrize(
    "changed",
    [
        lambda signed: CLIP,
        lambda signed: signed.partition("&Signature")[0],
        lambda signed: signed.replace("a%20b.mp4", "other.mp4"),
        lambda signed: signed.replace("/acme/", "/globex/"),
        lambda signed: signed.replace("Expires=1", "Expires=2"),
        lambda signed: signed.replace("Signature=", "Signature=A"),
        lambda signed: signed.replace("Signature=", "Signature=*"),
        lambda signed: signed.replace(KEY_ID, "KOTHER"),
        lambda signed: f"{signed}&Expires=9999999999",
        lambda signed: CLIP.replace("_private", "%5Fprivate"),
        lambda signed: CLIP.replace("/_private/", "/%5fprivate%2f"),
    ],
    ids=["none", "half", "another file", "another company", "longer", "wrong", "no base64", "key", "twice", "_", "_/"],
)
def test_what_is_for_visitors_does_not_open_otherwise(
    scene: Scene, media: Media, signed: str, changed: Callable[[str], str]
) -> None:
    refused = httpx.get(f"{scene.open(Options(media=media))}{changed(signed)}")

    assert refused.status_code == 403
    assert refused.headers["access-control-allow-origin"] == "*"


def test_a_signature_ends(scene: Scene, media: Media, signed: str, clock: Clock) -> None:
    address = f"{scene.open(Options(media=media))}{signed}"
    clock.advance(SECONDS - 1)
    assert httpx.get(address).status_code == 200

    clock.advance(STEP + 1)

    assert httpx.get(address).status_code == 403

"""The site's files: what is uploaded, in which order, and how long browsers may keep it."""

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from infra.deploy.site import HOSTED_PAGE, Unfinished, invalidate, site_files, upload

BUCKET = "aisdr-test-site"


def built(folder: Path, **immutable: bool) -> Path:
    """A build of the widget: each file by its name, with `_` for the dot, and whether its name says its content."""
    files = {}
    for name, for_ever in immutable.items():
        file = folder / name.replace("_", ".")
        file.write_text(f"// {name}")
        digest = base64.b64encode(hashlib.sha384(file.read_bytes()).digest()).decode()
        files[file.name] = {"integrity": f"sha384-{digest}", "immutable": for_ever}
    (folder / "manifest.json").write_text(json.dumps({"version": "1.2.3", "files": files}))
    return folder


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    return built(tmp_path, embed_js=False, panel4f_js=True, hosted_js=False)


def test_what_its_name_tells_apart_is_kept_for_ever_and_the_rest_for_five_minutes(dist: Path) -> None:
    kept = {file.key: file.cache for file in site_files(dist)}

    assert kept == {
        "widget/panel4f.js": "public, max-age=31536000, immutable",
        "embed.js": "public, max-age=300",
        "widget/embed.js": "public, max-age=300",
        "widget/hosted.js": "public, max-age=300",
        "widget/hosted.html": "public, max-age=300",
        "widget/manifest.json": "public, max-age=300",
    }


def test_what_others_lead_to_is_there_before_them(dist: Path) -> None:
    order = [file.key for file in site_files(dist)]

    assert order[0] == "widget/panel4f.js"


def test_a_build_that_is_not_what_its_manifest_says_is_refused(dist: Path) -> None:
    (dist / "panel4f.js").write_text("another")

    with pytest.raises(Unfinished, match=r"panel4f\.js is not what manifest\.json says"):
        site_files(dist)


def test_without_a_build_it_is_said_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(Unfinished, match="make setup"):
        site_files(tmp_path)


def test_a_file_that_nobody_knows_how_to_read_is_refused(tmp_path: Path) -> None:
    (file,) = [each for each in site_files(built(tmp_path, voice_exe=True)) if each.key.endswith(".exe")]

    with pytest.raises(Unfinished, match=r"voice\.exe"):
        assert file.kind


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield


def test_browsers_are_told_what_a_file_is_and_how_long_it_lasts(account: None, dist: Path) -> None:
    s3 = boto3.client("s3")
    s3.put_object(Bucket=BUCKET, Key="widget/panel-older.js", Body=b"for pages that are open")

    upload(BUCKET, site_files(dist), "us-east-1")

    script = s3.get_object(Bucket=BUCKET, Key="widget/panel4f.js")
    page = s3.get_object(Bucket=BUCKET, Key="widget/hosted.html")
    assert (script["ContentType"], script["CacheControl"]) == (
        "text/javascript; charset=utf-8",
        "public, max-age=31536000, immutable",
    )
    assert (page["ContentType"], page["CacheControl"]) == ("text/html; charset=utf-8", "public, max-age=300")
    assert page["Body"].read() == HOSTED_PAGE.read_bytes()
    assert s3.get_object(Bucket=BUCKET, Key="embed.js")["Body"].read() == (dist / "embed.js").read_bytes()
    assert s3.head_object(Bucket=BUCKET, Key="widget/panel-older.js")


def test_the_distribution_forgets_what_has_no_name_of_its_own(account: None) -> None:
    cloudfront = boto3.client("cloudfront")
    origin = {"Id": "site", "DomainName": "site.s3.amazonaws.com", "S3OriginConfig": {"OriginAccessIdentity": ""}}
    made = cloudfront.create_distribution(
        DistributionConfig={
            "CallerReference": "1",
            "Comment": "",
            "Enabled": True,
            "Origins": {"Quantity": 1, "Items": [origin]},
            "DefaultCacheBehavior": {"TargetOriginId": "site", "ViewerProtocolPolicy": "https-only"},
        }
    )["Distribution"]["Id"]

    invalidate(made)

    (listed,) = cloudfront.list_invalidations(DistributionId=made)["InvalidationList"]["Items"]
    batch = cloudfront.get_invalidation(DistributionId=made, Id=listed["Id"])["Invalidation"]["InvalidationBatch"]
    assert batch["Paths"]["Items"] == ["/embed.js", "/widget/*"]

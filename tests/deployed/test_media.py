"""What companies show comes through the distribution, which signs what it asks the bucket for; nobody else may."""

import httpx
import pytest
from botocore.config import Config

from dev.deployment.local import LocalDeployment
from tests.product import Stack

pytestmark = pytest.mark.deployed


@pytest.fixture(scope="module")
def key(deployment: LocalDeployment) -> str:
    """Of a picture that was ingested."""
    listed = deployment.client("s3").list_objects_v2(Bucket=bucket(deployment), Prefix="hypersonix/")
    return next(str(each["Key"]) for each in listed["Contents"] if each["Key"].endswith(".png"))


def bucket(deployment: LocalDeployment) -> str:
    return f"aisdr-{deployment.name}-media-000000000000"


def test_a_visitor_gets_a_picture_whole_or_in_part(stack: Stack, key: str) -> None:
    whole = httpx.get(f"{stack.url}/media/{key}")
    part = httpx.get(f"{stack.url}/media/{key}", headers={"range": "bytes=1-3"})

    assert (whole.status_code, whole.headers["content-type"]) == (200, "image/png")
    assert (part.status_code, part.content) == (206, b"PNG")
    assert "script-src" not in whole.headers["content-security-policy"]


def test_the_bucket_itself_answers_only_what_is_signed(deployment: LocalDeployment, key: str) -> None:
    plain = f"{deployment.endpoint}/{bucket(deployment)}/{key}"
    s3 = deployment.client("s3", config=Config(signature_version="s3v4", s3={"addressing_style": "path"}))
    signed = s3.generate_presigned_url("get_object", Params={"Bucket": bucket(deployment), "Key": key}, ExpiresIn=60)

    assert httpx.get(plain).status_code == 403
    assert httpx.get(signed).status_code == 200
    assert httpx.get(signed.replace("Signature=", "Signature=0")).status_code == 403


def test_what_was_read_aloud_is_kept_and_given_to_nobody_else(deployment: LocalDeployment, stack: Stack) -> None:
    grant = stack.open_session()
    spoken = httpx.post(
        f"{stack.url}/api/speech",
        json={"text": "Hello there.", "language": "en"},
        headers={"Authorization": f"Bearer {grant['token']}", "Origin": stack.url},
        timeout=30,
    )
    assert spoken.status_code == 200, spoken.text

    kept = deployment.client("s3").list_objects_v2(Bucket=bucket(deployment), Prefix="speech/hypersonix/")["Contents"]

    assert kept
    assert httpx.get(f"{stack.url}/media/{kept[0]['Key']}").status_code == 403

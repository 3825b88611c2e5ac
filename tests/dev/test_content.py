"""The local run fills its stores once, and again when what it filled is gone."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from aisdr.company import Companies
from aisdr.table import Table
from dev import aws
from dev.content import Content, ContentError
from dev.environment import Ports, functions_environment
from dev.serve import serving
from dev.tavus.app import create_app as create_tavus
from tests.dev.ports import free_port

pytestmark = pytest.mark.slow

COMPANY = """
companyId = "corner-shop"
slug = "corner-shop"
displayName = "Corner Shop"
websiteUrl = "https://corner-shop.example"
"""


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    port = free_port()
    with aws.running(port, tmp_path_factory.mktemp("aws")):
        yield port


@pytest.fixture
def content(emulator: int, tmp_path: Path) -> Content:
    """Of one company, whose folder does not have its name."""
    folder = tmp_path / "examples" / "the shop around the corner"
    (folder / "knowledge").mkdir(parents=True)
    (folder / "company.toml").write_text(COMPANY)
    (folder / "knowledge" / "hours.md").write_text("# Hours\n\nWe open at eight and close at six.\n")
    environment = functions_environment(Ports(aws=emulator), tmp_path / "data", {})
    content = Content(environment, tmp_path / "data" / "index", tmp_path / "examples")
    content.prepare()
    return content


def objects(content: Content) -> list[str]:
    listed = content.s3.list_objects_v2(Bucket=content.environment["AISDR_MEDIA_BUCKET"])
    return [each["Key"] for each in listed.get("Contents", [])]


def lose_the_bucket(content: Content) -> None:
    bucket = content.environment["AISDR_MEDIA_BUCKET"]
    for key in objects(content):
        content.s3.delete_object(Bucket=bucket, Key=key)
    content.s3.delete_bucket(Bucket=bucket)


def test_content_is_filled_once_and_again_when_the_media_are_gone(content: Content) -> None:
    first, second = list(content.fill()), list(content.fill())
    filled = objects(content)

    lose_the_bucket(content)
    content.prepare()
    after_the_loss = list(content.fill())

    assert [line.partition(":")[0] for line in first] == ["corner-shop", "corner-shop"]
    assert second == []
    assert filled
    assert all(key.startswith("corner-shop/") for key in filled)
    assert after_the_loss
    assert objects(content) == filled


def test_a_company_file_that_cannot_be_read_is_named(content: Content) -> None:
    file = next(content.examples.glob("*/company.toml"))
    file.write_text("companyId = ")

    with pytest.raises(ContentError, match=r"company\.toml"):
        list(content.fill())


def test_a_company_with_a_face_gets_an_avatar_of_its_own_from_each_look_alike(content: Content) -> None:
    file = next(content.examples.glob("*/company.toml"))
    file.write_text(f'{file.read_text()}\ntavusReplicaId = "r90bbd427f71"\ntavusPersonaId = "pcb7a34da5fe"\n')
    list(content.fill())
    companies = Companies(Table(content.dynamodb, content.environment["AISDR_COMPANIES_TABLE"]))
    given = []

    for _ in range(2):  # it forgets its PALs when it stops
        with serving(create_tavus()) as url:
            content.environment = {**content.environment, "TAVUS_API_URL": url}
            content.provision()
            content.provision()
            given.append(companies.get("corner-shop").tavus_persona_id)
            pals = httpx.get(f"{url}/v2/pals", params={"pal_type": "user"}, headers={"x-api-key": "tvsk_local"}).json()
            assert [pal["pal_id"] for pal in pals["data"]] == given[-1:]

    assert given[0] != given[1]


def test_a_company_without_a_face_is_left_alone(content: Content) -> None:
    content.provision()

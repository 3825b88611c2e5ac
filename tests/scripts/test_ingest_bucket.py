"""`aisdr ingest s3://BUCKET/PREFIX`: the operator reads what was dropped, with what only that machine has."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from aisdr.services import Services
from scripts.__main__ import app
from tests.conftest import KNOWLEDGE
from tests.ingest.material import draw
from tests.material import a_company

pytestmark = pytest.mark.slow
ACME = a_company().operator_scope


def ingest(*arguments: str) -> tuple[int, dict[str, Any]]:
    done = CliRunner().invoke(app, ["ingest", *arguments, "--json"])
    return done.exit_code, json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def s3(services: Services, clients: tuple[Any, Any]) -> Any:
    services.companies.put(a_company(), expected_version=0)
    return clients[1]


def test_a_prefix_is_read_like_a_folder_and_what_waited_for_it_waits_no_more(
    services: Services, s3: Any, tmp_path: Path
) -> None:
    picture = draw(tmp_path / "board.png").read_bytes()
    s3.put_object(Bucket=KNOWLEDGE, Key="acme/board.png", Body=picture)
    s3.put_object(Bucket=KNOWLEDGE, Key="acme/board.caption.md", Body=b"Revenue by month")
    services.unread_files.note(ACME, "board.png", "waiting", "it needs rapidocr, which is not installed here")

    code, report = ingest("s3://knowledge/acme/", "--company", "acme")

    assert code == 0, report
    assert {each["sourceId"]: each["action"] for each in report["outcomes"]} == {"board.png": "added"}
    assert services.unread_files.all(ACME) == []
    _, again = ingest("s3://knowledge/acme", "--company", "acme")
    assert {each["sourceId"]: each["action"] for each in again["outcomes"]} == {"board.png": "unchanged"}


def test_a_bucket_that_nobody_can_read_is_told(s3: Any) -> None:
    done = CliRunner().invoke(app, ["ingest", "s3://nowhere/acme/", "--company", "acme"])

    assert done.exit_code == 1
    assert "s3://nowhere/acme/" in f"{done.output}{done.exception}"

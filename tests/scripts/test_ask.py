"""`aisdr ask`: the answer a visitor would get, on the operator's screen, and nothing left behind."""

import json
import sys
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner, Result

from aisdr.observability import logger
from aisdr.services import Services
from scripts.__main__ import app, main
from tests.conftest import CONVERSATIONS
from tests.material import a_chunk, a_company, items, teach

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PRICES = a_chunk("prices", "The Team plan costs 49 euros a month.")
NORWAY = a_chunk("shipping", "We ship to Norway within four working days.")
QUESTION = "What does the Team plan cost?"


@pytest.fixture(autouse=True)
def acme(services: Services) -> None:
    """A company that knows two things."""
    company = a_company()
    services.companies.put(company, expected_version=0)
    teach(services, company, PRICES, NORWAY)


def ask(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["ask", *arguments, "--company", "acme"], env={"COLUMNS": "160"})


def test_the_answer_comes_with_numbered_citations_that_can_be_opened() -> None:
    result = ask(QUESTION)

    assert result.exit_code == 0
    assert "The Team plan costs 49 euros a month. [1]" in result.stdout
    assert "[1] Prices  http://localhost:3000/media/acme/prices" in result.stdout
    assert "score" not in result.stdout


def test_the_hits_it_was_made_from_are_shown_on_demand() -> None:
    told = ask(QUESTION, "--hits").stdout

    assert told.index("[1] Prices") < told.index("score")
    assert "own ok (2 in" in told
    assert NORWAY.text in told
    assert NORWAY.text not in ask(QUESTION, "--hits", "--limit", "1").stdout


def test_json_holds_the_answer_and_the_hits() -> None:
    told = json.loads(ask(QUESTION, "--json").stdout)

    assert told["answer"]["citations"][0]["url"] == "/media/acme/prices"
    assert told["answer"]["grounded"] is True
    assert told["search"]["hits"][0]["chunk"]["chunkId"] == PRICES.chunk_id


def test_how_it_was_found_is_explained_on_demand() -> None:
    told = ask(QUESTION, "--explain").stdout

    assert told.index("[1] Prices") < told.index("question") < told.index("leg own: ok") < told.index("merged")
    assert "embedded, all-MiniLM-L6-v2" in told
    assert "began ms" in told
    assert json.loads(ask(QUESTION, "--explain", "--json").stdout)["search"]["explanation"]["legs"][0]["name"] == "own"
    assert json.loads(ask(QUESTION, "--json").stdout)["search"]["explanation"] is None


def test_what_is_not_known_is_said() -> None:
    assert "I don't have that in my material" in ask("Who is your dentist?").stdout


def test_a_company_that_was_never_ingested_is_told_apart_from_one_that_does_not_know(services: Services) -> None:
    services.companies.put(a_company(company_id="bare", slug="bare"), expected_version=0)

    bare = CliRunner().invoke(app, ["ask", QUESTION, "--company", "bare"])

    assert bare.exit_code == 0
    assert "'bare' has no knowledge of its own yet: `aisdr ingest FOLDER`" in bare.stderr
    assert ask("Who won the football match?").stderr == ""


def test_no_conversation_and_no_lead_is_left_behind(aws: "DynamoDBClient") -> None:
    codes = [ask(question).exit_code for question in (QUESTION, "My e-mail is ann@globex.example, please call me back")]

    kept = {item["sk"]["S"].partition("#")[0] for item in items(aws, CONVERSATIONS)}
    assert codes == [0, 0]
    assert kept <= {"toolcall"}  # that a tool ran is noted for a while, whoever asked


@pytest.mark.parametrize("question", ["", "  ", "why? " * 500])
def test_an_empty_or_endless_question_is_wrong_usage(question: str) -> None:
    result = ask(question)

    assert result.exit_code == 2
    assert "the question is" in result.stderr


@pytest.mark.parametrize(("slug", "hint"), [("Acmee", "did you mean 'acme'?"), ("globex", "there are: acme")])
def test_a_slug_that_nobody_has_comes_with_those_that_there_are(
    services: Services, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], slug: str, hint: str
) -> None:
    for handler in logger.handlers:
        monkeypatch.setattr(handler, "stream", sys.stderr)  # put back: the command writes to this test's own
    monkeypatch.setattr("sys.argv", ["aisdr", "ask", QUESTION, "--company", slug])

    assert main() == 1
    assert capsys.readouterr().err.strip() == f"Company '{slug}' does not exist; {hint}"

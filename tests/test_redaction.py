"""What looks like a person's data does not get into the log, whoever forgot what an event is (T-LOG-01)."""

import json
from pathlib import Path

import pytest

from aisdr.company import Companies
from aisdr.observability import about, begin, logger
from aisdr.redaction import MOST_CHARACTERS, redacted
from aisdr.table import Table
from tests.material import a_company
from tests.observed import observed

NAUGHTY: list[str] = json.loads(
    (Path(__file__).parent / "data" / "security" / "naughty-strings.json").read_text(encoding="utf-8")
)
FIELDS = ("reason", "code", "tool", "company_id", "session_id", "error", "cause", "kind")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("mail ada@mail.example now", "mail [email] now"),
        ("+1 (555) 010-4477", "[number]"),
        ("4111 1111 1111 1111", "[number]"),
        ("4111111111111111", "[number]"),
        ("123-45-6789", "[number]"),
        ("1796034447 seconds", "1796034447 seconds"),
        ("a7f3c2d1e0b9a8f7c6d5e4b3a2f1c0d9", "a7f3c2d1e0b9a8f7c6d5e4b3a2f1c0d9"),
        ("took 12.5 ms of 2026-11-30", "took 12.5 ms of 2026-11-30"),
    ],
)
def test_addresses_and_numbers_of_people_are_taken_out_and_ours_are_left(text: str, left: str) -> None:
    assert redacted(text) == left


def test_a_companys_private_words_are_taken_out_from_when_it_was_read(companies_table: Table) -> None:
    companies = Companies(companies_table)
    companies.put(a_company(private_words=("CUST-####", "Project Heron")), expected_version=0)
    companies.get("acme")

    assert redacted("cust-1234 asked for project heron") == "[private] asked for [private]"

    companies.put(a_company(), expected_version=1)
    companies.get("acme")
    assert redacted("CUST-1234") == "CUST-1234"


def test_an_exception_is_logged_with_its_place_and_without_what_it_says() -> None:
    said = "my secret is 42\nAlsoHere: zebra"
    with observed() as written:
        try:
            try:
                raise ValueError(said)
            except ValueError as error:
                raise RuntimeError(said) from error
        except RuntimeError:
            logger.exception("unexpected failure")

    (line,) = written.lines
    assert "zebra" not in written.text
    assert "AlsoHere" not in written.text
    assert "ValueError" in line["exception"]
    assert line["exception"].endswith("RuntimeError")
    assert "test_redaction.py" in line["exception"]


def test_aws_says_which_call_it_refused() -> None:
    said = "An error occurred (AccessDeniedException) when calling the PutItem operation: User x is not authorized"
    with observed() as written:
        try:
            raise RuntimeError(said)
        except RuntimeError:
            logger.exception("unexpected failure")

    assert "(AccessDeniedException) when calling the PutItem operation" in written.text
    assert "User x" not in written.text


def test_whatever_stands_in_a_field_the_line_is_one_object_of_the_same_company() -> None:
    assert len(NAUGHTY) > 400
    with observed() as written:
        begin({}, None)
        about(company_id="acme", session_id="s1")
        for text in NAUGHTY:
            for field in FIELDS:
                if field not in ("company_id", "session_id"):
                    logger.warning("event", extra={field: text})
            logger.warning(text)

    lines = written.text.split("\n")[:-1]
    assert len(lines) == len(NAUGHTY) * (len(FIELDS) - 1)
    for line in lines:
        told = json.loads(line)
        assert (told["company_id"], told["session_id"]) == ("acme", "s1")
    assert not any(ord(character) < 0x20 for character in "".join(lines))


def test_a_field_is_bounded() -> None:
    with observed() as written:
        logger.warning("event", reason="x" * 100_000)

    assert len(written.lines[0]["reason"]) == MOST_CHARACTERS

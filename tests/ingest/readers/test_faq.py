"""A list of questions in CSV or JSON: each question is a piece, with itself as its heading."""

import base64
import json
from pathlib import Path

import pytest

from aisdr.ingest.readers.base import NothingToRead, Unreadable
from tests.ingest.material import write
from tests.ingest.readers.conftest import Read

CSV = 'Question,Answer,Topic\n"What is it, really?","A till.\nFor shops.",basic\nHow much?,49 euros.,\nWhy?,,\n'
JSON = json.dumps(
    [
        {"question": "What is it, really?", "answer": "A till.\nFor shops.", "Topic": "basic", "weight": {"a": 1}},
        {"Question": "How much?", "ANSWER": "49 euros.", "tags": ["price", "fee"], "checked": True},
    ]
)


def test_each_question_of_a_table_is_a_piece(tmp_path: Path, read: Read) -> None:
    document = read(write(tmp_path / "faq.csv", CSV))

    found = [(piece.locator.heading, piece.locator.row, piece.url, piece.text) for piece in document.pieces]
    assert found == [
        ("What is it, really?", 2, "/media/acme/faq.csv.html#what-is-it-really", "A till.\nFor shops.\nTopic: basic"),
        ("How much?", 3, "/media/acme/faq.csv.html#how-much", "49 euros."),
    ]
    assert document.remarks == ("left out for want of an answer, or of a question: 1 of 3",)
    content = document.publications[0].content
    assert isinstance(content, bytes)
    assert '<h2 id="how-much">How much?</h2>' in content.decode()


def test_each_question_of_a_list_is_a_piece(tmp_path: Path, read: Read) -> None:
    document = read(write(tmp_path / "faq.json", JSON))

    assert [(piece.locator.heading, piece.text) for piece in document.pieces] == [
        ("What is it, really?", "A till.\nFor shops.\ntopic: basic"),
        ("How much?", "49 euros.\ntags: price, fee"),
    ]


def test_a_long_answer_is_several_pieces_under_one_question(tmp_path: Path, read: Read) -> None:
    answer = " ".join(f"Sentence number {number} has seven words exactly." for number in range(60))

    pieces = read(write(tmp_path / "faq.json", json.dumps([{"question": "Why?", "answer": answer}]))).pieces

    assert len(pieces) > 2
    assert {(piece.locator.heading, piece.url) for piece in pieces} == {("Why?", "/media/acme/faq.json.html#why")}


@pytest.mark.parametrize(
    "content",
    ["{}", "[]", "7", '"a"', '[{"name": "x"}]', '[["question", "answer"]]', '[{"question": 1, "answer": "b"}]'],
)
def test_other_json_holds_nothing_for_people(tmp_path: Path, read: Read, content: str) -> None:
    with pytest.raises(NothingToRead, match="list of questions"):
        read(write(tmp_path / "data.json", content))


def test_questions_without_answers_hold_nothing(tmp_path: Path, read: Read) -> None:
    with pytest.raises(NothingToRead, match="none of its questions"):
        read(write(tmp_path / "faq.csv", "question;answer\nWhy?;\n"))


@pytest.mark.parametrize(
    "content", ["[" * 200_000, '{"a":' * 200_000, "[{", "NaN]", '[{"question": "a", "answer": "b"}']
)
def test_broken_json_is_unreadable(tmp_path: Path, read: Read, content: str) -> None:
    with pytest.raises(Unreadable, match="JSON"):
        read(write(tmp_path / "faq.json", content))


def test_no_malformed_json_of_the_collection_does_more_than_fail(tmp_path: Path, read: Read) -> None:
    rows = (Path(__file__).parents[2] / "data/security/json-malformed.jsonl").read_text(encoding="utf-8").splitlines()

    for row in map(json.loads, rows):
        (tmp_path / "faq.json").write_bytes(base64.b64decode(row["b64"]))
        with pytest.raises((Unreadable, NothingToRead)):
            read(tmp_path / "faq.json")

    assert len(rows) > 50


def test_markup_in_an_answer_is_only_text_and_what_is_hidden_is_counted(tmp_path: Path, read: Read) -> None:
    rows = [{"question": "<b onclick=x()>Why\u200b?</b>", "answer": "<script>x()</script>Be\u202ecause"}]

    document = read(write(tmp_path / "faq.json", json.dumps(rows)))

    content = document.publications[0].content
    assert isinstance(content, bytes)
    assert b"<script" not in content
    assert b"<b " not in content
    assert document.remarks == ("2 hidden characters were taken out",)


def test_two_questions_of_the_same_words_have_places_of_their_own(tmp_path: Path, read: Read) -> None:
    document = read(write(tmp_path / "faq.csv", "question,answer\nWhy?,One.\nWhy?,Two.\n"))

    assert [piece.url.split("#")[1] for piece in document.pieces] == ["why", "why-2"]

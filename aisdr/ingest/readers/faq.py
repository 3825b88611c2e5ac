"""Reads JSON, if it is a list of questions with their answers; no other JSON is written for people."""

import json
from typing import Any

from aisdr.ingest.encoding import decode
from aisdr.ingest.faq import ANSWER, QUESTION, Question, faq_document, is_faq
from aisdr.ingest.readers.base import Document, NothingToRead, SourceFile, Unreadable


class FaqReader:
    endings: tuple[str, ...] = (".json",)
    companion_endings: tuple[str, ...] = (".toml",)

    def read(self, file: SourceFile) -> Document:
        try:
            content = json.loads(decode(file.path.read_bytes()))
        except RecursionError:
            raise Unreadable("its JSON is nested deeper than any list of questions") from None
        except ValueError as error:
            raise Unreadable(f"it is no JSON ({str(error)[:200]})") from error
        if not isinstance(content, list) or not content:
            raise NothingToRead(_REMEDY)
        questions = [_question(item) for item in content]
        return faq_document(file, questions)


_REMEDY = (
    'JSON is read if it is a list of questions: [{"question": "…", "answer": "…"}, …]; '
    "write anything else as Markdown, or as a table in CSV"
)


def _question(item: Any) -> Question:
    if not isinstance(item, dict) or not is_faq(list(item)):
        raise NothingToRead(_REMEDY)
    named = {key.strip().lower(): value for key, value in item.items()}
    question, answer = named.pop(QUESTION), named.pop(ANSWER)
    if not isinstance(question, str) or not isinstance(answer, str):
        raise NothingToRead(_REMEDY)
    more = [(name, _words(value)) for name, value in named.items()]
    return Question(question, answer, tuple((name, value) for name, value in more if value))


def _words(value: Any) -> str:
    """Beside questions stand tags, languages, names of products; what is nested is for programs."""
    match value:
        case list() if all(isinstance(each, str) for each in value):
            return ", ".join(value)
        case bool() | None | dict() | list():
            return ""
        case _:
            return str(value)

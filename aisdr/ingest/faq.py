"""Questions with their answers, whatever file they stand in: each question is a piece, with itself as its heading."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from aisdr.index.base import Locator
from aisdr.ingest.anchors import Anchors
from aisdr.ingest.cleaning import remarks_on, strip_hidden
from aisdr.ingest.readers.base import Document, NothingToRead, Piece, SourceFile
from aisdr.ingest.rendered import address_of, rendered
from aisdr.ingest.split import Block, split

QUESTION, ANSWER = "question", "answer"


@dataclass(frozen=True)
class Question:
    question: str
    answer: str
    more: tuple[tuple[str, str], ...] = ()
    """What else stands beside it, by the names of its columns."""
    row: int | None = None


def is_faq(names: Sequence[str]) -> bool:
    """Whether columns, or the keys of an object, are those of questions and answers."""
    return {QUESTION, ANSWER} <= {name.strip().lower() for name in names}


def faq_document(file: SourceFile, questions: Sequence[Question], remarks: Sequence[str] = ()) -> Document:
    """Raises: NothingToRead: none of them has an answer."""
    anchors = Anchors()
    address = address_of(file)
    pieces: list[Piece] = []
    body: list[str] = []
    hidden, unanswered = 0, 0
    for each in questions:
        (question, one), (answer, other) = strip_hidden(each.question), strip_hidden(each.answer)
        hidden += one + other
        question = " ".join(question.split())
        lines = [" ".join(line.split()) for line in answer.splitlines() if line.strip()]
        if not question or not lines:
            unanswered += 1
            continue
        lines += [f"{name}: {' '.join(strip_hidden(value)[0].split())}" for name, value in each.more]
        anchor = anchors.of(question)
        url = address if file.address else f"{address}#{anchor}"
        locator = Locator(heading=question, row=each.row)
        pieces += [Piece(text, url, locator=locator) for text in split([Block(line) for line in lines])]
        body.append(f'<h2 id="{escape(anchor)}">{escape(question)}</h2>')
        body += [f"<p>{escape(line)}</p>" for line in lines]
    if not pieces:
        raise NothingToRead("none of its questions has an answer")
    remarks = [*remarks_on(hidden), *remarks]
    if unanswered:
        remarks.append(f"left out for want of an answer, or of a question: {unanswered} of {len(questions)}")
    title = file.title
    return rendered(file, title, "\n".join(body), pieces, remarks)

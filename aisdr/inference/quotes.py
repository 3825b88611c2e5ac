"""Chooses the statements that answer a question and sets them as text, each followed by its citation."""

from collections.abc import Sequence
from dataclasses import dataclass

from aisdr.inference.questions import Question
from aisdr.inference.relevance import Candidate
from aisdr.inference.statements import Cells, column_text, row_text
from aisdr.inference.words import kin, stems

MAX_STATEMENTS = 3
MAX_WORDS = 70
MAX_ITEMS = 10
# A further statement is worth reading when it is nearly as good as the best one.
NEARLY_AS_GOOD = 0.85
# After so few words a reader is glad of a second sentence.
SHORT, NEARLY_AS_SHORT = 9, 0.75


def quoted(ranked: Sequence[Candidate], question: Question) -> str:
    """The best statements as readable text. `ranked` begins with the best and has only what may be quoted."""
    chosen = _chosen(ranked, question)
    places = {one.passage.number: at for at, one in reversed(list(enumerate(chosen)))}
    in_order = sorted(chosen, key=lambda one: (places[one.passage.number], one.position))
    blocks: list[str] = []
    done: set[tuple[int, int]] = set()
    for one in in_order:
        if (one.passage.number, one.position) in done:
            continue
        quote = _quote(one, ranked, question, frozenset(done))
        done |= {(one.passage.number, at) for at in quote.positions}
        separator = "\n\n" if quote.is_list or (blocks and "\n- " in blocks[-1]) else " "
        blocks.append((separator if blocks else "") + quote.text)
    return "".join(blocks)


@dataclass(frozen=True)
class _Quote:
    text: str
    positions: frozenset[int]
    is_list: bool = False


def _chosen(ranked: Sequence[Candidate], question: Question) -> list[Candidate]:
    if question.compares and len(rows := _compared(ranked, question)) > 1:
        return rows
    best, chosen, length = ranked[0], list[Candidate](), 0
    for one in ranked:
        size = len(_quote(one, ranked, question).text.split())
        enough = len(chosen) >= MAX_STATEMENTS or (chosen and length + size > MAX_WORDS)
        short = len(chosen) == 1 and length < SHORT
        if enough or one.score < (NEARLY_AS_SHORT if short else NEARLY_AS_GOOD) * best.score:
            break
        if best.gives and not one.gives:
            continue
        if not any(_says_the_same(one, other) or _stands_for(other, one, question) for other in chosen):
            chosen.append(one)
            length += size
    return chosen


def _compared(ranked: Sequence[Candidate], question: Question) -> list[Candidate]:
    """The rows of one table for the things that are to be compared."""
    rows = [one for one in ranked if one.statement.kind == "row" and _mentions(one.statement.cells[0][1], question)]
    table = [one for one in rows if (one.passage, one.statement.group) == (rows[0].passage, rows[0].statement.group)]
    return table[:MAX_STATEMENTS]


def _says_the_same(one: Candidate, other: Candidate) -> bool:
    """Overlapping chunks repeat sentences; a different number makes a different statement."""
    mine, theirs = set(one.own), set(other.own)
    if {stem for stem in mine ^ theirs if any(character.isdigit() for character in stem)}:
        return False
    return len(mine & theirs) >= 0.7 * min(len(mine), len(theirs))


def _stands_for(other: Candidate, one: Candidate, question: Question) -> bool:
    """A list that is quoted whole already holds its items, and a table's column its rows."""
    same_group = other.passage.number == one.passage.number and other.statement.group == one.statement.group >= 0
    if not same_group:
        return False
    return "column" in (other.statement.kind, one.statement.kind) or one.statement.kind in ("item", "lead")


def _quote(
    one: Candidate, ranked: Sequence[Candidate], question: Question, done: frozenset[tuple[int, int]] = frozenset()
) -> _Quote:
    """`done` are the statements, as (passage, position), that the reader has just seen."""
    statement, citation = one.statement, f" [{one.passage.number}]"
    match statement.kind:
        case "row":
            text = row_text(_asked_cells(statement.cells, question))
        case "column":
            text = column_text(statement.lead, statement.cells)
        case "item" | "lead":
            return _list(one, ranked, question)
        case _:
            return _sentence(one, question, done)
    return _Quote(_seen(one, text) + citation, frozenset([one.position]))


def _sentence(one: Candidate, question: Question, done: frozenset[tuple[int, int]]) -> _Quote:
    """A sentence with the ones before it that say whom it speaks of, unless they were just read."""
    number, first = one.passage.number, one.position
    while one.siblings[first].leans and one.position - first < 2 and (number, first - 1) not in done:
        first -= 1
    told = [sibling for sibling in one.siblings[first : one.position + 1] if sibling.kind != "lead"]
    if told[0].kind == "question" and _asks_the_same(told[0].text, question):
        told = told[1:]
    text = " ".join(sibling.text for sibling in told)
    if not one.statement.whole:
        text = f"… {text}" if text[0].islower() else text
        text = text if text.endswith((".", "!", "?", ")", "”", '"')) else f"{text} …"
    if not any(passage == number for passage, _ in done):
        text = _seen(one, text)
    return _Quote(f"{text} [{number}]", frozenset(range(first, one.position + 1)))


def _asks_the_same(asked: str, question: Question) -> bool:
    theirs = set(stems(asked))
    return len(theirs & question.terms.keys()) >= 0.7 * len(theirs)


def _list(one: Candidate, ranked: Sequence[Candidate], question: Question) -> _Quote:
    """One item behind its lead, or the list as a whole when it was asked for or when no item stands out."""
    number, group = one.passage.number, one.statement.group
    members = [at for at, sibling in enumerate(one.siblings) if sibling.group == group and sibling.kind == "item"]
    rivals = [
        other
        for other in ranked
        if other.passage.number == number and other.statement.group == group and other.score >= 0.9 * one.score
    ]
    lead = one.siblings[members[0]].lead if members else one.statement.text
    if one.statement.kind == "item" and len(rivals) < 3 and not (question.wants_list and len(rivals) > 1):
        shown = [other.position for other in rivals if other.statement.kind == "item"] or [one.position]
        if len(shown) == 1:
            return _Quote(f"{_seen(one, _led(lead, one.statement.text))} [{number}]", frozenset(shown))
    else:
        shown = members[:MAX_ITEMS]
    lines = [f"{one.siblings[at].mark} {one.siblings[at].text} [{number}]" for at in sorted(shown)]
    heading = [_seen(one, lead if lead.endswith((":", ".")) else f"{lead}:")] if lead else []
    return _Quote("\n".join([*heading, *lines]), frozenset(shown) | {one.position}, is_list=True)


def _led(lead: str, item: str) -> str:
    """A short item says little without its lead; a sentence of its own needs none."""
    is_sentence = len(item.split()) >= 6 and item.endswith((".", "!")) and not lead.endswith(":")
    return item if is_sentence or not lead else f"{lead.rstrip(':.')}: {item}"


def _seen(one: Candidate, text: str) -> str:
    """Says that the words stand under a picture or are spoken in a clip."""
    match one.passage.modality:
        case "image":
            return f"As the picture “{one.passage.title}” shows: {text}"
        case "video":
            return f"In the clip “{one.passage.title}”: {text}"
        case _:
            return text


def _asked_cells(cells: Cells, question: Question) -> Cells:
    """The row's subject with the columns that were asked for, or with all of them."""
    asked = [cell for cell in cells[1:] if _mentions(cell[0], question)]
    asked = asked or [cell for cell in cells[1:] if _mentions(cell[1], question)]
    if not asked and question.wanted in ("price", "number", "time"):
        asked = [cell for cell in cells[1:] if question.is_given_by(cell[1])]
    return (cells[0], *(asked or cells[1:]))


def _mentions(text: str, question: Question) -> bool:
    told = set(stems(text))
    return any(({term} | kin(term)) & told for term in question.terms)

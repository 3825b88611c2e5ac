"""Chooses the statements that answer a question and sets them as text, each followed by its citation."""

from collections.abc import Sequence
from dataclasses import dataclass

from aisdr.inference.intervals import intervals
from aisdr.inference.questions import Question
from aisdr.inference.relevance import Candidate
from aisdr.inference.statements import Cells, Statement, column_text, row_text
from aisdr.inference.words import kin, stems

MAX_STATEMENTS = 3
MAX_WORDS = 70
MAX_ITEMS = 10
MAX_REPLY = 45
_PROSE = ("sentence", "question")
# A further statement is worth reading when it is nearly as good as the best one; after few words a little less will do.
NEARLY_AS_GOOD, NEARLY_AS_SHORT, SHORT = 0.87, 0.78, 9
# Items of a list that answer about equally well belong together.
EQUALLY_GOOD = 0.9


def quoted(ranked: Sequence[Candidate], question: Question) -> str:
    """The best statements as readable text. `ranked` begins with the best and has only what may be quoted."""
    return _Quoting(ranked, question).text()


@dataclass(frozen=True)
class _Quote:
    text: str
    positions: frozenset[int]
    is_list: bool = False


class _Quoting:
    """One answer being set."""

    def __init__(self, ranked: Sequence[Candidate], question: Question) -> None:
        self.ranked = ranked
        self.question = question
        self.told: set[tuple[int, int]] = set()
        """What the reader has seen, as (passage, position)."""

    def text(self) -> str:
        """Passages in the order of their best statement, statements in the order of their passage."""
        chosen = self._compared() or self._chosen()
        passages = list(dict.fromkeys(one.passage.number for one in chosen))
        text, after_list = "", False
        for one in sorted(chosen, key=lambda one: (passages.index(one.passage.number), one.position)):
            if (one.passage.number, one.position) in self.told:
                continue
            quote = self._quote(one)
            self.told |= {(one.passage.number, at) for at in quote.positions}
            gap = "\n\n" if quote.is_list or after_list else " "
            text, after_list = f"{text}{gap}{quote.text}" if text else quote.text, quote.is_list
        return text

    def _chosen(self) -> list[Candidate]:
        best, chosen, length = self.ranked[0], list[Candidate](), 0
        for one in self.ranked:
            nearly = NEARLY_AS_SHORT if len(chosen) == 1 and length < SHORT else NEARLY_AS_GOOD
            if len(chosen) == MAX_STATEMENTS or one.score < nearly * best.score:
                break
            if (
                (best.gives and not one.gives)
                or self._leaves_names_out(one, best)
                or any(_repeats(one, other) for other in chosen)
            ):
                continue
            size = len(self._quote(one).text.split())
            if chosen and length + size > MAX_WORDS:
                break
            chosen.append(one)
            length += size
        return chosen

    def _leaves_names_out(self, one: Candidate, best: Candidate) -> bool:
        """Beside a statement that has the name that was asked for, one without it is off the point."""
        named = self.question.names & set(best.place.own)
        return bool(named) and not named & one.place.spoken_here

    def _compared(self) -> list[Candidate]:
        """The rows of one table for the things that are to be compared."""
        if not self.question.compares:
            return []
        rows = [one for one in self.ranked if one.statement.kind == "row" and self._asks_for(one.statement.cells[0][1])]
        table = [one for one in rows if _group(one) == _group(rows[0])]
        return table[:MAX_STATEMENTS] if len(table) > 1 else []

    def _quote(self, one: Candidate) -> _Quote:
        statement, here = one.statement, frozenset([one.position])
        match statement.kind:
            case "row":
                return _Quote(f"{_ended(row_text(self._asked_cells(statement.cells)))}{_mark(one)}", here)
            case "column":
                return _Quote(f"{_ended(column_text(statement.lead, statement.cells))}{_mark(one)}", here)
            case "item" | "lead":
                return self._list(one)
            case _:
                return self._sentence(one)

    def _sentence(self, one: Candidate) -> _Quote:
        """A sentence with the ones before it that say whom it speaks of, unless they were just read."""
        siblings, first = one.place.siblings, one.position
        while siblings[first].leans and one.position - first < 2 and (one.passage.number, first - 1) not in self.told:
            first -= 1
        first, last = self._reply(one) or (first, one.position)
        told = [sibling for sibling in siblings[first : last + 1] if sibling.kind != "lead"]
        texts = [sibling.text for sibling in told]
        if told[0].kind == "question" and self._repeats_the_visitor(texts[0]) and len(" ".join(texts[1:]).split()) > 3:
            texts = texts[1:]
        text = _torn(" ".join(texts), one.statement)
        return _Quote(f"{text}{_mark(one)}", frozenset(range(first, last + 1)))

    def _reply(self, one: Candidate) -> tuple[int, int] | None:
        """Where the FAQ's answer stands that this sentence belongs to, if it is short enough to be told whole."""
        question = one.statement.heading
        under = [
            at
            for at, sibling in enumerate(one.place.siblings)
            if sibling.heading == question and sibling.text != question
        ]
        if not question.endswith("?") or not all(one.place.siblings[at].kind in _PROSE for at in under):
            return None
        length = sum(len(one.place.siblings[at].text.split()) for at in under)
        begin = under[0] - 1 if one.place.siblings[under[0]].leans and under[0] else under[0]
        return (begin, under[-1]) if length <= MAX_REPLY else None

    def _list(self, one: Candidate) -> _Quote:
        """One item behind its lead; the list as a whole when it was asked for or when no item stands out."""
        members = {
            at: sibling
            for at, sibling in enumerate(one.place.siblings)
            if sibling.group == one.statement.group and sibling.kind == "item"
        }
        rivals = [
            other.position
            for other in self.ranked
            if _group(other) == _group(one) and other.score >= EQUALLY_GOOD * one.score
        ]
        shown = [at for at in members if at in rivals]
        if one.statement.kind == "lead" or len(shown) >= 3 or (self.question.wants_list and len(rivals) > 1):
            shown = list(members)[:MAX_ITEMS]
        lead = next((item.lead for item in members.values()), one.statement.text)
        if len(shown) == 1:
            return _Quote(f"{_ended(_led(lead, members[shown[0]].text))}{_mark(one)}", frozenset(shown))
        lines = [f"{members[at].mark} {members[at].text}{_mark(one)}" for at in shown]
        intro = [lead if lead.endswith((":", ".")) else f"{lead}:"] if lead else []
        return _Quote("\n".join([*intro, *lines]), frozenset({*shown, one.position}), is_list=True)

    def _asked_cells(self, cells: Cells) -> Cells:
        """The row's subject with the columns that were asked for, or with all of them."""
        counted = [cell for cell in cells[1:] if self._counts(cell[0])]
        asked = counted or [cell for cell in cells[1:] if self._asks_for(cell[0])]
        amount = self.question.wanted != "anything"
        asked = asked or [
            cell for cell in cells[1:] if self._asks_for(cell[1]) or (amount and self.question.is_given_by(cell[1]))
        ]
        return (cells[0], *(asked or cells[1:]))

    def _asks_for(self, text: str) -> bool:
        told = set(stems(text))
        return any(({term} | kin(term)) & told for term in self.question.terms)

    def _counts(self, header: str) -> bool:
        """`50 to 199 stores` is the column for 80 stores."""
        counted = self.question.amounts.values()
        return any(one.holds(number, unit) for one in intervals(header) for number, unit in counted)

    def _repeats_the_visitor(self, asked: str) -> bool:
        theirs = set(stems(asked))
        return len(theirs & self.question.terms.keys()) >= 0.7 * len(theirs)


def _mark(one: Candidate) -> str:
    return f" [{one.passage.number}]"


def _group(one: Candidate) -> tuple[int, int]:
    """The list or table that a statement belongs to; statements outside of any have a group of their own."""
    return one.passage.number, one.statement.group if one.statement.group >= 0 else -1 - one.position


def _repeats(one: Candidate, other: Candidate) -> bool:
    """Overlapping chunks repeat sentences, a list holds its items, a table's column its rows."""
    if _group(one) == _group(other) and (one.statement.kind in ("item", "lead") or "column" in _kinds(one, other)):
        return True
    mine, theirs = set(one.place.own), set(other.place.own)
    if any(character.isdigit() for stem in mine ^ theirs for character in stem):
        return False  # another number makes another statement
    return len(mine & theirs) >= 0.7 * min(len(mine), len(theirs))


def _kinds(*candidates: Candidate) -> set[str]:
    return {one.statement.kind for one in candidates}


def _led(lead: str, item: str) -> str:
    """A short item says little without its lead; a sentence of its own needs none."""
    is_sentence = len(item.split()) >= 6 and item.endswith((".", "!")) and not lead.endswith(":")
    return item if is_sentence or not lead else f"{lead.rstrip(':.')}: {item}"


def _ended(text: str) -> str:
    """Cells and items have no full stop, and without one the next sentence is read as their end, above all aloud."""
    return text if text.endswith((".", "!", "?", "…", ":")) else f"{text}."


def _torn(text: str, statement: Statement) -> str:
    """Shows where a chunk's border cut a sentence."""
    if statement.whole:
        return text
    text = f"… {text}" if text[0].islower() else text
    return text if text.endswith((".", "!", "?", ")", "”", '"')) else f"{text} …"

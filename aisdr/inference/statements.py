"""Cuts a passage into statements: the smallest pieces that can be quoted and still say what they are about."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from aisdr.inference.sentences import sentences

MAX_COLUMN = 10
"""A longer column is no answer to read; its rows still are."""

Kind = Literal["sentence", "question", "lead", "item", "row", "column"]
Cells = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Statement:
    """A quotable piece in its own words. `context` holds the words around it that say what it is about.

    `group` is shared by a list's lead and items, or by one table. A `row` keeps its cells as (header, value) with the
    row's subject first, a `column` as (row subject, value). A FAQ's `question` and a `lead` are never quoted alone.
    """

    text: str
    kind: Kind = "sentence"
    context: str = ""
    group: int = -1
    lead: str = ""
    cells: Cells = ()
    leans: bool = False
    """It begins with a pronoun or the like, and says nothing without the statement before it."""
    whole: bool = True
    """False for the torn beginning or end of a chunk, and when what it leans on is not here."""
    mark: str = "-"
    """How a list marks this item: a step keeps its number."""
    heading: str = ""
    """The nearest heading, or the FAQ's question that it answers."""


@lru_cache(maxsize=1024)
def statements(text: str) -> tuple[Statement, ...]:
    """Everything in `text` that can be quoted, in reading order."""
    return tuple(_Reader(text).read())


def row_text(cells: Cells) -> str:
    """`Growth – Price: $149; Conversations: 5,000`: every value with its header, behind the row's subject."""
    subject, *rest = subject_of(cells), *cells[1:]
    told = "; ".join(f"{name}: {value}" if name else value for name, value in rest)
    return f"{subject} – {told}" if told else subject


def subject_of(cells: Cells) -> str:
    """A row that is called `1` is told with its header: `Severity 1`."""
    header, name = cells[0]
    return name if re.search(r"[^\W\d_]{2}", name) else f"{header} {name}".strip()


def column_text(header: str, cells: Cells) -> str:
    """`Price – Starter: $49; Growth: $149`: one property of every row; `Plan: Starter, Growth` without values."""
    if not any(value for _, value in cells):
        return f"{header}: " + ", ".join(subject for subject, _ in cells)
    return f"{header} – " + "; ".join(f"{subject}: {value}" for subject, value in cells)


_HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*$|(\*\*|__)([^*_]{2,80}[^*_.!?:;,])\3:?$")
_ITEM = re.compile(r"\s*([-*+•‣▪–]|\(?\d{1,2}[.)])\s+(.*)")
_RULE = re.compile(r"\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$")
_BAR = re.compile(r"\s*(?:[-=*_~`]\s*){3,}\w*$")
# A table's row told in words, as ingestion writes it: every value behind its header.
_TOLD_ROW = re.compile(r"[^:;.]{1,60}: [^;]{1,80}(?:; [^:;]{1,60}: [^;]{1,120})+\.?$")
# A glossary's entry: `Price zone. A group of stores`.
_LABEL = re.compile(
    r"(?!Yes|No\b|Not\b|Sure|Absolutely|Of course)[A-Z][\w-]*(?: [\w&-]+){0,3}\. "
    r"(?:By how|How|[A-Z][\w-]*(?: [\w’'-]+){0,6} (?:that|which|whose|who|of|where|to|by|for)\b)"
)
_TURN = re.compile(r"^(?:Q|A|Question|Answer)\s*:\s+(?=\S)")
_LEANING = re.compile(
    r"(?:(?:It|They|He|She|Its|Their|Theirs|His|Hers?|Both|Neither|Either|Such|Those|These|This|That)\b"
    r"|(?:However|Therefore|Thus|Hence|Otherwise|Instead|Moreover|Furthermore|But|And|Or|So|Also|Then)\b"
    r"|(?:In|By|As|For|To|At|After|Before|With|On|From|Despite|Because of)"
    r" (?:this|that|these|those|it|its|their|his|her|doing so)\b"
    r"|The (?:latter|former|same|others?|second|third)\b)"
)
_SHORT_REPLY = re.compile(r"(?:Yes|No|Not|Absolutely|Of course|Sure)\b")
_EMPHASIS = re.compile(r"(\*\*\*|\*\*|\*|\b___|\b__|`+|~~)(?=\S)(.+?)(?<=\S)\1")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*(?:\s+\"[^\"]*\")?\)")
_ANNOUNCES = re.compile(r":$|\b(?:following|these)\b[^.]*\.$")
_ENDS = (".", "!", "?", ":", "…", ")", '"', "”", "’", "'")


def _plain(text: str) -> str:
    """Markdown's signs taken away: an answer quotes words, not markup."""
    text = _LINK.sub(r"\1", text)
    for _ in range(2):
        text = _EMPHASIS.sub(r"\2", text)
    return " ".join(text.split())


@dataclass
class _Reader:
    """Walks through one passage and remembers under which headings and behind which question it stands."""

    text: str
    found: list[Statement] = field(default_factory=list)
    headings: dict[int, str] = field(default_factory=dict)
    question: str = ""

    def read(self) -> list[Statement]:
        for kind, lines in _blocks(self.text):
            before = len(self.found)
            heading = self.heading
            match kind:
                case "heading":
                    self._heading(lines[0])
                case "table":
                    self._table(lines)
                case "item":
                    self._list(lines)
                case _:
                    self._prose(lines)
            self.found[before:] = [replace(one, heading=one.heading or heading) for one in self.found[before:]]
        self._mark_torn_ends()
        return self.found

    @property
    def context(self) -> str:
        return " ".join(filter(None, [*self.headings.values(), self.question]))

    @property
    def heading(self) -> str:
        """A path such as `Plans › Discounts` ends with the nearest one."""
        return self.question or next(reversed(self.headings.values()), "").rpartition("›")[2].strip()

    def _heading(self, line: str) -> None:
        match = _HEADING.match(line.strip())
        assert match
        level = len(match[1] or "#" * 7)
        self.headings = {at: text for at, text in self.headings.items() if at < level}
        self.question = ""
        title = _plain(match[2] or match[4])
        if title.endswith("?"):
            self._ask(title)
        else:
            self.headings[level] = title

    def _ask(self, question: str) -> None:
        self.found.append(Statement(question, "question", self.context, heading=question))
        self.question = question

    def _prose(self, lines: list[str]) -> None:
        for paragraph in _unwrapped(lines):
            label = ""
            for sentence in _labelled(sentences(_TURN.sub("", _plain(paragraph)))):
                if _LABEL.match(sentence):
                    label = sentence.partition(". ")[0]
                if sentence.endswith("?"):
                    self.question = ""
                    self._ask(sentence)
                    continue
                before = self.found[-1] if self.found else None
                leans = bool(_LEANING.match(sentence)) or (before is not None and _completes(before, sentence))
                can_lean = before is not None and before.kind in ("sentence", "question")
                context = " ".join(filter(None, [self.context, label, before.text if leans and before else ""]))
                if before and _completes(before, sentence) and before.kind == "sentence":
                    self.found[-1] = replace(before, kind="question")  # from now on only told with what completes it
                self.found.append(
                    Statement(
                        sentence,
                        context=context,
                        leans=leans and can_lean,
                        whole=can_lean or not leans,
                        heading=self.heading,
                    )
                )

    def _list(self, lines: list[str]) -> None:
        items: list[tuple[str, str]] = []
        for line in lines:
            item = _ITEM.match(line)
            if item:
                items.append((item[1] if item[1][-1] == "." else "-", item[2]))
            else:
                items[-1] = (items[-1][0], f"{items[-1][1]} {line.strip()}")
        group, lead = len(self.found), next(reversed(self.headings.values()), "")
        before = self.found[-1] if self.found else None
        if before and before.kind == "sentence" and _ANNOUNCES.search(before.text):
            lead = before.text
            self.found[-1] = replace(before, kind="lead", group=group)
        context = " ".join(dict.fromkeys([self.context, lead]))
        self.found += [Statement(_plain(text), "item", context, group, lead, mark=mark) for mark, text in items]

    def _table(self, lines: list[str]) -> None:
        group = len(self.found)
        rows = [cells for line in lines if (cells := _told_cells(line))] or _drawn_rows(lines)
        self.found += [Statement(row_text(cells), "row", self.context, group, cells=cells) for cells in rows]
        subjects = tuple((subject_of(cells), "") for cells in rows)
        if rows and rows[0][0][0] and 1 < len(rows) <= MAX_COLUMN:
            header = rows[0][0][0]
            text = column_text(header, subjects)
            self.found.append(Statement(text, "column", self.context, group, lead=header, cells=subjects))
        for header in dict.fromkeys(name for cells in rows for name, _ in cells[1:] if name):
            column = tuple((subject_of(cells), value) for cells in rows for name, value in cells[1:] if name == header)
            if 1 < len(column) <= MAX_COLUMN:
                context = f"{self.context} {rows[0][0][0]}"
                text = column_text(header, column)
                self.found.append(Statement(text, "column", context, group, lead=header, cells=column))

    def _mark_torn_ends(self) -> None:
        """A chunk may begin or end in the middle of a sentence."""
        if len(self.found) < 2:
            return
        first, last = self.found[0], self.found[-1]
        if first.kind == "sentence" and first.text[0].islower():
            self.found[0] = replace(first, whole=False)
        if last.kind == "sentence" and len(last.text) > 60 and not last.text.endswith(_ENDS):
            self.found[-1] = replace(last, whole=False)


def _labelled(parts: list[str]) -> list[str]:
    """A glossary's `Price zone. A group of stores ...` is one statement: the word with what it means."""
    if len(parts) > 1 and _LABEL.match(f"{parts[0]} {parts[1]}"):
        return [f"{parts[0]} {parts[1]}", *parts[2:]]
    return parts


def _drawn_rows(lines: list[str]) -> list[Cells]:
    """The rows of a Markdown table, each value with its header; without a ruled header the values stand alone."""
    rows = [[_plain(cell) for cell in line.strip().strip("|").split("|")] for line in lines if not _RULE.match(line)]
    headed = len(lines) > 1 and _RULE.match(lines[1]) is not None
    header, body = (rows[0], rows[1:]) if headed else ([], rows)
    named = [zip([*header, *[""] * (len(row) - len(header))], row, strict=False) for row in body]
    return [cells for row in named if (cells := tuple((name, value) for name, value in row if value))]


def _told_cells(line: str) -> Cells:
    if not _TOLD_ROW.match(line.strip()):
        return ()
    pairs = (cell.partition(": ") for cell in _plain(line).removesuffix(".").split("; "))
    return tuple((name, value) for name, _, value in pairs)


def _completes(before: Statement, sentence: str) -> bool:
    """`Yes.` says nothing without the question before it, and little without the sentence after it."""
    if before.kind == "question":
        return _SHORT_REPLY.match(sentence) is not None
    return before.leans and _SHORT_REPLY.match(before.text) is not None and len(before.text.split()) < 4


def _blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    """Lines that belong together: a heading, a table, a list with its hanging lines, a paragraph."""
    block: list[str] = []
    kind = "blank"
    for raw in text.splitlines():
        line = raw.rstrip().removeprefix("> ")
        now = _line_kind(line, kind)
        if block and (now != kind or now == "heading"):
            yield kind, block
            block = []
        kind = now
        if now != "blank":
            block.append(line)
    if block:
        yield kind, block


def _line_kind(line: str, previous: str) -> str:
    if not line.strip() or (_BAR.match(line) and previous != "table"):
        return "blank"
    if _HEADING.match(line.strip()):
        return "heading"
    if line.count("|") >= 2 or _TOLD_ROW.match(line.strip()) or (previous == "table" and "|" in line):
        return "table"
    if _ITEM.match(line) or (previous == "item" and line.startswith("  ")):
        return "item"
    return "prose"


def _unwrapped(lines: list[str]) -> list[str]:
    """Joins the lines of a wrapped paragraph; keeps apart the short lines of a slide or of `Key: value` pairs."""
    width = max(len(line) for line in lines)
    if all(line.rstrip().endswith(_ENDS) for line in lines):
        return [line.strip() for line in lines]
    joined: list[str] = []
    complete = True
    for line in lines:
        text = line.strip()
        if complete or not joined:
            joined.append(text)
        elif joined[-1].endswith("-") and text[0].islower() and joined[-1][-2:-1].isalpha():
            joined[-1] = joined[-1][:-1] + text
        else:
            joined[-1] += " " + text
        short = width < 60 or len(line) < 0.6 * width
        complete = short and not text.endswith((",", "-", " and", " or", " the", " of"))
        complete = complete and not (width < 60 and _continues(lines, line))
    return joined


def _continues(lines: list[str], line: str) -> bool:
    """In a narrow column a line goes on when the next one begins with a small letter."""
    following = lines[lines.index(line) + 1 :]
    return bool(following) and following[0].strip()[:1].islower()

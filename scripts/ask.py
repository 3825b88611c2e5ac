"""`aisdr ask QUESTION --company SLUG`: what the company's representative answers, and what it knows about it."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from aisdr.agent import MAX_QUESTION_CHARACTERS
from aisdr.answer import Answer, LeadCard
from aisdr.company import Company
from aisdr.index.base import Chunk
from aisdr.knowledge.base import SearchResult
from aisdr.services import services
from aisdr.tools.members import WRITING_TOOL_NAMES
from scripts.explanation import print_explanation

OPERATOR = "operator"
"""Stands where a visitor's conversation names the website it is on."""


def _question(text: str) -> str:
    if not text.strip():
        raise typer.BadParameter("the question is empty; write it in quotes")
    if len(text.strip()) > MAX_QUESTION_CHARACTERS:
        raise typer.BadParameter(f"the question is too long; at most {MAX_QUESTION_CHARACTERS} characters")
    return text.strip()


def ask(
    question: Annotated[str, typer.Argument(help="The question, in quotes.", callback=_question)],
    company: Annotated[str, typer.Option("--company", help="The company's slug.")],
    hits: Annotated[bool, typer.Option("--hits", help="Also show the hits, best first.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=50, help="How many hits the answer is made from.")] = 8,
    explain: Annotated[
        bool, typer.Option("--explain", help="Also tell how the hits were found, step by step.")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON object, with the hits.")] = False,
) -> None:
    """Ask a company's representative as a visitor would. No turn is stored, and tools that store are left out."""
    reader = _reading(services().companies.by_slug(company))
    session = services().sessions.draft(reader, OPERATOR, None)
    answer, found = services().agent.rehearse(reader, session, question, passages=limit, explain=explain)
    if not (found.hits or found.degraded or services().place(session.scope).index.version(session.scope)):
        typer.echo(
            f"'{company}' has no knowledge of its own yet: `aisdr ingest FOLDER` reads what stands in FOLDER/knowledge",
            err=True,
        )
    if json_output:
        print(json.dumps({"answer": _plain(answer), "search": _plain(found)}, ensure_ascii=False))
        return
    console = Console(highlight=False)
    _print_answer(answer, console)
    if hits:
        console.print()
        _print_hits(found, console)
    if found.explanation is not None:
        console.print()
        print_explanation(found.explanation, console)


def _reading(company: Company) -> Company:
    return company.model_copy(
        update={
            "tools": tuple(name for name in company.tools if name not in WRITING_TOOL_NAMES),
            "http_tools": tuple(tool for tool in company.http_tools if not tool.writes),
        }
    )


def _plain(part: Answer | SearchResult) -> object:
    return part.model_dump(mode="json", by_alias=True)


def _print_answer(answer: Answer, console: Console) -> None:
    console.print(answer.text, markup=False)
    if answer.citations:
        console.print()
    for citation in answer.citations:
        place = f", {citation.label}" if citation.label else ""
        line = f"[{citation.number}] {citation.title}{place}  {_address(citation.url)}"
        console.print(line, markup=False, soft_wrap=True)
    for card in (*answer.shown, *answer.actions):
        title = card.email if isinstance(card, LeadCard) else card.title
        url = getattr(card, "url", None) or ""
        console.print(f"{card.kind}: {title}  {_address(url)}".rstrip(), markup=False, soft_wrap=True)


def _address(url: str) -> str:
    """A widget knows its server; somebody in a terminal needs the whole address to open it."""
    return f"{services().settings.public_url}{url}" if url.startswith("/") else url


def _print_hits(found: SearchResult, console: Console) -> None:
    table = Table(box=None, pad_edge=False, show_edge=False)
    table.add_column("score", justify="right")
    table.add_column("fits", justify="right")
    table.add_column("origin", no_wrap=True)
    table.add_column("where")
    table.add_column("text", ratio=1)
    for hit in found.hits:
        words = " ".join(hit.chunk.text.split())
        shortened = words if len(words) <= 160 else f"{words[:159]}…"
        origins, where = "+".join(hit.origins), Text(_where(hit.chunk))
        table.add_row(f"{hit.score:.3f}", f"{hit.relevance:.3f}", origins, where, Text(shortened))
    console.print(table if found.hits else "Nothing fits.")
    legs = ", ".join(f"{leg.name} {leg.status} ({leg.count} in {leg.took_ms} ms)" for leg in found.legs)
    route = f", route {found.route}" if found.route else ""
    console.print(
        f"{found.strategy}{route}: {legs}{' - degraded' if found.degraded else ''}", style="dim", markup=False
    )


def _where(chunk: Chunk) -> str:
    locator = chunk.locator
    if locator.start is not None:
        place = f"{int(locator.start) // 60}:{int(locator.start) % 60:02d}"
    elif locator.page is not None:
        place = f"page {locator.page}"
    else:
        place = locator.heading or ""
    return f"{chunk.source_id}\n{place}".strip()

"""`aisdr ask SLUG QUESTION`: what the company's knowledge says, and where it stands."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from aisdr.index.base import Chunk
from aisdr.knowledge.base import SearchResult
from aisdr.services import services


def ask(
    slug: Annotated[str, typer.Argument(help="The company's slug.")],
    question: Annotated[str, typer.Argument(help="The question, in quotes.")],
    limit: Annotated[int, typer.Option(min=1, max=50, help="How many hits.")] = 8,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,
) -> None:
    """Search a company's knowledge and show the hits with their scores, origins and places."""
    company = services().companies.by_slug(slug)
    found = services().knowledge.search(company, question, limit=limit)
    if json_output:
        print(found.model_dump_json())
    else:
        _print(found, Console(highlight=False))


def _print(found: SearchResult, console: Console) -> None:
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

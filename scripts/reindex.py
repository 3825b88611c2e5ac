"""`aisdr reindex SLUG`: moves a company's chunks to another search engine or embedder, while it goes on answering."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from aisdr.audit import OPERATOR, decided
from aisdr.home import Home
from aisdr.ingest.media import MediaLibrary
from aisdr.ingest.moving import GRACE_SECONDS, MoveReport, Moving
from aisdr.services import Services, services
from aisdr.tenant import TenantScope

NONE = "none"


def reindex(
    slug: Annotated[str, typer.Argument(help="The company's slug.")],
    engine: Annotated[str | None, typer.Option(help="embedded or opensearch.")] = None,
    embedder: Annotated[str | None, typer.Option(help="minilm, e5, bedrock:MODEL or openai:MODEL.")] = None,
    pictures: Annotated[
        str | None, typer.Option(help="bedrock:MODEL of a multimodal model, or `none`: by their captions only.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Ask both sides, move nothing.")] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False,
) -> None:
    """Move a company between search engines or embedders, with no gap and without its files.

    What is not named stays as it is; when nothing is named, the company moves to where the settings say. A run that
    was interrupted has changed nothing for visitors: run it again, and it goes on.
    """
    parts = services()
    company = parts.companies.by_slug(slug)
    target = _target(parts, company.operator_scope, engine, embedder, pictures)
    console = Console(stderr=json_output, highlight=False)
    report = _run(parts, company.operator_scope, target, console, dry_run=dry_run)
    if report.moved:
        decided("operator.reindex", "done", company_id=report.company_id, who=OPERATOR, chunks=report.chunks)
    if json_output:
        print(json.dumps(report.model_dump(mode="json", by_alias=True), ensure_ascii=False))
    else:
        _print(report, console)


def _target(
    parts: Services, scope: TenantScope, engine: str | None, embedder: str | None, pictures: str | None
) -> Home:
    if engine is None and embedder is None and pictures is None:
        return parts.homes.new
    residence = parts.homes.residence(scope)
    home = residence.home if residence else parts.homes.of(scope)
    kept = home.pictures if pictures is None else pictures
    return Home(engine or home.engine, embedder or home.embedder, "" if kept == NONE else kept)


def _run(parts: Services, scope: TenantScope, target: Home, console: Console, *, dry_run: bool) -> MoveReport:
    media = MediaLibrary(parts.client("s3"), parts.settings.media_bucket, parts.media_links)
    moving = Moving(parts.homes, parts.place_at, media, grace=GRACE_SECONDS)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(str(target), total=None)
        return moving.run(
            scope,
            target,
            dry_run=dry_run,
            progress=lambda what, done, total: bar.update(
                task, completed=done, total=total or None, description=f"{target}  {what[-48:]:48}"
            ),
        )


def _print(report: MoveReport, console: Console) -> None:
    for remark in report.remarks:
        console.print(remark, style="yellow", markup=False, soft_wrap=True)
    size = f"{_counted(report.sources, 'source')}, {_counted(report.chunks, 'chunk')}"
    if report.moved:
        shown = f" ({report.pictures} with a picture)" if report.pictures else ""
        told = f"{report.old_home} → {report.new_home}: {size}; {report.embedded} embedded{shown}"
    elif report.dry_run and report.old_home != report.new_home:
        told = f"{report.old_home} → {report.new_home}: {size} would move; nothing written"
    else:
        told = f"lives at {report.new_home} already: {size}"
    console.print(f"{report.company_id}: {told}", style="bold", markup=False, soft_wrap=True)


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"

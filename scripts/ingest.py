"""`aisdr ingest PATH`: reads a company's knowledge folder into its index."""

import json
import time
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from aisdr.company import Company
from aisdr.ingest.media import MediaLibrary
from aisdr.ingest.pipeline import Ingestion
from aisdr.ingest.report import IngestReport
from aisdr.live.tavus_documents import Registration
from aisdr.services import services
from scripts.provision import print_documents
from scripts.seed import read_company, refuse_stranger

KNOWLEDGE = "knowledge"
LOOK_EVERY_SECONDS = 5.0
_STYLES = {"failed": "red", "skipped": "yellow", "removed": "magenta", "added": "green", "changed": "cyan"}


def ingest(
    path: Annotated[Path, typer.Argument(help="The company's folder: company.toml and knowledge/.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read everything, write nothing.")] = False,
    tavus: Annotated[
        bool,
        typer.Option("--tavus", help="Register sources marked `tavus: true` at Tavus, which reads them from here."),
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait", help="With --tavus: stay until Tavus has read its documents, or failed to.")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False,
) -> None:
    """Read a company's knowledge folder: what changed is indexed and published, what is gone is removed."""
    company = read_company(path)
    stored = services().companies.stored(company.company_id)
    refuse_stranger(stored.company if stored else None, company)
    console = Console(stderr=json_output, highlight=False)
    folder = (path if path.is_dir() else path.parent) / KNOWLEDGE
    report = _run(company, folder, console, dry_run=dry_run, tavus=tavus)
    documents = _documents(company, console, wait=wait and not dry_run) if tavus else []
    if json_output:
        states = {"tavusDocuments": dict(Counter(document.state for document in documents))} if tavus else {}
        print(json.dumps(report.model_dump(mode="json", by_alias=True) | states))
    else:
        _print_unread(company, console)
        _print(report, console)
        print_documents(console, documents)
    if report.failed or any(document.state == "failed" for document in documents):
        raise typer.Exit(1)


def _run(company: Company, folder: Path, console: Console, *, dry_run: bool, tavus: bool) -> IngestReport:
    parts = services()
    ingestion = Ingestion(
        parts.place if dry_run else parts.writing_place,
        MediaLibrary(parts.client("s3"), parts.settings.media_bucket),
        public_url=parts.settings.public_url,
        documents=parts.documents if tavus else None,
    )
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(company.slug, total=None)
        return ingestion.run(
            company,
            folder,
            dry_run=dry_run,
            progress=lambda done, total, source: bar.update(
                task, completed=done, total=total, description=f"{company.slug}  {source[-48:]:48}"
            ),
        )


def _documents(company: Company, console: Console, *, wait: bool) -> list[Registration]:
    """The company's documents; when asked to, as they are once Tavus is done with them."""
    documents = services().documents
    if not wait:
        return documents.all(company.scope)
    # Not longer than a document may take: one that does is then called failed.
    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task("Tavus reads", total=None)
        while True:
            seen = documents.refresh(company.scope)
            reading = sum(document.state == "reading" for document in seen)
            bar.update(task, total=len(seen), completed=len(seen) - reading)
            if not reading:
                return seen
            time.sleep(LOOK_EVERY_SECONDS)


def _print_unread(company: Company, console: Console) -> None:
    """A visitor who asks in a language that the embedder does not read is answered by words alone, mostly by none."""
    home = services().homes.of(company.scope)
    space = services().embedder(home.embedder).space
    unread = [language for language in company.languages if not space.reads(language)]
    if unread:
        console.print(
            f"{company.slug} serves {', '.join(unread)}, which {home.embedder} does not read: questions in other "
            f"languages find more after `aisdr reindex {company.slug} --embedder e5`",
            style="yellow",
            markup=False,
            soft_wrap=True,
        )


def _print(report: IngestReport, console: Console) -> None:
    for outcome in report.outcomes:
        if outcome.action == "unchanged":
            continue
        pieces = ", ".join(f"{count} {modality}" for modality, count in outcome.chunks.items())
        line = f"{outcome.action:9}  {outcome.source_id}  {pieces or outcome.reason}"
        console.print(line.rstrip(), style=_STYLES[outcome.action], markup=False, soft_wrap=True)
        reasons = (outcome.reason,) if pieces and outcome.reason else ()
        for remark in (*reasons, *outcome.remarks):
            console.print(f"           {remark}", style="yellow", markup=False, soft_wrap=True)
    actions = ", ".join(f"{count} {action}" for action, count in report.actions.items()) or "no files"
    done = "nothing written" if report.dry_run else f"{report.embedded} chunks embedded, {report.uploaded} files sent"
    console.print(f"{report.company_id}: {actions}; {done}", style="bold", markup=False, soft_wrap=True)

"""`aisdr ingest WHAT`: reads a company's folder, website or bucket into its index."""

import json
import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from aisdr.audit import OPERATOR, Action, decided
from aisdr.company import Company
from aisdr.errors import Conflict
from aisdr.ingest.report import IngestReport
from aisdr.ingest.sandbox.pool import ReaderPool
from aisdr.ingest.site.rules import CrawlRules
from aisdr.live.tavus_documents import Registration
from aisdr.services import services
from scripts.ingest.bar import running
from scripts.ingest.table import print_report
from scripts.ingest.target import Target, target_of
from scripts.ingest.watching import changes, check_watchable
from scripts.provision import print_documents

LOOK_EVERY_SECONDS = 5.0
STOPPED = 130
"""What shells say of a command that Ctrl-C ended."""


def ingest(
    what: Annotated[
        str,
        typer.Argument(
            metavar="WHAT",
            help="The company's folder (company.toml and knowledge/); or, with --company, any other folder, the "
            "address of a website, or s3://BUCKET/PREFIX.",
        ),
    ],
    company: Annotated[str, typer.Option(help="The company's slug, where WHAT does not tell it.")] = "",
    only: Annotated[
        list[str] | None, typer.Option(help="Only sources like this: `pricing/*`. May be given several times.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read everything, write nothing.")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Stay, and ingest again whenever a file of the folder changes.")
    ] = False,
    tavus: Annotated[
        bool,
        typer.Option("--tavus", help="Register sources marked `tavus: true` at Tavus, which reads them from here."),
    ] = False,
    wait: Annotated[
        bool,
        typer.Option(
            "--wait",
            help="Wait until another ingestion of this company has ended; with --tavus, stay until Tavus has read its "
            "documents, or failed to.",
        ),
    ] = False,
    depth: Annotated[
        int, typer.Option(min=0, help="Website: links to follow from its first page.")
    ] = CrawlRules.max_depth,
    pages: Annotated[int, typer.Option(min=1, help="Website: pages at most.")] = CrawlRules.max_pages,
    rate: Annotated[
        float, typer.Option(min=0.0, help="Website: requests a second; robots.txt may ask for less.")
    ] = CrawlRules.rate,
    private: Annotated[
        bool,
        typer.Option("--private", help="Website: it is in a private network, or this machine's own, on purpose."),
    ] = False,
    forget: Annotated[
        bool, typer.Option("--forget", help="Folder: remove what is gone also where that is most of what there was.")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False,
) -> None:
    """Read what a company knows: what changed is indexed and published, what is gone is removed.

    A run can be stopped at any time with Ctrl-C; the next one goes on where it ended. Files that cannot be read are
    listed at the end with the reason, and make the command fail.
    """
    rules = CrawlRules(max_pages=pages, max_depth=depth, rate=rate)
    # A dry run shows what would go, and a part of the sources says nothing of the others.
    target = target_of(what, company, rules, private=private, forget=forget or dry_run or bool(only))
    if watch:
        check_watchable(target)
    console = Console(stderr=json_output, highlight=False)
    with ReaderPool().at_work() as readers:
        while True:
            report = _run(target, console, readers, only=tuple(only or ()), dry_run=dry_run, tavus=tavus, wait=wait)
            if not dry_run:
                _record(report, forget=forget)
            documents = _documents(target.company, console, wait=wait and not dry_run) if tavus else []
            _tell(target.company, report, documents if tavus else None, console, json_output=json_output)
            if only and not report.outcomes:
                patterns = ", ".join(only)
                told = f"No source is like {patterns}: patterns are held against the whole path"
                console.print(told, style="yellow", markup=False, soft_wrap=True)
            if report.stopped:
                raise typer.Exit(STOPPED)
            if not watch:
                break
            if not changes(target, console):
                return
    if report.failed or any(document.state == "failed" for document in documents):
        raise typer.Exit(1)


def _record(report: IngestReport, *, forget: bool) -> None:
    """One record a run. With `--forget` it is another decision: most of what there was may go."""
    removed, failed = report.actions["removed"], len(report.failed)
    action: Action = "operator.forget" if forget else "operator.ingest"
    company_id, sources = report.company_id, len(report.outcomes)
    decided(action, "done", company_id=company_id, who=OPERATOR, sources=sources, removed=removed, failed=failed)


def _tell(
    company: Company,
    report: IngestReport,
    documents: Sequence[Registration] | None,
    console: Console,
    *,
    json_output: bool,
) -> None:
    if json_output:
        states = (
            {"tavusDocuments": dict(Counter(document.state for document in documents))} if documents is not None else {}
        )
        print(json.dumps(report.model_dump(mode="json", by_alias=True) | states), flush=True)
    else:
        _print_unread(company, console)
        print_report(report, console)
        print_documents(console, list(documents or ()))


def _run(
    target: Target,
    console: Console,
    readers: ReaderPool,
    *,
    only: tuple[str, ...],
    dry_run: bool,
    tavus: bool,
    wait: bool,
) -> IngestReport:
    parts = services()
    ingestion = parts.ingestion(readers, dry_run=dry_run, tavus=tavus)
    while True:
        try:
            with _stoppable(), running(target.company.slug, console) as progress:
                report = ingestion.run(target.company, target.origin(), dry_run=dry_run, only=only, progress=progress)
            if not dry_run:
                parts.unread_files.read(target.company.operator_scope, report.settled)
            return report
        except Conflict as running_already:
            if not wait:
                raise
            console.print(running_already.message, style="yellow", markup=False, soft_wrap=True)
            time.sleep(LOOK_EVERY_SECONDS)


@contextmanager
def _stoppable() -> Iterator[None]:
    """A polite end (SIGTERM) is the same as Ctrl-C."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _documents(company: Company, console: Console, *, wait: bool) -> list[Registration]:
    """The company's documents; when asked to, as they are once Tavus is done with them."""
    documents = services().documents
    if not wait:
        return documents.all(company.operator_scope)
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
            seen = documents.refresh(company.operator_scope)
            reading = sum(document.state == "reading" for document in seen)
            bar.update(task, total=len(seen), completed=len(seen) - reading)
            if not reading:
                return seen
            time.sleep(LOOK_EVERY_SECONDS)


def _print_unread(company: Company, console: Console) -> None:
    """A visitor who asks in a language that the embedder does not read is answered by words alone, mostly by none."""
    home = services().homes.of(company.operator_scope)
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

"""What an ingestion did, for people: a line for each source that changed or failed, and a table of the whole."""

from rich.console import Console
from rich.table import Table

from aisdr.ingest.report import IngestReport, Outcome
from scripts.ingest.bar import duration
from scripts.ingest.printable import printable

STYLES = {
    "failed": "red",
    "waiting": "red",
    "skipped": "yellow",
    "removed": "magenta",
    "added": "green",
    "changed": "cyan",
}
MOST_LINES = 60
"""Of each kind; a website of ten thousand pages is not told page by page. Failures all are."""
MOST_PAIRS = 10


def print_report(report: IngestReport, console: Console) -> None:
    _print_outcomes(report, console)
    _print_pairs(report, console)
    for remark in report.remarks:
        console.print(printable(remark), style="yellow", markup=False, soft_wrap=True)
    if len(report.outcomes) > 1:
        console.print(_table(report))
    actions = ", ".join(f"{count} {action}" for action, count in report.actions.items()) or "no files"
    done = "nothing written" if report.dry_run else f"{report.embedded} chunks embedded, {report.uploaded} files sent"
    end = "; stopped: the next run goes on here" if report.stopped else ""
    console.print(f"{report.company_id}: {actions}; {done}{end}", style="bold", markup=False, soft_wrap=True)


def _print_outcomes(report: IngestReport, console: Console) -> None:
    told = dict.fromkeys(STYLES, 0)
    # What went wrong comes last: it is what somebody has to look at.
    for outcome in sorted(report.outcomes, key=lambda outcome: outcome.action == "failed"):
        if outcome.action == "unchanged":
            continue
        told[outcome.action] += 1
        if outcome.action == "failed" or told[outcome.action] <= MOST_LINES:
            _print_outcome(outcome, console)
    for action, count in told.items():
        if action != "failed" and count > MOST_LINES:
            console.print(f"{action:9}  … and {count - MOST_LINES} more", style=STYLES[action])


def _print_outcome(outcome: Outcome, console: Console) -> None:
    pieces = ", ".join(f"{count} {modality}" for modality, count in outcome.chunks.items())
    line = f"{outcome.action:9}  {outcome.source_id}  {pieces or outcome.reason}"
    console.print(printable(line.rstrip()), style=STYLES[outcome.action], markup=False, soft_wrap=True)
    reasons = (outcome.reason,) if pieces and outcome.reason else ()
    for remark in dict.fromkeys((*reasons, *outcome.remarks)):
        console.print(f"           {printable(remark)}", style="yellow", markup=False, soft_wrap=True)


def _print_pairs(report: IngestReport, console: Console) -> None:
    if not report.near_duplicates:
        return
    count = report.near_duplicate_count
    console.print(
        f"{count} pair{'s' if count > 1 else ''} of chunks say nearly the same in two sources; one of each may go:",
        style="yellow",
    )
    for pair in report.near_duplicates[:MOST_PAIRS]:
        line = f"           {printable(pair.first)} ≈ {printable(pair.second)}: {printable(pair.text)}"
        console.print(line, style="dim", markup=False, soft_wrap=True)
    if count > MOST_PAIRS:
        console.print(f"           … and {count - MOST_PAIRS} more", style="dim")


def _table(report: IngestReport) -> Table:
    actions, chunks = report.actions, report.chunks
    table = Table(show_header=False, box=None, padding=(0, 2), title_justify="left")
    table.add_column(style="dim")
    table.add_column()
    table.add_row("files", ", ".join(f"{count:,} {action}" for action, count in actions.items()))
    by_kind = ", ".join(f"{count:,} {modality}" for modality, count in chunks.most_common())
    table.add_row("chunks", f"{chunks.total():,}" + (f" ({by_kind})" if by_kind else ""))
    table.add_row("embedded", f"{report.embedded:,}")
    table.add_row("money", f"${report.money:.4f}, by list prices" if report.money else "none")
    rate = len(report.outcomes) / report.seconds if report.seconds else 0.0
    table.add_row("time", f"{duration(report.seconds)}, {rate:.1f} sources a second")
    return table

"""What an operator sees of an ingestion in a terminal."""

import io

from rich.console import Console

from aisdr.ingest.report import IngestReport, Outcome
from aisdr.ingest.run import Progress
from scripts.ingest.bar import picture_of
from scripts.ingest.table import print_report


def printed(*outcomes: Outcome) -> str:
    told = io.StringIO()
    print_report(IngestReport(company_id="acme", outcomes=outcomes), Console(file=told, width=80))
    return told.getvalue()


def test_a_files_name_does_not_command_the_terminal() -> None:
    told = printed(
        Outcome(source_id="red\x1b[31m\nadded  safe.md", action="failed", reason="not\x1b]0;mine\x07"),
        Outcome(source_id="bad\udcff.md", action="failed", reason="‮reversed"),
        Outcome(source_id="👩‍🔧 Größe.md", action="added", chunks={"text": 1}),
    )

    assert r"red\x1b[31m\nadded  safe.md  not\x1b]0;mine\x07" in told
    assert r"bad\udcff.md  \u202ereversed" in told
    assert "👩‍🔧 Größe.md" in told
    assert all(each.isprintable() or each in "\n\u200d" for each in told)


def test_the_same_remark_is_told_once() -> None:
    remark = "the picture 'q' is not in the knowledge folder"

    told = printed(Outcome(source_id="a.md", action="added", chunks={"text": 1}, remarks=(remark, remark)))

    assert told.count(remark) == 1


def test_the_progress_fits_a_terminal_of_eighty_columns() -> None:
    told = io.StringIO()
    progress = Progress(done=1_204, expected=2_000_000, chunks=310_000, failed=26, reading={"x/" * 60: (17, 2_000)})

    Console(file=told, width=80).print(picture_of("hypersonix", progress, 60.0))

    counted, rates, now = (line.strip() for line in told.getvalue().splitlines())
    assert counted.endswith("1,204 of 2,000,000")
    assert rates == "20.1 sources/s, 5167 chunks/s, 26 failed, 27 h 40 min left"
    assert now.startswith("reads …")
    assert now.endswith("/x/ 17/2,000")

"""The `aisdr` command."""

import logging
import sys
from difflib import get_close_matches

import typer
from botocore.exceptions import BotoCoreError, ClientError

from aisdr.errors import AisdrError
from aisdr.observability import logger
from aisdr.services import services
from scripts.ask import ask
from scripts.doctor.command import doctor
from scripts.erase import erase
from scripts.export import export
from scripts.ingest import ingest
from scripts.outbox import outbox
from scripts.provision import provision
from scripts.records import keep_records, refused
from scripts.refusal import refuse
from scripts.reindex import reindex
from scripts.seed import seed
from scripts.snippet import snippet

app = typer.Typer(
    name="aisdr",
    help="Operate the AI SDR platform: seed companies, ingest their knowledge, ask them questions, take records out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (seed, ingest, reindex, provision, ask, export, erase, snippet, doctor):
    app.command()(command)
app.add_typer(outbox)


def main() -> int:
    """Runs the command. An error that we foresaw is printed without a traceback and exits with 1."""
    _keep_output_for_answers()
    keep_records()
    try:
        app(prog_name="aisdr")
    except AisdrError as error:
        refused(sys.argv[1:], error.code)
        return refuse(f"{error.message}{_meant(error)}", error.code, sys.argv)
    except (BotoCoreError, ClientError) as error:
        refused(sys.argv[1:], "stores_failed")
        return refuse(f"An AWS store refused or did not answer: {error}", "stores_failed", sys.argv)
    return 0


def _meant(error: AisdrError) -> str:
    """Which companies there are, for who named one that there is not."""
    if error.code != "company_not_found":
        return ""
    slugs = [company.slug for company in services().companies.list()]
    named = error.message.split("'")[1] if "'" in error.message else ""
    near = get_close_matches(named.lower(), slugs, n=1)
    if near:
        return f"; did you mean '{near[0]}'?"
    return f"; there are: {', '.join(slugs[:20])}" if slugs else "; `aisdr seed` writes one"


def _keep_output_for_answers() -> None:
    """What functions log belongs beside a command's output, and only when something went wrong."""
    for handler in logger.handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(sys.stderr)
    logger.setLevel(logging.WARNING)


if __name__ == "__main__":
    sys.exit(main())

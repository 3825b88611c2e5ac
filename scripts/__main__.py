"""The `aisdr` command."""

import sys

import typer
from rich.console import Console

from aisdr.errors import AisdrError
from scripts.ask import ask
from scripts.ingest import ingest
from scripts.provision import provision
from scripts.seed import seed

app = typer.Typer(
    name="aisdr",
    help="Operate the AI SDR platform: seed companies, ingest their knowledge, ask them questions.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (seed, ingest, provision, ask):
    app.command()(command)


def main() -> None:
    """Runs the command. An error that we foresaw is printed without a traceback and exits with 1."""
    try:
        app()
    except AisdrError as error:
        Console(stderr=True).print(error.message, style="red", markup=False, highlight=False)
        sys.exit(1)


if __name__ == "__main__":
    main()

"""`aisdr erase --visitor WHO` or `--company SLUG`: takes a person, or a whole company, out of every store."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console

from aisdr.erased import Erased
from aisdr.errors import Conflict, InvalidInput
from aisdr.forgetting import check
from aisdr.services import services

UNFINISHED = 2
"""Exit code when something is left: the same command goes on."""


def erase(
    visitor: Annotated[
        str | None,
        typer.Option(help="An e-mail address, or the id of a conversation, a lead or a request for a person."),
    ] = None,
    company: Annotated[
        str | None, typer.Option(help="The company's slug. With --visitor: only there. Alone: the whole company.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count what would go, erase nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: for scripts.")] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False,
) -> None:
    """Erase a visitor, or a company, everywhere: tables, index, buckets, and what Tavus keeps. Cannot be undone.

    Safe to repeat, and to interrupt: run it again and it goes on. It says what stays, and exits with 2 while something
    is left that a store or a vendor would not give up.
    """
    if visitor is None and company is None:
        raise InvalidInput("Say whom to erase: --visitor WHO, --company SLUG, or both", code="nobody_named")
    if not dry_run and not yes:
        _confirm(visitor, company)
    done = [*_erased(visitor, company, dry_run=dry_run)]
    if json_output:
        print(json.dumps({"erased": [asdict(each) for each in done]}, ensure_ascii=False))
    else:
        _print(done)
    if any(each.left for each in done):
        raise typer.Exit(UNFINISHED)


def _erased(visitor: str | None, company: str | None, *, dry_run: bool) -> Sequence[Erased]:
    ours = services()
    if visitor is None:
        assert company is not None
        return [ours.removal.erase(company, dry_run=dry_run)]
    person = check(visitor)
    where = [ours.companies.by_slug(company)] if company else ours.companies.list()
    return [ours.forgetting.erase(each, person, dry_run=dry_run) for each in where]


def _confirm(visitor: str | None, company: str | None) -> None:
    """A company is confirmed by its name: whoever types it has read which one.

    Raises:
        Conflict: it was not, or nobody is there who could.
    """
    if not sys.stdin.isatty():
        raise Conflict(
            "Nobody can confirm this here; look with --dry-run, then repeat with --yes", code="not_confirmed"
        )
    if visitor is None:
        named = typer.prompt(f"This removes '{company}' for good. Type its slug to go on", err=True)
        if named.strip() != company:
            raise Conflict("That is another name; nothing was erased", code="not_confirmed")
    elif not typer.confirm("This erases the visitor for good. Go on?", err=True):
        raise Conflict("Nothing was erased", code="not_confirmed")


def _print(done: Sequence[Erased]) -> None:
    console = Console(highlight=False)
    for each in done:
        found = ", ".join(f"{number} {store}" for store, number in each.removed.items()) or "nothing"
        console.print(
            f"{each.company_id}: {found} {'would go' if each.dry_run else 'erased'}", soft_wrap=True, markup=False
        )
        for reason in dict.fromkeys(each.kept):
            console.print(f"  kept: {reason}", soft_wrap=True, markup=False)
        for rest in each.left:
            console.print(f"  LEFT: {rest}", style="red", soft_wrap=True, markup=False)

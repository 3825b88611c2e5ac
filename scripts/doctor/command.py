"""`aisdr doctor [SLUG]`: each line is ok, or says what failed and what to do."""

import json
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Console

from aisdr.company import Company
from aisdr.services import Services
from aisdr.services import services as services_of_this_process
from scripts.doctor.finding import Finding, look, skip
from scripts.doctor.stores import DEPLOY, knowledge, stores
from scripts.doctor.vendors import openai, tavus
from scripts.doctor.walk import walk

STYLE = {"ok": "green", "failed": "red", "skipped": "yellow"}


def doctor(
    slug: Annotated[str | None, typer.Argument(help="One company's slug; all of them without it.")] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False,
) -> None:
    """Check an environment from its keys and replica ids to a round trip; exit code 1 when something fails."""
    console, found = Console(highlight=False), []
    for finding in examine(services_of_this_process(), slug):
        found.append(finding)
        if not json_output:
            _print(console, finding)
    failed = sum(each.state == "failed" for each in found)
    if json_output:
        print(json.dumps({"ok": failed == 0, "findings": [vars(each) for each in found]}, ensure_ascii=False))
    else:
        counted = f"{failed} of {len(found)} failed" if failed else f"all is well, of {len(found)} things"
        console.print(counted, style="bold", markup=False)
    if failed:
        raise typer.Exit(1)


def examine(services: Services, slug: str | None) -> Iterator[Finding]:
    """Everything in the order in which it is needed. Nothing is bought, and no secret is part of a finding.

    Raises: NotFound (no such company).
    """
    yield from stores(services)
    companies: list[Company] = []

    def read() -> str:
        companies.extend([services.companies.by_slug(slug)] if slug else services.companies.list())
        return ", ".join(company.slug for company in companies) or "none"

    yield look("companies", read, DEPLOY)
    for company in companies:
        yield from knowledge(services, company)
    yield from tavus(services, companies)
    yield from openai(services, companies)
    if companies:
        yield from walk(services, companies[0])
    else:
        yield skip("round trip", "there is no company to visit: `aisdr seed` writes one")


def _print(console: Console, finding: Finding) -> None:
    line = f"{finding.state:<8}{finding.what}" + (f": {finding.told}" if finding.told else "")
    console.print(line, style=STYLE[finding.state], markup=False, soft_wrap=True)
    if finding.remedy:
        console.print(f"        → {finding.remedy}", markup=False, soft_wrap=True)

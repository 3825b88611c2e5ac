"""`aisdr provision SLUG`: gives a company's avatar our tools, prompt and guardrails at Tavus."""

import difflib
import json
from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.console import Console

from aisdr.audit import OPERATOR, decided
from aisdr.company import Companies, Company
from aisdr.errors import Conflict, InvalidInput
from aisdr.live.tavus_documents import Registration
from aisdr.live.tavus_pal import Change, Plan, Provisioning
from aisdr.services import services

_LONGEST = 100


def provision(
    slug: Annotated[str, typer.Argument(help="The company's slug.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what is different, change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Change it without asking.")] = False,
    create: Annotated[
        bool, typer.Option("--create", help="Make a PAL of its own when it shares one, or names one of Tavus's.")
    ] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False,
) -> None:
    """Bring a company's avatar at Tavus in line with its configuration (idempotent; shows the difference first)."""
    if json_output and not (yes or dry_run):
        raise InvalidInput("--json asks nobody: add --yes to change Tavus, or --dry-run to look only")
    company = services().companies.by_slug(slug)
    provisioning = Provisioning(services().tavus)
    plan = plan_for(provisioning, services().companies, company, create=create)
    documents = services().documents.all(company.operator_scope)
    pal_id, console = plan.pal_id, Console(highlight=False, stderr=json_output)
    _print_plan(console, company, plan)
    wanted = not dry_run and (plan.changes or plan.pal_id != company.tavus_persona_id)
    if wanted and (yes or typer.confirm("Change this at Tavus?", abort=True)):
        pal_id = provisioning.apply(plan)
        remember(services().companies, company, pal_id)
        decided("operator.provision", "done", company_id=company.company_id, who=OPERATOR, pal=pal_id)
    if json_output:
        print(json.dumps(_told(company, pal_id, plan, documents, changed=bool(wanted))))
        return
    print_documents(console, documents)
    if wanted:
        console.print(f"{company.company_id}: PAL {pal_id} is as it should be", style="bold", markup=False)
        if pal_id != company.tavus_persona_id:
            console.print(
                f'Write tavusPersonaId = "{pal_id}" into company.toml: the next `aisdr seed` writes what stands there.',
                style="yellow",
                markup=False,
                soft_wrap=True,
            )


def plan_for(provisioning: Provisioning, companies: Companies, company: Company, *, create: bool) -> Plan:
    """Raises: Conflict, when another company's avatar would be given this company's prompt and tools."""
    others = companies.sharing_persona(company)
    if others and not create:
        whose = ", ".join(f"'{other.company_id}'" for other in others)
        raise Conflict(
            f"'{company.company_id}' names the same tavusPersonaId '{company.tavus_persona_id}' as {whose}: "
            f"provisioning would overwrite that company's avatar. `aisdr provision {company.slug} --create` makes a "
            "PAL of its own",
            code="persona_shared",
        )
    registry = services().tools
    specs, ours = registry.specs(company), {spec.name for spec in registry.specs()}
    try:
        return provisioning.plan(company, specs, ours, own=bool(others))
    except InvalidInput as error:
        if not create or error.code not in ("stock_persona", "unknown_persona"):
            raise
        return provisioning.plan(company, specs, ours, own=True)


def remember(companies: Companies, company: Company, pal_id: str) -> None:
    """Calls of this company are held by this PAL from now on."""
    stored = companies.stored(company.company_id)
    if stored and stored.company.tavus_persona_id != pal_id:
        changed = stored.company.model_copy(update={"tavus_persona_id": pal_id})
        companies.put(changed, expected_version=stored.version)


def print_documents(console: Console, documents: list[Registration]) -> None:
    """How many there are in which state; those that failed with what helps."""
    if not documents:
        return
    counted = Counter(document.state for document in documents)
    console.print(f"Tavus documents: {', '.join(f'{count} {state}' for state, count in counted.items())}", markup=False)
    for document in documents:
        if document.state == "failed":
            line = f"  failed  {document.name}: {document.reason}; {document.remedy} ({document.url})"
            console.print(line, style="red", markup=False, soft_wrap=True)


def _print_plan(console: Console, company: Company, plan: Plan) -> None:
    console.print(f"{company.company_id}: PAL {plan.pal_id or '(a new one)'}", style="bold", markup=False)
    if not plan.changes:
        console.print("  nothing is different", markup=False)
    for change in plan.changes:
        for line in _lines(change):
            style = {"+": "green", "-": "red"}.get(line[2:3])
            console.print(line, style=style, markup=False, soft_wrap=True)


def _lines(change: Change) -> Iterator[str]:
    before, after = _text(change.before), _text(change.after)
    sign = "~" if before and after else "+" if after else "-"
    if "\n" not in before + after and len(before + after) <= _LONGEST:
        yield f"  {sign} {change.what}: {' → '.join(each for each in (before, after) if each)}"
        return
    yield f"  {sign} {change.what}"
    for line in difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0):
        if not line.startswith(("---", "+++", "@@")):
            yield f"  {line[:1]}     {line[1:]}"


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _told(
    company: Company, pal_id: str | None, plan: Plan, documents: list[Registration], *, changed: bool
) -> dict[str, Any]:
    return {
        "companyId": company.company_id,
        "tavusPersonaId": pal_id,
        "changed": changed,
        "changes": [{"what": each.what, "before": each.before, "after": each.after} for each in plan.changes],
        "tools": [tool.body["name"] for tool in plan.tools],
        "documents": [
            {"documentId": each.document_id, "name": each.name, "state": each.state, "reason": each.reason}
            for each in documents
        ],
    }

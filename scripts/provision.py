"""`aisdr provision SLUG`: gives a company's avatar our tools and prompt at Tavus."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console

from aisdr.company import Companies, Company
from aisdr.errors import Conflict, InvalidInput
from aisdr.inference.base import ToolSpec
from aisdr.live.tavus_api import TavusClient
from aisdr.services import services


def system_prompt(company: Company) -> str:
    """What the PAL is: the company's persona, and the rule that facts come from our search."""
    return (
        f"{company.introduction()}\n"
        "Before stating a fact call search_knowledge and say what it returns. If it returns nothing, say so. "
        "Never invent prices, dates or names. Speak in short sentences."
    )


def tool_body(spec: ToolSpec) -> dict[str, Any]:
    """A tool in Tavus's words: called in the room, answered by our relay, spoken about when the result is there."""
    return {
        "name": spec.name,
        "description": spec.description,
        "parameters": spec.parameters,
        "delivery": {"app_message": True},
        "on_resolve": "generate_response",
    }


def provision_company(tavus: TavusClient, company: Company, tools: list[ToolSpec], ours: set[str]) -> str:
    """Upserts the tools and the PAL, and takes tools of ours away that the company no longer allows.

    Returns the PAL's id.

    Raises:
        InvalidInput: the company names no face, without which Tavus makes no PAL.
    """
    if company.tavus_replica_id is None:
        raise InvalidInput(f"'{company.company_id}' has no tavusReplicaId; choose a face of your Tavus account")
    tool_ids = [tavus.put_tool(tool_body(spec)) for spec in tools]
    pal_id = company.tavus_persona_id
    if pal_id is None:
        pal_id = tavus.create_pal(
            {
                "pal_name": f"{company.display_name} (AI SDR)",
                "system_prompt": system_prompt(company),
                "default_face_id": company.tavus_replica_id,
                "document_tags": list(company.tavus_document_tags),
                "greeting": company.greeting,
            }
        )
    else:
        # `add` also replaces; `replace` fails where the path is not there yet.
        wanted = {
            "/system_prompt": system_prompt(company),
            "/default_face_id": company.tavus_replica_id,
            "/document_tags": list(company.tavus_document_tags),
        }
        tavus.patch_pal(pal_id, [{"op": "add", "path": path, "value": value} for path, value in wanted.items()])
    tavus.attach_tools(pal_id, tool_ids)
    for tool in tavus.pal_tools(pal_id):
        if tool["name"] in ours and tool["tool_id"] not in tool_ids:
            tavus.detach_tool(pal_id, tool["tool_id"])
    return pal_id


def refuse_shared_persona(companies: Companies, company: Company) -> None:
    """Raises: Conflict, when another company's avatar would be given this company's prompt and tools."""
    others = companies.sharing_persona(company)
    if others:
        whose = ", ".join(f"'{other.company_id}'" for other in others)
        raise Conflict(
            f"'{company.company_id}' names the same tavusPersonaId '{company.tavus_persona_id}' as {whose}: "
            f"provisioning would overwrite that company's avatar. Remove tavusPersonaId from the company.toml of "
            f"'{company.company_id}', seed it, and provision again: that makes a PAL of its own",
            code="persona_shared",
        )


def provision(
    slug: Annotated[str, typer.Argument(help="The company's slug.")],
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False,
) -> None:
    """Give a company's avatar our tools and prompt at Tavus (idempotent)."""
    company = services().companies.by_slug(slug)
    refuse_shared_persona(services().companies, company)
    specs = services().tools.specs(company)
    ours = {spec.name for spec in services().tools.specs()}
    pal_id = provision_company(services().tavus, company, specs, ours)
    if json_output:
        print(json.dumps({"companyId": company.company_id, "tavusPersonaId": pal_id, "tools": [s.name for s in specs]}))
        return
    console = Console(highlight=False)
    console.print(f"{company.company_id}: PAL {pal_id} has {len(specs)} tools", markup=False)
    if company.tavus_persona_id is None:
        console.print(f'Write tavusPersonaId = "{pal_id}" into company.toml and seed again.', markup=False)

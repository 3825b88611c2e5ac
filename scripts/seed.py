"""`aisdr seed PATH`: writes a company's configuration, after showing what changes."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from pydantic import ValidationError
from rich.console import Console

from aisdr.audit import OPERATOR, decided
from aisdr.booking import PLACEHOLDERS
from aisdr.company import Companies, Company, slug_taken
from aisdr.errors import Conflict, InvalidInput
from aisdr.services import services
from aisdr.tools.members import TOOL_NAMES
from scripts.masking import masked, shown

CONFIGURATION = "company.toml"


def read_company(path: Path) -> Company:
    """Reads `company.toml` from a file or from the folder that holds it.

    Raises:
        InvalidInput: names the file, the key and the remedy of every problem.
    """
    file = path / CONFIGURATION if path.is_dir() else path
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InvalidInput(f"{file}: there is no such file; name a {CONFIGURATION} or its folder") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file}: not valid TOML ({error}); mend the line it names") from None
    try:
        # Through JSON, because there pydantic's strict mode takes arrays for tuples and still refuses "10" for 10.
        company = Company.model_validate_json(json.dumps(values, default=str), strict=True)
    except ValidationError as error:
        raise InvalidInput("\n".join(f"{file}: {remedy}" for remedy in _remedies(error))) from None
    contradictions = [f"{file}: {each}" for each in _contradictions(company)]
    if contradictions:
        raise InvalidInput("\n".join(contradictions))
    return company


def _contradictions(company: Company) -> Iterator[str]:
    """What is well-formed and can never work."""
    own = [tool.name for tool in company.http_tools]
    for name in company.tools:
        if name not in TOOL_NAMES and name not in own:
            yield f"key 'tools' names '{name}', which does not exist; known tools: {', '.join(sorted(TOOL_NAMES))}"
    for number, name in enumerate(own, start=1):
        if name in TOOL_NAMES or name in own[: number - 1]:
            yield f"key 'httpTools, {_ordinal(number)} entry, name': '{name}' is taken; choose another name"
    yield from _misplaced(company.booking_url or "")
    if company.offers("video") and not (company.tavus_replica_id or company.tavus_persona_id):
        yield "key 'useTavusVideo' is on without a face; set 'tavusReplicaId' or 'tavusPersonaId'"


def _misplaced(booking_url: str) -> Iterator[str]:
    """A visitor's words may stand behind the host only, and only words that we have."""
    host = urlsplit(booking_url).netloc
    for name in dict.fromkeys(re.findall(r"\{(\w*)\}", booking_url)):
        if name not in PLACEHOLDERS:
            known = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
            yield f"key 'bookingUrl' holds {{{name}}}, which is unknown; use {known}"
        elif f"{{{name}}}" in host:
            yield f"key 'bookingUrl' holds {{{name}}} in its host; move it behind the host"


def _remedies(error: ValidationError) -> list[str]:
    """One line a mistake. That a table or list is wrong because of something inside it goes without saying."""
    problems = error.errors(include_url=False)
    places = [problem["loc"] for problem in problems]
    return [
        _remedy(problem)
        for problem, place in zip(problems, places, strict=True)
        if not any(len(place) < len(other) and other[: len(place)] == place for other in places)
    ]


def _remedy(problem: Any) -> str:
    key = _key(problem["loc"])
    wrong = shown(problem["loc"], problem["input"])
    context = problem.get("ctx", {})
    match problem["type"]:
        case "extra_forbidden":
            return f"key '{key}' is unknown; remove it or correct its spelling (docs/tenants.md lists all keys)"
        case "missing":
            return f"key '{key}' is missing; add it"
        case "literal_error":
            return f"key '{key}' must be one of {context['expected']}, not {wrong}"
        case "string_pattern_mismatch":
            return f"key '{key}' has the wrong form; it must match {context['pattern']}"
        case "too_short":
            return f"key '{key}' must have {context['min_length']} or more entries, not {context['actual_length']}"
        case "too_long":
            return f"key '{key}' may have at most {context['max_length']} entries, not {context['actual_length']}"
        case "value_error":
            return f"key '{key}': {context['error']}, not {wrong}; change the value"
        case kind if kind in _FORMS:
            return f"key '{key}' must be {_FORMS[kind]}, not {wrong}; change the value"
        case _:
            words = problem["msg"].lower().replace("string", "text")
            return f"key '{key}': {words}, not {wrong}; change the value"


_FORMS = {
    "tuple_type": "a list",
    "model_type": "a table",
    "string_type": "a text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
}
"""What TOML calls that which the checker names in its own words."""


def _key(place: tuple[str | int, ...]) -> str:
    """`limits.callSeconds`, or `models.chat, 1st entry, provider`."""
    told = ""
    for part in place:
        match part:
            case int():
                told += f", {_ordinal(part + 1)} entry"
            case _ if told.endswith(" entry"):
                told += f", {part}"
            case _:
                told += f".{part}" if told else part
    return told or "(whole file)"


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def difference(old: dict[str, Any], new: dict[str, Any], prefix: str = "") -> list[str]:
    """One line a changed key: `+ key = value`, `- key = value`, or `~ key = old -> new`."""
    lines: list[str] = []
    for key in sorted(old.keys() | new.keys()):
        name, before, after = f"{prefix}{key}", old.get(key), new.get(key)
        if before == after:
            continue
        if isinstance(before, dict) and isinstance(after, dict):
            lines += difference(before, after, f"{name}.")
        elif before is None:
            lines.append(f"+ {name} = {json.dumps(after, ensure_ascii=False)}")
        elif after is None:
            lines.append(f"- {name} = {json.dumps(before, ensure_ascii=False)}")
        else:
            lines.append(
                f"~ {name} = {json.dumps(before, ensure_ascii=False)} -> {json.dumps(after, ensure_ascii=False)}"
            )
    return lines


def refuse_stranger(stored: Company | None, company: Company) -> None:
    """A copied folder whose `companyId` was forgotten must not become the company it was copied from.

    Raises:
        Conflict: the id is stored under another slug.
    """
    if stored and stored.slug != company.slug:
        raise Conflict(
            f"company '{company.company_id}' is stored with the slug '{stored.slug}', this file says '{company.slug}'. "
            f"If '{company.slug}' is a new company, give it a companyId of its own; to rename "
            f"'{company.company_id}', repeat `aisdr seed` with --rename",
            code="slug_changed",
        )


def seed_company(
    companies: Companies, company: Company, *, dry_run: bool, rename: bool = False
) -> tuple[list[str], int]:
    """Upserts one company. Returns the difference and the version that is stored afterwards.

    Raises:
        Conflict: it changed between our look and our write, it would get another slug without `rename`, or another
            company holds the slug; nothing was written.
    """
    stored = companies.stored(company.company_id)
    if not rename:
        refuse_stranger(stored.company if stored else None, company)
    owner = companies.owner_of(company.slug)
    if owner not in (None, company.company_id):
        raise slug_taken(company.slug, owner)
    before = stored.company.as_configuration() if stored else {}
    lines = difference(masked(before), masked(company.as_configuration()))
    version = stored.version if stored else 0
    if lines and not dry_run:
        version = companies.put(company, expected_version=version)
    return lines, version


def seed(
    path: Annotated[Path, typer.Argument(help="A company.toml, or the folder that holds it.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the difference and write nothing.")] = False,
    rename: Annotated[bool, typer.Option("--rename", help="Let a stored company change its slug.")] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False,
) -> None:
    """Write a company's configuration (idempotent), after showing what changes."""
    company = read_company(path)
    lines, version = seed_company(services().companies, company, dry_run=dry_run, rename=rename)
    if lines and not dry_run:
        decided("operator.seed", "done", company_id=company.company_id, who=OPERATOR, version=version, keys=len(lines))
    warnings = [
        f"'{other.company_id}' names the same tavusPersonaId; without it, `aisdr provision` makes a PAL of its own"
        for other in services().companies.sharing_persona(company)
    ]
    if json_output:
        print(
            json.dumps(
                {
                    "companyId": company.company_id,
                    "version": version,
                    "changes": lines,
                    "written": bool(lines) and not dry_run,
                    "warnings": warnings,
                }
            )
        )
        return
    console = Console(highlight=False)
    for line in lines:
        console.print(line, markup=False, soft_wrap=True, style={"+": "green", "-": "red", "~": "yellow"}[line[0]])
    outcome = "unchanged" if not lines else "would change" if dry_run else "saved"
    differ = "1 key differs" if len(lines) == 1 else f"{len(lines)} keys differ"
    console.print(f"{company.company_id}: {outcome} (version {version}, {differ})", markup=False, soft_wrap=True)
    for warning in warnings:
        Console(stderr=True, highlight=False).print(f"Warning: {warning}", style="yellow", markup=False, soft_wrap=True)

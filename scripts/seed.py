"""`aisdr seed PATH`: writes a company's configuration, after showing what changes."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console

from aisdr.company import Companies, Company
from aisdr.errors import InvalidInput
from aisdr.services import services
from aisdr.tools.members import TOOL_NAMES

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
        problems = [f"{file}: {_remedy(problem)}" for problem in error.errors(include_url=False)]
        raise InvalidInput("\n".join(problems)) from None
    contradictions = [f"{file}: {each}" for each in _contradictions(company)]
    if contradictions:
        raise InvalidInput("\n".join(contradictions))
    return company


def _contradictions(company: Company) -> Iterator[str]:
    """What is well-formed and can never work."""
    for name in company.tools:
        if name not in TOOL_NAMES:
            yield f"key 'tools' names '{name}', which does not exist; known tools: {', '.join(sorted(TOOL_NAMES))}"
    if company.offers("video") and not (company.tavus_replica_id or company.tavus_persona_id):
        yield "key 'useTavusVideo' is on without a face; set 'tavusReplicaId' or 'tavusPersonaId'"


def _remedy(problem: Any) -> str:
    key = ".".join(str(part) for part in problem["loc"]) or "(whole file)"
    match problem["type"]:
        case "extra_forbidden":
            return f"key '{key}' is unknown; remove it or correct its spelling (docs/tenants.md lists all keys)"
        case "missing":
            return f"key '{key}' is missing; add it"
        case "literal_error":
            return f"key '{key}' must be one of {problem['ctx']['expected']}, not {problem['input']!r}"
        case "string_pattern_mismatch":
            return f"key '{key}' has the wrong form; it must match {problem['ctx']['pattern']}"
        case _:
            return f"key '{key}': {problem['msg'].lower()}, not {problem['input']!r}; change the value"


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


def seed_company(companies: Companies, company: Company, *, dry_run: bool) -> tuple[list[str], int]:
    """Upserts one company. Returns the difference and the version that is stored afterwards.

    Raises:
        Conflict: it changed between our look and our write; nothing was written.
    """
    stored = companies.stored(company.company_id)
    lines = difference(stored.company.as_configuration() if stored else {}, company.as_configuration())
    version = stored.version if stored else 0
    if lines and not dry_run:
        version = companies.put(company, expected_version=version)
    return lines, version


def seed(
    path: Annotated[Path, typer.Argument(help="A company.toml, or the folder that holds it.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the difference and write nothing.")] = False,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False,
) -> None:
    """Write a company's configuration (idempotent), after showing what changes."""
    company = read_company(path)
    lines, version = seed_company(services().companies, company, dry_run=dry_run)
    if json_output:
        print(
            json.dumps(
                {
                    "companyId": company.company_id,
                    "version": version,
                    "changes": lines,
                    "written": bool(lines) and not dry_run,
                }
            )
        )
        return
    console = Console(highlight=False)
    for line in lines:
        console.print(line, markup=False, style={"+": "green", "-": "red", "~": "yellow"}[line[0]])
    outcome = "unchanged" if not lines else "would change" if dry_run else "saved"
    console.print(f"{company.company_id}: {outcome} (version {version}, {len(lines)} keys differ)", markup=False)

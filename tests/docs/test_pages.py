"""The pages name everything that exists, and link only to what exists."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from aisdr.company import Company
from aisdr.errors import AisdrError
from aisdr.settings import VARIABLES

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs" / "decisions").glob("*.md"))]


def keys_of(model: type[BaseModel]) -> Iterator[str]:
    """The keys of a configuration, those of nested records too, as an operator writes them."""
    for name, field in model.model_fields.items():
        records = [
            part
            for part in (field.annotation, *get_args(field.annotation))
            if isinstance(part, type) and issubclass(part, BaseModel)
        ]
        for record in records:
            yield from keys_of(record)
        if not records:
            yield str(field.serialization_alias or field.alias or name)


def classes_of(error: type[AisdrError]) -> Iterator[type[AisdrError]]:
    yield error
    for child in error.__subclasses__():
        yield from classes_of(child)


def test_the_tenants_page_names_every_key_of_a_company() -> None:
    page = (ROOT / "docs" / "tenants.md").read_text()

    assert [key for key in keys_of(Company) if not re.search(rf"[`.{{ ]{key}[`,}}]", page)] == []


def test_the_operations_page_names_every_setting() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    names = list(VARIABLES.values())

    assert [name for name in names if name not in page] == []


def test_the_api_page_names_every_error_code() -> None:
    page = (ROOT / "docs" / "api.md").read_text()
    code = "".join(path.read_text() for path in (ROOT / "aisdr").rglob("*.py"))
    codes = set(re.findall(r'\bcode="(\w+)"', code)) | {each.default_code for each in classes_of(AisdrError)}
    internal = {
        "bad_request",  # the base class, never raised itself
        "forbidden",  # every refusal of this kind has a code of its own
        "vendor_not_found",  # caught where it arises
        "ingestion_running",  # an operator's command, or a function that waits
        "private_address",  # an operator's webhook or tool: in the outbox and the log
        "invalid_address",
        "no_company",  # a fault of ours: no client can leave the company out
        "insecure_search_url",  # a search leg that fails, reported as such
        "version_conflict",  # the operator's commands
        "stock_persona",
        "unknown_persona",
        "tool_name_taken",
        "not_ingested",
        "move_lost",
        "slug_taken",
        "conflict",
        "limit_reached",
    }

    assert sorted(each for each in codes - internal if each not in page) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_to_files_lead_somewhere(page: Path) -> None:
    links: list[Any] = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []

"""Who may make a key to a company's data, and who may ask the stores with it: read from the code itself (T-TEN-02)."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from aisdr.errors import Forbidden
from aisdr.session import Session
from aisdr.tenant import TenantScope, mark, mark_of

ROOT = Path(__file__).parents[1]
FILES = {
    str(path.relative_to(ROOT)): path
    for folder in ("aisdr", "functions", "scripts", "dev")
    for path in sorted((ROOT / folder).rglob("*.py"))
}
OPERATORS = {
    "aisdr/company.py",  # `operator_scope`
    "aisdr/live/tavus_documents.py",  # the clock's look at what Tavus reads
    "aisdr/removal.py",  # `aisdr erase`
}
OPERATORS_OF_A_COMPANY = {"aisdr/forgetting.py"}
OPERATORS_FOLDERS = ("aisdr/ingest/", "scripts/", "dev/")
ENGINE = {f"aisdr/index/opensearch{part}.py" for part in ("", "_answers", "_documents", "_indices")}
CLIENTS = ENGINE | {"aisdr/index/opensearch_client.py"}
LAYOUTS = ENGINE | {f"aisdr/index/opensearch{part}.py" for part in ("_bulk", "_query")}


@dataclass(frozen=True)
class Code:
    """What a file imports, and which names it reaches for: `a.b.c` gives `a.b.c`, `b.c` and `c`."""

    imports: frozenset[str]
    reaches: frozenset[str]
    calls: frozenset[str]


def code_of(text: str) -> Code:
    nodes = list(ast.walk(ast.parse(text)))
    imports = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module:
            imports |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    reaches = {name for node in nodes if isinstance(node, ast.Attribute) for name in _endings(ast.unparse(node))}
    calls = {name for node in nodes if isinstance(node, ast.Call) for name in _endings(ast.unparse(node.func))}
    return Code(frozenset(imports), frozenset(reaches), frozenset(calls))


def _endings(dotted: str) -> Iterator[str]:
    parts = dotted.split(".")
    return (".".join(parts[start:]) for start in range(len(parts)))


CODE = {name: code_of(path.read_text()) for name, path in FILES.items()}


def files_that_call(name: str) -> set[str]:
    return {file for file, code in CODE.items() if name in code.calls}


def files_that_import(name: str) -> set[str]:
    return {file for file, code in CODE.items() if any((each + ".").startswith(name + ".") for each in code.imports)}


def test_the_reading_of_code_below_sees_what_it_looks_for() -> None:
    code = code_of("import opensearchpy\nfrom aisdr.tenant import TenantScope\nTenantScope.for_operator(a).company_id")

    assert "opensearchpy" in code.imports
    assert {"TenantScope.for_operator", "for_operator"} <= code.calls
    assert "company_id" in code.reaches
    assert len(CODE) > 200


@pytest.mark.parametrize("made_here", [None, object(), "", True])
def test_nobody_makes_a_scope_by_hand(made_here: object) -> None:
    with pytest.raises(TypeError, match="verified session"):
        TenantScope("acme", made_here)


def test_only_a_verified_session_gives_a_visitor_a_scope() -> None:
    assert files_that_call("TenantScope") == set()
    assert files_that_call("of_session") & files_that_call("TenantScope.of_session") == {"aisdr/session.py"}
    assert files_that_call("cls") & {"aisdr/tenant.py"} == {"aisdr/tenant.py"}


def test_only_the_store_of_sessions_makes_sessions() -> None:
    """Beside two that were sessions when they were written down: what a confirmation was asked in, and what an operator
    erases."""
    making = files_that_call("Session") & ({"aisdr/session.py"} | files_that_import("aisdr.session.Session"))

    assert making == {"aisdr/session.py", "aisdr/tools/confirmation.py", "aisdr/forgetting.py"}


def test_an_operators_scope_is_named_where_operators_work_and_nowhere_else() -> None:
    assert {file for file in files_that_call("for_operator") if not file.startswith(OPERATORS_FOLDERS)} == OPERATORS
    of_a_company = {file for file, code in CODE.items() if "operator_scope" in code.reaches}
    assert {file for file in of_a_company if not file.startswith(OPERATORS_FOLDERS)} == OPERATORS_OF_A_COMPANY
    assert not any(file.startswith("functions/") for file in files_that_call("for_operator") | of_a_company)


def test_only_the_engine_knows_the_client_of_the_search_and_builds_queries() -> None:
    assert files_that_import("opensearchpy") == CLIENTS
    assert files_that_import("aisdr.index.opensearch_client") == {"aisdr/services/search.py"}
    assert files_that_import("aisdr.index.opensearch_query") == {"aisdr/index/opensearch.py"}
    assert files_that_import("aisdr.index.opensearch_layout") == LAYOUTS
    assert {file for file, code in CODE.items() if "msearch" in code.reaches} == {"aisdr/index/opensearch.py"}


def test_only_the_embedded_engine_opens_the_files_of_companies() -> None:
    parts = {f"aisdr/index/embedded{part}.py" for part in ("", "_memory", "_rows")}
    assert files_that_import("sqlite3") == {
        f"aisdr/index/{part}.py" for part in ("embedded_files", "embedded_rows", "numbers")
    }
    assert files_that_import("aisdr.index.embedded_files") == {"aisdr/index/embedded.py", "aisdr/services/stores.py"}
    assert files_that_import("aisdr.index.loaded") == parts
    assert files_that_call("file_of") <= {
        "aisdr/index/embedded_files.py",
        "aisdr/services/stores.py",
        "scripts/doctor/stores.py",
    }


def test_only_the_legs_ask_an_index_for_hits() -> None:
    asking = {file for file in files_that_call("index.search") if not file.startswith(OPERATORS_FOLDERS)}

    assert asking == {"aisdr/knowledge/own.py", "aisdr/knowledge/tavus.py"}


def test_a_scope_is_as_good_as_its_company_and_no_scope_is_nobodys() -> None:
    acme = Session("s", "acme", "https://acme.example", 0.0).scope

    assert acme == TenantScope.for_operator("acme")
    assert mark_of(acme) == mark("acme") != mark("acme ")
    for nobody in (TenantScope.for_operator(""), None, "acme", acme.company_id):
        with pytest.raises(Forbidden):
            mark_of(nobody)  # type: ignore[arg-type]

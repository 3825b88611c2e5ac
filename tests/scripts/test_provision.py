"""`aisdr provision` at the Tavus look-alike: looks, shows, asks, changes, and remembers."""

import json

import pytest
from typer.testing import CliRunner

from aisdr.errors import Conflict, InvalidInput
from aisdr.services import Services
from scripts.__main__ import app
from tests.material import a_company
from tests.tavus import Tavus

FACE, STOCK_PAL = "r90bbd427f71", "pcb7a34da5fe"


@pytest.fixture
def vendor(services: Services, tavus: Tavus) -> Tavus:
    """The operator's Tavus, with one company that has a face and no PAL yet."""
    services.tavus = tavus.client()
    tavus.reset(pals=True)
    services.companies.put(a_company(tavus_replica_id=FACE, tavus_persona_id=None), expected_version=0)
    return tavus


def run(*arguments: str, answer: str | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["provision", *arguments], input=answer, env={"COLUMNS": "160"})
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def pal_of(services: Services, company_id: str = "acme") -> str | None:
    return services.companies.get(company_id).tavus_persona_id


def test_a_look_changes_nothing(vendor: Tavus, services: Services) -> None:
    code, told = run("acme", "--dry-run")

    assert code == 0
    assert "acme: PAL (a new one)" in told
    assert "+ tool search_knowledge" in told
    assert pal_of(services) is None
    assert vendor.asked("POST", "/v2") == vendor.asked("PATCH", "/v2") == []


def test_nothing_is_changed_against_the_operators_word(vendor: Tavus, services: Services) -> None:
    code, told = run("acme", answer="n\n")

    assert code == 1
    assert "Change this at Tavus?" in told
    assert pal_of(services) is None
    assert vendor.asked("POST", "/v2") == []


def test_what_was_made_is_remembered_and_a_second_run_finds_nothing(vendor: Tavus, services: Services) -> None:
    code, told = run("acme", answer="y\n")

    pal_id = pal_of(services)
    assert code == 0
    assert pal_id is not None
    assert f'Write tavusPersonaId = "{pal_id}" into company.toml' in told
    names = [tool["name"] for tool in services.tavus.pal_tools(pal_id)]
    assert names == [spec.name for spec in services.tools.specs(services.companies.get("acme"))]
    assert "nothing is different" in run("acme")[1]


def test_a_difference_is_shown_line_by_line(vendor: Tavus, services: Services) -> None:
    run("acme", "--yes")
    stored = services.companies.stored("acme")
    assert stored is not None
    changed = stored.company.model_copy(update={"short_description": "We sell anvils.", "languages": ("en", "de")})
    services.companies.put(changed, expected_version=stored.version)

    told = run("acme", "--yes")[1]

    assert "~ PAL /system_prompt" in told
    assert "-     You are the AI sales representative of Acme." in told
    assert "+     You are the AI sales representative of Acme. We sell anvils." in told
    assert '~ PAL /languages: ["en"] → ["en", "de"]' in told


def test_json_is_one_object_and_asks_nobody(vendor: Tavus, services: Services) -> None:
    with pytest.raises(InvalidInput, match="add --yes"):
        run("acme", "--json")

    result = CliRunner().invoke(app, ["provision", "acme", "--json", "--yes"])

    told = json.loads(result.stdout)
    assert (told["companyId"], told["tavusPersonaId"], told["changed"]) == ("acme", pal_of(services), True)
    assert "search_knowledge" in told["tools"]


def test_the_avatar_of_another_company_is_not_overwritten(vendor: Tavus, services: Services) -> None:
    run("acme", "--yes")
    shared = pal_of(services)
    assert shared is not None
    before = services.tavus.get_pal(shared)
    globex = a_company("globex", tavus_replica_id=FACE, tavus_persona_id=shared)
    services.companies.put(globex, expected_version=0)

    with pytest.raises(Conflict, match=r"as 'acme'.*`aisdr provision globex --create` makes a PAL of its own"):
        run("globex", "--yes")
    assert services.tavus.get_pal(shared) == before

    run("globex", "--yes", "--create")
    assert services.tavus.get_pal(shared) == before
    assert pal_of(services, "globex") not in (None, shared)


@pytest.mark.parametrize("named", [STOCK_PAL, "p0000"])
def test_a_company_that_names_a_pal_which_cannot_be_its_own_gets_one(
    vendor: Tavus, services: Services, named: str
) -> None:
    globex = a_company("globex", tavus_replica_id=FACE, tavus_persona_id=named)
    services.companies.put(globex, expected_version=0)
    with pytest.raises(InvalidInput, match="--create"):
        run("globex", "--yes")

    for _ in range(2):
        run("globex", "--yes", "--create")

    (made,) = services.tavus.list_pals()
    assert pal_of(services, "globex") == made["pal_id"]


def test_documents_that_failed_are_shown_with_what_helps(vendor: Tavus, services: Services) -> None:
    scope = services.companies.get("acme").operator_scope
    services.documents.register(scope, "Pricing", "https://acme.example/fail-download", ())
    services.documents.register(scope, "Terms", "https://acme.example/terms", ())
    vendor.advance(60)
    services.documents.refresh(scope)

    told = run("acme", "--dry-run")[1]

    assert "Tavus documents: 1 failed, 1 ready" in told
    assert "failed  Pricing: file_download_failed; Tavus must be able to fetch it: AISDR_PUBLIC_URL" in told

"""`aisdr provision` against the Tavus look-alike."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from aisdr.company import Company
from aisdr.errors import Conflict, InvalidInput
from aisdr.inference.base import ToolSpec
from aisdr.live.tavus_api import TavusClient
from aisdr.services import Services
from dev.serve import serving
from dev.tavus.app import create_app
from scripts.provision import provision, provision_company

TOOL = ToolSpec(
    "search_knowledge", "Search the material.", {"type": "object", "properties": {"query": {"type": "string"}}}
)
OTHER = ToolSpec("log_lead", "Store a lead.", {"type": "object", "properties": {}})
COMPANY = Company(
    company_id="acme",
    slug="acme",
    display_name="Acme",
    website_url="https://acme.example",
    tavus_replica_id="r90bbd427f71",
)


@pytest.fixture
def tavus() -> Iterator[TavusClient]:
    with serving(create_app()) as url:
        yield TavusClient(url, SecretStr("tvsk_test"))


def test_a_company_without_a_pal_gets_one_with_our_prompt_and_tools(tavus: TavusClient) -> None:
    pal_id = provision_company(tavus, COMPANY, [TOOL], {TOOL.name})

    pal = tavus.get_pal(pal_id)
    assert "search_knowledge" in pal["system_prompt"]
    assert pal["pal_name"] == "Acme (AI SDR)"


def test_repeating_updates_the_same_tool_and_pal(tavus: TavusClient) -> None:
    pal_id = provision_company(tavus, COMPANY, [TOOL], {TOOL.name})
    known = COMPANY.model_copy(update={"tavus_persona_id": pal_id, "short_description": "We sell anvils."})

    again = provision_company(tavus, known, [TOOL], {TOOL.name})

    assert again == pal_id
    assert "We sell anvils." in tavus.get_pal(pal_id)["system_prompt"]


def test_a_tool_that_the_company_no_longer_allows_is_taken_away(tavus: TavusClient) -> None:
    pal_id = provision_company(tavus, COMPANY, [TOOL], {TOOL.name})
    known = COMPANY.model_copy(update={"tavus_persona_id": pal_id})

    provision_company(tavus, known, [OTHER], {TOOL.name, OTHER.name})

    assert [tool["name"] for tool in tavus.pal_tools(pal_id)] == [OTHER.name]


def test_a_company_without_a_face_is_refused_by_name() -> None:
    faceless = COMPANY.model_copy(update={"tavus_replica_id": None})

    with pytest.raises(InvalidInput, match="'acme' has no tavusReplicaId"):
        provision_company(TavusClient("http://127.0.0.1:9", SecretStr("tvsk_test")), faceless, [TOOL], {TOOL.name})


def test_the_avatar_of_another_company_is_not_overwritten(tavus: TavusClient, services: Services) -> None:
    pal_id = provision_company(tavus, COMPANY, [TOOL], {TOOL.name})
    other = COMPANY.model_copy(update={"company_id": "globex", "slug": "globex"})
    for company in (COMPANY, other):
        company = company.model_copy(update={"tavus_persona_id": pal_id})
        services.companies.put(company, expected_version=0)
    services.tavus = tavus
    before = tavus.get_pal(pal_id)

    with pytest.raises(Conflict, match=r"as 'acme'.*Remove tavusPersonaId.*of 'globex'"):
        provision("globex")

    assert tavus.get_pal(pal_id) == before

"""A company's PAL against the Tavus look-alike: what it becomes, and that a second look finds nothing to do."""

from dataclasses import dataclass
from typing import Any

import pytest

from aisdr.company import Company
from aisdr.configuration import Avatar, Persona
from aisdr.errors import Conflict, InvalidInput
from aisdr.inference.base import ToolSpec
from aisdr.live.tavus_pal import Provisioning
from aisdr.own_tools import HttpTool
from tests.material import a_company
from tests.tavus import Tavus, running_tavus

FACE, STOCK_PAL = "r90bbd427f71", "pcb7a34da5fe"
SEARCH = ToolSpec("search_knowledge", "Look facts up.", {"type": "object", "properties": {"query": {"type": "string"}}})
LEAD = ToolSpec("log_lead", "Store a lead.", {"type": "object", "properties": {}})
STOCK = ToolSpec("check_stock", "Asks the shop.", {"type": "object", "properties": {}})
OURS = {SEARCH.name, LEAD.name}


def acme(**changes: Any) -> Company:
    return a_company(**{"tavus_replica_id": FACE, "tools": ("search_knowledge", "log_lead")} | changes)


@dataclass
class Account:
    """Tavus, and the operator who provisions."""

    tavus: Tavus

    def provision(self, company: Company, *specs: ToolSpec, own: bool = False) -> str:
        provisioning = Provisioning(self.tavus.client())
        return provisioning.apply(provisioning.plan(company, specs or (SEARCH, LEAD), OURS, own=own))

    def changes(self, company: Company, *specs: ToolSpec) -> list[str]:
        return [
            each.what for each in Provisioning(self.tavus.client()).plan(company, specs or (SEARCH, LEAD), OURS).changes
        ]

    def pal(self, pal_id: str) -> dict[str, Any]:
        return self.tavus.client().get_pal(pal_id)

    def tools(self, pal_id: str) -> list[str]:
        return [tool["name"] for tool in self.tavus.client().pal_tools(pal_id)]

    def rules(self, pal_id: str) -> list[str]:
        known = {each["uuid"]: each["guardrail_prompt"] for each in self.tavus.client().list_guardrails()}
        return [known[each] for each in self.pal(pal_id)["guardrail_ids"]]

    def writes(self) -> list[str]:
        return [
            f"{each['method']} {each['path']}"
            for method in ("POST", "PATCH", "DELETE")
            for each in self.tavus.asked(method, "/v2")
        ]


@pytest.fixture
def operator(tavus: Tavus) -> Account:
    tavus.reset(pals=True)
    return Account(tavus)


def test_a_company_without_a_pal_gets_one_with_all_that_its_configuration_says(operator: Account) -> None:
    avatar = Avatar(model="tavus-claude-haiku-4.5", patience="high", idle_engagement="eager", hotwords=("Anvil 3000",))
    company = acme(
        short_description="We sell anvils.",
        languages=("en", "de-AT"),
        greeting="Hi there",
        use_tavus_kb=True,
        tavus_document_tags=("acme",),
        avatar=avatar,
        persona=Persona(dont=("Promise discounts.",)),
    )

    pal_id = operator.provision(company)

    pal = operator.pal(pal_id)
    assert pal["system_prompt"].startswith("You are the AI sales representative of Acme. We sell anvils.")
    assert (pal["default_face_id"], pal["languages"], pal["greeting"]) == (FACE, ["en", "de"], "Hi there")
    assert pal["document_tags"] == ["acme"]
    assert pal["layers"] == {
        "perception": {"perception_model": "off"},
        "conversational_flow": {
            "turn_taking_patience": "high",
            "pal_interruptibility": "medium",
            "idle_engagement": "eager",
        },
        "stt": {"hotwords": "Acme, Anvil 3000"},
        "llm": {"model": "tavus-claude-haiku-4.5"},
    }
    assert operator.tools(pal_id) == ["search_knowledge", "log_lead"]
    assert operator.rules(pal_id) == ["The assistant must never do this: Promise discounts."]


def test_whatever_we_send_fits_the_vendors_tables(operator: Account) -> None:
    company = acme(avatar=Avatar(guardrails=("Talk about politics.",)), languages=("en", "nb", "xx"))
    pal_id = operator.provision(company)
    operator.provision(acme(tavus_persona_id=pal_id, avatar=Avatar(perception=True)), SEARCH)

    asked = [each for method in ("POST", "PATCH") for each in operator.tavus.asked(method, "/v2")]
    assert {each["path"].split("/")[2] for each in asked} == {"pals", "tools", "guardrails"}
    assert [each for each in asked if each["unknown_fields"] or each["violations"]] == []


@pytest.mark.parametrize("names", ["both", "new", "legacy"])
def test_a_second_look_finds_nothing_to_do_in_either_vocabulary(names: str) -> None:
    with running_tavus(names=names) as tavus:
        operator = Account(tavus)
        company = acme(persona=Persona(dont=("Promise discounts.",)))
        known = company.model_copy(update={"tavus_persona_id": operator.provision(company)})
        before = operator.writes()

        assert operator.changes(known) == []
        operator.provision(known)

        assert operator.writes() == before


def test_only_what_changed_is_written(operator: Account) -> None:
    pal_id = operator.provision(acme())
    changed = acme(tavus_persona_id=pal_id, greeting="Welcome", avatar=Avatar(interruptibility="low"))

    assert operator.changes(changed) == ["PAL /layers/conversational_flow/pal_interruptibility", "PAL /greeting"]
    operator.provision(changed)

    (patch,) = operator.tavus.asked("PATCH", "/v2")
    assert [each["path"] for each in patch["body"]] == [
        "/layers/conversational_flow/pal_interruptibility",
        "/greeting",
    ]
    assert operator.changes(changed) == []


def test_a_layer_that_a_pal_does_not_have_yet_is_added_whole(operator: Account) -> None:
    client = operator.tavus.client()
    bare = client.create_pal({"pal_name": "Bare", "system_prompt": "Sell.", "default_face_id": FACE})

    operator.provision(acme(tavus_persona_id=bare))

    assert operator.pal(bare)["layers"]["stt"] == {"hotwords": "Acme"}
    assert operator.changes(acme(tavus_persona_id=bare)) == []


def test_what_the_configuration_leaves_open_stays_as_it_is(operator: Account) -> None:
    pal_id = operator.provision(acme())
    by_hand: list[dict[str, Any]] = [
        {"op": "add", "path": "/layers/llm", "value": {"model": "tavus-gemini-3-flash"}},
        {"op": "add", "path": "/guardrail_ids", "value": ["somebody-elses"]},
    ]
    operator.tavus.client().patch_pal(pal_id, by_hand)

    operator.provision(acme(tavus_persona_id=pal_id, persona=Persona(dont=("Lie.",))))

    pal = operator.pal(pal_id)
    assert pal["layers"]["llm"] == {"model": "tavus-gemini-3-flash"}
    assert pal["guardrail_ids"][0] == "somebody-elses"
    assert len(pal["guardrail_ids"]) == 2


def test_a_tool_that_the_company_no_longer_allows_is_taken_away_and_foreign_ones_stay(operator: Account) -> None:
    pal_id = operator.provision(acme())
    client = operator.tavus.client()
    client.attach_tools(pal_id, [client.create_tool({"name": "end_call"})])
    known = acme(tavus_persona_id=pal_id)

    assert operator.changes(known, SEARCH) == ["tool log_lead"]
    operator.provision(known, SEARCH)

    assert operator.tools(pal_id) == ["search_knowledge", "end_call"]


def test_a_tool_with_an_older_definition_is_brought_up_to_date(operator: Account) -> None:
    pal_id = operator.provision(acme())
    newer = ToolSpec(SEARCH.name, "Look facts up, always.", SEARCH.parameters)

    operator.provision(acme(tavus_persona_id=pal_id), newer, LEAD)

    tools = {each["name"]: each for each in operator.tavus.client().list_tools()}
    assert len(tools) == 2
    assert tools["search_knowledge"]["description"] == "Look facts up, always."


def test_two_companies_may_be_provisioned_at_once(operator: Account) -> None:
    provisioning = Provisioning(operator.tavus.client())
    globex = acme(company_id="globex", slug="globex")
    plans = [provisioning.plan(company, (SEARCH, LEAD), OURS) for company in (acme(), globex)]

    pal_ids = [provisioning.apply(plan) for plan in plans]

    assert len(operator.tavus.client().list_tools()) == 2
    assert [operator.tools(pal_id) for pal_id in pal_ids] == [["search_knowledge", "log_lead"]] * 2


def test_a_rule_that_was_changed_replaces_the_old_one(operator: Account) -> None:
    company = acme(persona=Persona(dont=("Lie.", "Promise discounts.")))
    pal_id = operator.provision(company)

    operator.provision(acme(tavus_persona_id=pal_id, persona=Persona(dont=("Lie.", "Promise dates."))))

    rules = ["The assistant must never do this: Lie.", "The assistant must never do this: Promise dates."]
    assert operator.rules(pal_id) == rules
    assert len(operator.tavus.client().list_guardrails()) == 2


def test_guardrails_of_a_company_with_a_similar_name_are_left_alone(operator: Account) -> None:
    operator.provision(acme(company_id="acme-co", slug="acme-co", persona=Persona(dont=("Lie.",))))

    operator.provision(acme(persona=Persona(dont=("Shout.",))))
    operator.provision(acme())

    assert [each["tags"] for each in operator.tavus.client().list_guardrails()] == [["aisdr", "acme-co"]]


def test_a_pal_whose_id_was_lost_is_found_again_by_its_name(operator: Account) -> None:
    pal_id = operator.provision(acme())

    assert operator.provision(acme()) == pal_id
    assert operator.provision(acme(tavus_persona_id=STOCK_PAL), own=True) == pal_id


def test_a_pal_of_tavus_itself_is_not_touched(operator: Account) -> None:
    with pytest.raises(InvalidInput, match="Tavus's own and cannot be changed: `aisdr provision acme --create`"):
        operator.changes(acme(tavus_persona_id=STOCK_PAL))


def test_a_pal_that_tavus_does_not_know_is_named_with_what_helps(operator: Account) -> None:
    with pytest.raises(InvalidInput, match=r"does not know the PAL 'p000' of 'acme': `aisdr provision acme --create`"):
        operator.changes(acme(tavus_persona_id="p000"))


def test_a_company_without_a_face_is_refused_by_name(operator: Account) -> None:
    with pytest.raises(InvalidInput, match="'acme' has no tavusReplicaId"):
        operator.changes(acme(tavus_replica_id=None))

    assert operator.writes() == []


def test_tools_of_two_companies_do_not_overwrite_each_other(operator: Account) -> None:
    tool = HttpTool(
        name="check_stock",
        description="Asks the shop's own system.",
        parameters={"type": "object", "properties": {}},
        url="https://acme.example/stock",
        secret="whsec_" + "QUJD" * 8,
    )
    operator.provision(acme(http_tools=(tool,)), STOCK)
    other = acme(company_id="globex", slug="globex", http_tools=(tool,))

    with pytest.raises(Conflict, match="'check_stock' of 'globex' has the name of a tool of 'acme'"):
        operator.changes(other, STOCK)

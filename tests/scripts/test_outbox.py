"""`aisdr outbox`: what waits and what died, without its content, and another chance for dead letters."""

import json

import pytest
from typer.testing import CliRunner, Result

from aisdr.company import Company
from aisdr.configuration import Webhook
from aisdr.errors import NotFound
from aisdr.lead import Lead
from aisdr.outbox import Message
from aisdr.services import Services
from scripts.outbox import outbox
from tests.material import ORIGIN, a_company
from tests.webhook_receiver import SECRET


def aisdr_outbox(*arguments: str) -> Result:
    return CliRunner().invoke(outbox, list(arguments))


@pytest.fixture
def acme(services: Services) -> Company:
    company = a_company(webhook=Webhook(url="https://hooks.acme.example/", secrets=(SECRET,)))
    services.companies.put(company, expected_version=0)
    services.companies.put(a_company("globex"), expected_version=0)
    session = services.sessions.open(company, ORIGIN, "1")
    for name in ("jane", "joe"):
        services.leads.add(company, session, Lead(email=f"{name}@example.com"))
    return company


def bury_one(services: Services, company: Company) -> Message:
    message = next(services.outbox.due())
    claimed = services.outbox.claim(message)
    assert claimed is not None
    services.outbox.bury(claimed, "410 Gone")
    return claimed


def states(services: Services, company: Company) -> list[str]:
    return sorted(message.state for message in services.outbox.each(company.operator_scope))


def test_messages_are_listed_without_what_they_tell(services: Services, acme: Company) -> None:
    dead = bury_one(services, acme)

    done = aisdr_outbox("list", "--company", "acme", "--json")

    told = {each["id"]: each for each in json.loads(done.stdout)["messages"]}
    assert len(told) == 2
    assert (told[dead.message_id]["state"], told[dead.message_id]["reason"]) == ("dead", "410 Gone")
    assert told[dead.message_id]["nextAttemptAt"] is None
    assert "example.com" not in done.stdout
    assert "1 dead, 1 pending" in aisdr_outbox("list", "--company", "acme").stdout


def test_a_list_can_be_of_one_state_and_is_of_one_company(services: Services, acme: Company) -> None:
    dead = bury_one(services, acme)

    found = json.loads(aisdr_outbox("list", "--company", "acme", "--state", "dead", "--json").stdout)["messages"]

    assert [each["id"] for each in found] == [dead.message_id]
    assert "no messages" in aisdr_outbox("list", "--company", "globex").stdout


def test_all_dead_letters_of_a_company_can_be_sent_again(services: Services, acme: Company) -> None:
    bury_one(services, acme)
    bury_one(services, acme)
    assert states(services, acme) == ["dead", "dead"]

    done = aisdr_outbox("retry", "--company", "acme")

    assert "2 messages will be sent again" in done.stdout
    assert states(services, acme) == ["pending", "pending"]
    assert {message.attempts for message in services.outbox.due()} == {0}


def test_one_dead_letter_can_be_sent_again(services: Services, acme: Company) -> None:
    bury_one(services, acme)
    wanted = bury_one(services, acme)

    done = aisdr_outbox("retry", wanted.message_id, "--company", "acme", "--json")

    assert json.loads(done.stdout) == {"retried": [wanted.message_id]}
    assert states(services, acme) == ["dead", "pending"]


def test_a_message_of_another_company_is_not_found(services: Services, acme: Company) -> None:
    dead = bury_one(services, acme)

    done = aisdr_outbox("retry", dead.message_id, "--company", "globex")

    assert isinstance(done.exception, NotFound)
    assert states(services, acme) == ["dead", "pending"]

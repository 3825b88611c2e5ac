"""log_lead: an address as it was written or spoken becomes a lead, and nothing else does."""

import pytest
from pydantic import ValidationError

from aisdr.answer import LeadCard
from aisdr.company import TenantScope
from aisdr.lead import Leads
from aisdr.session import Session
from aisdr.table import Table
from aisdr.tools.base import ToolContext
from aisdr.tools.log_lead import LogLead, LogLeadArguments
from tests.material import ORIGIN, Clock, a_company


def test_a_lead_is_stored_and_shown_as_it_was_stored(conversations_table: Table, clock: Clock) -> None:
    leads = Leads(conversations_table, clock)
    context = ToolContext(a_company(), Session("s1", "acme", ORIGIN, clock.now, "7"))

    outcome = LogLead(leads).run(
        context, LogLeadArguments(email="jane@example.com", name="Jane", company="Globex", message="Call me")
    )

    (stored,) = leads.list(TenantScope("acme"))
    assert (stored.lead.message, stored.consent_version) == ("Call me", "7")
    assert outcome.result["leadId"] == stored.lead_id
    assert outcome.cards == (LeadCard(name="Jane", email="jane@example.com", company="Globex"),)


@pytest.mark.parametrize(
    "spoken",
    [
        "jane.doe@example.com",
        "  jane.doe@example.com ",
        "jane dot doe at example dot com",
        "jane.doe at example.com",
        "jane.doe AT example DOT com",
        "jane.doe@example dot com",
    ],
)
def test_a_spoken_address_is_understood(spoken: str) -> None:
    assert LogLeadArguments(email=spoken).email == "jane.doe@example.com"


@pytest.mark.parametrize(
    "spoken",
    ["", "jane", "at", "at example dot com", "look at jane at example dot com", "jane@example", "5", "a@b@c.de"],
)
def test_what_is_no_address_is_refused(spoken: str) -> None:
    with pytest.raises(ValidationError):
        LogLeadArguments(email=spoken)


@pytest.mark.parametrize("value", [None, 5, ["jane@example.com"], {"at": "example.com"}])
def test_an_address_is_text(value: object) -> None:
    with pytest.raises(ValidationError):
        LogLeadArguments.model_validate({"email": value})

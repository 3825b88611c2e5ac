"""The list of all tools: described without being built exactly as the registry describes them."""

import pytest

from aisdr.services import Services
from aisdr.tools.members import TOOL_NAMES
from tests.material import a_company

OWN = {
    "name": "reserve_demo",
    "description": "Reserve a demo device for the visitor.",
    "parameters": {"required": ["city"], "properties": {"city": {"type": "string"}}},
    "url": "https://tools.acme.example/reserve",
    "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTwjU",
}


@pytest.mark.parametrize("tools", [tuple(sorted(TOOL_NAMES)), ("log_lead",), ()])
def test_a_call_is_told_the_same_tools_as_the_agent(services: Services, tools: tuple[str, ...]) -> None:
    company = a_company(tools=tools, http_tools=[OWN])

    told = services.described_tools(company)

    assert {each.name: each for each in told} == {each.name: each for each in services.tools.specs(company)}
    assert len(told) == len(tools) + 1

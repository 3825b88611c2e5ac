"""Arguments as a schema for every brain and as a form for the visitor."""

import json
from typing import Any

import pytest
from openai.types.realtime import RealtimeFunctionTool

from aisdr.answer import FormField
from aisdr.services import Services
from aisdr.tools.form import filled_in, form_of
from aisdr.tools.log_lead import LogLeadArguments
from aisdr.tools.members import TOOL_NAMES, WRITING_TOOL_NAMES
from tests.material import a_company
from tests.tools.company_server import reserve_demo

PLAIN = {"type", "description", "enum", "default", "minLength", "maxLength", "minimum", "maximum"}
"""What the models behind Tavus, OpenAI and Bedrock all understand of one property."""


def all_specs(services: Services) -> dict[str, dict[str, Any]]:
    company = a_company(tools=tuple(TOOL_NAMES), http_tools=(reserve_demo("https://acme.example"),))
    return {spec.name: spec.parameters for spec in services.tools.specs(company)}


def test_the_names_that_are_known_are_the_tools_there_are(services: Services) -> None:
    assert {spec.name for spec in services.tools.specs()} == TOOL_NAMES
    assert sorted(WRITING_TOOL_NAMES) == ["log_lead", "request_human"]


def test_every_schema_is_one_level_of_plain_properties(services: Services) -> None:
    for name, schema in all_specs(services).items():
        assert set(schema) == {"type", "properties", "required", "additionalProperties"}, name
        for described in schema["properties"].values():
            assert set(described) <= PLAIN, name
            assert described["type"] in ("string", "number", "integer", "boolean"), name
            assert described.get("default", 0) is not None, name
        assert set(schema["required"]) <= set(schema["properties"]), name
        assert json.loads(json.dumps(schema)) == schema


def test_every_tool_is_a_flat_function_tool_of_the_realtime_voice(services: Services) -> None:
    for spec in services.tools.specs():
        tool = RealtimeFunctionTool(
            type="function", name=spec.name, description=spec.description, parameters=spec.parameters
        )

        assert tool.name == spec.name
        assert len(spec.description) + len(json.dumps(spec.parameters)) < 10_000


def test_a_form_shows_every_value_under_plain_words() -> None:
    form = form_of(LogLeadArguments(email="jane@example.com", name="Jane"))

    assert form[:2] == (
        FormField(name="email", label="E-mail address", value="jane@example.com", kind="email", required=True),
        FormField(name="name", label="Name", value="Jane"),
    )
    assert [(field.name, field.kind) for field in form[2:]] == [
        ("company", "text"),
        ("phone", "tel"),
        ("message", "multiline"),
        ("qualification", "multiline"),
    ]


@pytest.mark.parametrize(
    ("values", "meant"),
    [
        ({}, {"email": "jane@example.com", "name": "Jane"}),
        ({"name": " Joan "}, {"email": "jane@example.com", "name": "Joan"}),
        ({"name": " "}, {"email": "jane@example.com"}),
        ({"phone": "1"}, {"email": "jane@example.com", "name": "Jane", "phone": "1"}),
    ],
)
def test_what_the_visitor_corrected_replaces_what_was_said(values: dict[str, str], meant: dict[str, str]) -> None:
    assert filled_in({"email": "jane@example.com", "name": "Jane"}, values) == meant

"""What is deployed is what runs here: the same routes, tables, settings and header."""

import re
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import pytest

from aisdr.edge import HEADER
from aisdr.settings import SECRETS, VARIABLES, Settings
from aisdr.table.schema import TIME_TO_LIVE, table_definition
from functions import FUNCTIONS
from tests.infra.templates import Synthesis, Template

pytestmark = pytest.mark.slow
MADE_BY_HAND = {
    "AISDR_EXPLAIN": "for an operator's own machine, never where visitors are",
    "AISDR_TRANSCRIBER": "for the operator's machine: no function reads recordings",
    "AISDR_DESCRIBER": "for the operator's machine: no function reads pictures",
    "AISDR_AUDIT_LOG": "for the operator's machine: what functions decide is handed on from their own logs",
    **dict.fromkeys(SECRETS, "no secret stands in a function's configuration"),
}
"""Settings that no template may hold."""
BOUNDS = ("AISDR_MOST_SOCKETS", "AISDR_NETWORK_SOCKETS", "AISDR_STORE_SECONDS")


def routes(api: Template, kind: str) -> dict[str, str]:
    """Route key -> function, through its integration and its alias."""
    found = {}
    names = {name: each["Handler"] for name, each in api.of_type("Lambda::Function").items()}
    protocols = {name: each["ProtocolType"] for name, each in api.of_type("ApiGatewayV2::Api").items()}
    integrations, aliases = api.of_type("ApiGatewayV2::Integration"), api.of_type("Lambda::Alias")
    for route in api.of_type("ApiGatewayV2::Route").values():
        if protocols[api.target(route["ApiId"])] == kind:
            alias = aliases[api.target(integrations[api.target(route["Target"])]["IntegrationUri"])]
            assert alias["Name"] == "live"
            handler = names[api.target(alias["FunctionName"])]
            found[route["RouteKey"]] = handler.removeprefix("functions.").removesuffix(".handler.handler")
    return found


@pytest.mark.parametrize("kind", ["HTTP", "WEBSOCKET"])
def test_routes_lead_to_the_function_that_declares_them(synthesis: Synthesis, kind: str) -> None:
    declared = {
        route: function.name
        for function in FUNCTIONS
        for route in function.routes
        if route.startswith("$") == (kind == "WEBSOCKET")
    }

    assert routes(synthesis["Api"], kind) == declared


def test_the_routes_are_those_of_the_applications(syntheses: Mapping[str, Synthesis]) -> None:
    deployed = {route for route in routes(syntheses["dev"]["Api"], "HTTP") if not route.startswith("OPTIONS")}
    served = set()
    for function in FUNCTIONS:
        app = getattr(import_module(function.handler.rpartition(".")[0]), "app", None)
        for route in app.routes if app else ():
            served |= {f"{method} {route.path}" for method in route.methods}

    assert deployed == served


@pytest.mark.parametrize(("table", "with_open_index"), [("companies", False), ("conversations", True)])
def test_the_tables_are_the_local_ones(
    synthesis: Synthesis, table: str, with_open_index: bool, clients: tuple[Any, Any], aws: Any
) -> None:
    tables = synthesis["Data"].of_type("DynamoDB::GlobalTable").values()
    (deployed,) = [each for each in tables if each["TableName"].endswith(table)]
    definition = table_definition(deployed["TableName"], with_open_index=with_open_index)
    made = {name: deployed[name] for name in definition if name in deployed}

    aws.create_table(**made)

    found = aws.describe_table(TableName=deployed["TableName"])["Table"]
    aws.delete_table(TableName=deployed["TableName"])
    aws.create_table(**definition)
    ours = aws.describe_table(TableName=deployed["TableName"])["Table"]
    assert shape(found) == shape(ours)
    assert deployed["TimeToLiveSpecification"] == {"AttributeName": TIME_TO_LIVE, "Enabled": True}
    (replica,) = deployed["Replicas"]
    assert replica["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert deployed["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}


def shape(table: dict[str, Any]) -> dict[str, Any]:
    indexes = table.get("GlobalSecondaryIndexes", [])
    return {
        "keys": table["KeySchema"],
        "types": sorted(map(str, table["AttributeDefinitions"])),
        "indexes": [(each["IndexName"], each["KeySchema"], each["Projection"]) for each in indexes],
        "billing": table["BillingModeSummary"]["BillingMode"],
    }


def test_data_that_is_to_be_kept_outlives_its_stack(syntheses: Mapping[str, Synthesis]) -> None:
    kept = syntheses["prod"]["Data"].body["Resources"].values()
    precious = [each for each in kept if each["Type"] in ("AWS::DynamoDB::GlobalTable", "AWS::KMS::Key")]

    assert len(precious) == 3
    assert all(each["DeletionPolicy"] == each["UpdateReplacePolicy"] == "Retain" for each in precious)
    assert all(
        table["Replicas"][0]["DeletionProtectionEnabled"]
        for table in syntheses["prod"]["Data"].of_type("DynamoDB::GlobalTable").values()
    )


def test_every_environment_variable_is_a_setting_and_no_setting_is_forgotten(
    syntheses: Mapping[str, Synthesis],
) -> None:
    known = set(VARIABLES.values())
    told = {
        name
        for environment in ("dev", "prod", "bedrock")
        for function in syntheses[environment].functions().values()
        for name in function["Environment"]["Variables"]
    }

    assert told == known - set(MADE_BY_HAND)


def test_settings_can_be_read_from_what_a_function_is_told(synthesis: Synthesis) -> None:
    for function in synthesis.functions().values():
        told = function["Environment"]["Variables"]
        values = {
            name: value if isinstance(value, str) else "https://resolved.at/deployment" for name, value in told.items()
        }

        settings = Settings.from_environment(values)

        assert settings.public_url.startswith("https://")
        assert settings.websocket_url == settings.public_url.replace("https", "wss") + "/ws"
        assert settings.companies_table.endswith("companies")


def test_the_bounds_of_an_environment_reach_its_functions(syntheses: Mapping[str, Synthesis]) -> None:
    def told(environment: str) -> set[tuple[int, int, float]]:
        functions = syntheses[environment].functions().values()
        settings = [
            Settings.from_environment({name: each["Environment"]["Variables"][name] for name in BOUNDS})
            for each in functions
        ]
        return {(each.most_sockets, each.network_sockets, each.store_seconds) for each in settings}

    assert told("bedrock") == {(500, 60, 2.5)}
    ours = Settings()
    assert told("dev") == {(ours.most_sockets, ours.network_sockets, ours.store_seconds)}


def test_functions_are_as_the_table_of_functions_says(synthesis: Synthesis) -> None:
    made = synthesis.functions()

    assert {name: each["Handler"] for name, each in made.items()} == {each.name: each.handler for each in FUNCTIONS}
    assert {each["Runtime"] for each in made.values()} == {"python3.13"}
    assert {tuple(each["Architectures"]) for each in made.values()} == {("arm64",)}


def test_the_clock_calls_what_has_a_schedule(synthesis: Synthesis) -> None:
    api = synthesis["Api"]
    found = {}
    for rule in api.of_type("Events::Rule").values():
        (target,) = rule["Targets"]
        alias = api.of_type("Lambda::Alias")[api.target(target["Arn"])]
        found[api.of_type("Lambda::Function")[api.target(alias["FunctionName"])]["Handler"]] = rule[
            "ScheduleExpression"
        ]

    wanted = {each.handler: each.schedule_minutes for each in FUNCTIONS if each.schedule_minutes}
    assert {handler: int(re.findall(r"\d+", text)[0]) for handler, text in found.items()} == wanted


def test_the_distribution_brings_the_header_that_the_doors_ask_for(synthesis: Synthesis) -> None:
    origins = synthesis["Edge"].only("CloudFront::Distribution")["DistributionConfig"]["Origins"]
    passed_on = [each for each in origins if "execute-api" in str(each["DomainName"])]

    assert len(passed_on) == 2
    for origin in passed_on:
        (header,) = origin["OriginCustomHeaders"]
        assert header["HeaderName"] == HEADER
        assert re.fullmatch(
            r"\{\{resolve:secretsmanager:aisdr/\w+/edge-keys:SecretString:1:+\}\}", header["HeaderValue"]
        )
